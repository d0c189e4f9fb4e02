internal import Records

/// Handing an answer back.
extension Exchange {
    /// Bytes from the server.
    func answered(_ bytes: UnsafeRawBufferPointer) {
        // Nobody asked: a server that speaks unasked would have the next request answered by this.
        guard phase == .relaying, request != nil else { return dropServer() }
        guard answer == nil else { return passBody(bytes) }
        answerInput += bytes
        while answer == nil {
            switch answerReader.find(answerInput) {
            case .more: return
            case .wrong(let reason): return refuse(502, "the answer cannot be read: \(reason)")
            case .head(let head):
                answerInput.removeFirst(head.bytes.count)
                answerReader = HTTPHeadReader(request: false)
                guard begin(head) else { return }
            }
        }
        let rest = answerInput
        answerInput = []
        rest.withUnsafeBytes { passBody($0) }
        sendOutgoing()
    }

    /// False when this was the end of the exchange.
    private func begin(_ head: HTTPHead) -> Bool {
        guard case .answer(let status) = head.start, let request else { return false }
        if status == 101 {
            guard request.upgrades, let server, let place else {
                refuse(502, "the answer changes the protocol unasked")
                return false
            }
            sendHead(head, status, .none)
            let rest = answerInput
            becomeTunnel(server, to: place, check: false)
            client.send(rest)
            return false
        }
        guard let framing = head.framing(answering: request.method) else {
            refuse(502, "where the answer ends can be read in two ways")
            return false
        }
        if status < 200 {
            // HTTP/1.0 has none of these.
            if request.minor == 1 { sendHead(head, status, .none) }
            return true
        }
        guard framing != .chunked || request.minor == 1 else {
            refuse(502, "the answer is in chunks, which HTTP/1.0 has not")
            return false
        }
        let words = head.words("connection")
        serverKeeps = head.minor == 1 ? !words.contains("close") : words.contains("keep-alive")
        if framing == .untilEnd { serverKeeps = false }
        sendHead(head, status, framing)
        answer = HTTPBody(framing, strict: false)
        isUsed = true
        return true
    }

    private func sendHead(_ head: HTTPHead, _ status: Int, _ framing: HTTPBody.Framing) {
        guard let request else { return }
        var left = Self.own.subtracting(["host"])
        for word in head.words("connection") { left.insert(word) }
        // Of an answer without a body it says how long that would be.
        if framing == .none { left.remove("content-length") }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(head.bytes.count + 128)
        bytes += "HTTP/1.\(request.minor) \(status) ".utf8
        bytes += head.reason
        bytes += [13, 10]
        if case .broker(let desk, let port) = entrance, let place = head.values("location").first {
            left.insert("location")
            let text = String(decoding: place, as: UTF8.self)
            bytes += "Location: \(desk.inside(text, port: port) ?? text)\r\n".utf8
        }
        append(head, without: left, to: &bytes)
        switch framing {
        case .length(let count): bytes += "Content-Length: \(count)\r\n".utf8
        case .chunked: bytes += "Transfer-Encoding: chunked\r\n".utf8
        case .none, .untilEnd: break
        }
        if status == 101, let value = head.values("upgrade").first {
            bytes += "Connection: Upgrade\r\nUpgrade: ".utf8
            bytes += value + [13, 10]
        } else if status >= 200 {
            if !request.keeps || framing == .untilEnd {
                bytes += "Connection: close\r\n".utf8
            } else if request.minor == 0 {
                bytes += "Connection: keep-alive\r\n".utf8
            }
        }
        bytes += [13, 10]
        if var own = mask {
            mask = nil
            bytes = own.pass(bytes) + own.finish()
            if case .broker(let desk, _) = entrance { mask = Mask(desk.patterns) }
        }
        outgoing += bytes
        if status < 200 { sendOutgoing() }
    }

    private func sendOutgoing() {
        guard !outgoing.isEmpty else { return }
        client.send(outgoing)
        outgoing = []
    }

    private func passBody(_ bytes: UnsafeRawBufferPointer) {
        guard var body = answer, let count = body.take(bytes) else {
            return closeNow()
        }
        answer = body
        let own = UnsafeRawBufferPointer(rebasing: bytes[..<count])
        if mask != nil {
            sendOutgoing()
            client.send(mask?.pass(own) ?? [])
            if body.isDone { client.send(mask?.finish() ?? []) }
            holdUntil = mask?.isHolding == true ? service.loop.now + 1 : .infinity
            service.loop.sooner(holdUntil)
        } else if outgoing.isEmpty {
            client.send(own)
        } else {
            outgoing += own
            sendOutgoing()
        }
        if count < bytes.count { serverKeeps = false }
        if client.isFull { server?.reads = false }
        guard body.isDone else { return }
        // A request that the server did not want to hear to its end is not the beginning of another.
        if request?.body.isDone == true { finish() } else { leave() }
    }

    /// The server says nothing more.
    func serverEnded(whole: Bool) {
        guard phase == .relaying, request != nil else { return dropServer() }
        if whole {
            client.send(mask?.finish() ?? [])
            return finish()
        }
        if answer == nil {
            if askAgain() { return }
            return refuse(502, "the server closed the connection without an answer")
        }
        // The client must not take a part for the whole.
        closeNow()
    }
}
