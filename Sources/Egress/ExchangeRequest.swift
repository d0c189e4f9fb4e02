internal import Records
internal import Smelt

/// Deciding about a request and sending it on.
extension Exchange {
    /// Fields that are between two neighbours, and those that say where a message ends: the first are not sent on, the
    /// second are written anew.
    static let own: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization",
        "te", "trailer", "upgrade", "transfer-encoding", "content-length", "host",
    ]

    /// One request was read. Where it goes is decided before anything of it is sent.
    func take(_ head: HTTPHead) {
        guard case .request(let method) = head.start else { return }
        let connection = head.words("connection")
        guard !connection.contains(where: ["host", "content-length", "transfer-encoding"].contains)
        else { return refuse(400, "its Connection field names a field that is everybody's") }
        guard let framing = head.framing() else {
            return refuse(400, "where it ends can be read in two ways")
        }
        guard method != "TRACE" else { return refuse(405, "TRACE would show what is sent on") }
        if method == "CONNECT" { return connect(head, framing) }

        let keeps =
            head.minor == 1 ? !connection.contains("close") : connection.contains("keep-alive")
        request = Request(
            method: method, minor: head.minor, keeps: keeps, upgrades: false,
            body: HTTPBody(framing, strict: true), hasBody: framing != .none, head: [])
        switch entrance {
        case .broker(let desk, _): take(head, for: desk)
        case .proxy:
            guard head.target.first != UInt8(ascii: "/"), let target = HTTPTarget(head) else {
                return refuse(400, "it names no host that can be asked for, or two")
            }
            decide(head, target)
        case .host(let host, let port):
            guard let target = HTTPTarget(head, port: port) else {
                return refuse(400, "it names no host that can be asked for, or two")
            }
            guard target.host == host, target.port == port else {
                let reason = "its Host is not \(host), which was connected to"
                service.ledger.refuse("\(target.host)", target.port, reason)
                return refuse(403, "\(target.host):\(target.port): \(reason)")
            }
            decide(head, target)
        }
    }

    private func decide(_ head: HTTPHead, _ target: HTTPTarget) {
        let (host, port) = (target.host, target.port)
        let method = request?.method ?? ""
        switch service.policy.decide(host, port, method: method, path: target.plainPath) {
        case .refused(let reason):
            service.ledger.refuse("\(host)", port, reason)
            refuse(403, "\(host):\(port): \(reason)")
        case .allowed(let rule):
            // What is spoken afterwards is not read any more, so no rule may be about it.
            let upgrade = rule.isPlainOnly ? nil : upgrade(head)
            request?.upgrades = upgrade != nil
            let written = write(
                head, path: target.path, authority: target.authority(standard: 80),
                upgrade: upgrade)
            request?.head = written
            let place = Place(host: host, port: port)
            if server != nil, self.place == place {
                service.ledger.allow(host, port, rule)
                return send()
            }
            reach(place) { [service] then in service.dial(host, port, rule, then) }
        }
    }

    private func take(_ head: HTTPHead, for desk: BrokerDesk) {
        let path = String(decoding: head.target, as: UTF8.self)
        let host = desk.upstream.host
        guard path.hasPrefix("/"), !path.contains("#") else {
            return refuse(400, "a broker takes paths")
        }
        let plain = String(path.prefix { $0 != "?" })
        // It would lead out of the path that the upstream was named with.
        guard !BrokerDesk.climbs(plain) else {
            return refuse(400, "a path to a broker has no '.' and '..' in it")
        }
        switch desk.decide(method: request?.method ?? "", path: plain) {
        case .refused(let reason):
            service.ledger.refuse(
                "\(host)", desk.upstream.port, "broker \(desk.broker.name): \(reason)")
            refuse(403, "broker \(desk.broker.name): \(reason)")
        case .allowed(let rule):
            let written = write(
                head, path: desk.upstream.path + path, authority: desk.authority, upgrade: nil,
                desk: desk)
            request?.head = written
            mask = Mask(desk.patterns)
            let place = Place(host: host, port: desk.upstream.port)
            if server != nil {
                service.ledger.allow(host, place.port, rule)
                return send()
            }
            reach(place) { [service] then in
                desk.connect(service) { outcome in
                    switch outcome {
                    case .success: service.ledger.allow(host, place.port, rule)
                    case .failure(.policy(let reason)):
                        service.ledger.refuse("\(host)", place.port, reason)
                    case .failure(.network(let reason)):
                        service.ledger.allow(host, place.port, rule, failed: reason)
                    }
                    then(outcome)
                }
            }
        }
    }

    private func upgrade(_ head: HTTPHead) -> String? {
        guard head.minor == 1, head.words("connection").contains("upgrade"),
            let value = head.values("upgrade").first, head.values("upgrade").count == 1
        else { return nil }
        return String(decoding: value, as: UTF8.self)
    }

    /// The head as it is sent on: what was understood, in our own words.
    private func write(
        _ head: HTTPHead, path: String, authority: String, upgrade: String?,
        desk: BrokerDesk? = nil
    ) -> [UInt8] {
        var left = Self.own
        for word in head.words("connection") { left.insert(word) }
        if let desk {
            left.formUnion([desk.broker.header.lowercased(), "authorization"])
            // So that what comes back can be looked through.
            left.insert("accept-encoding")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(head.bytes.count + 256)
        bytes +=
            "\(request?.method ?? "GET") \(path) HTTP/1.\(head.minor)\r\nHost: \(authority)\r\n"
            .utf8
        append(head, without: left, to: &bytes)
        switch request?.body.framing {
        case .length(let count)?: bytes += "Content-Length: \(count)\r\n".utf8
        case .chunked?: bytes += "Transfer-Encoding: chunked\r\n".utf8
        default: break
        }
        if let desk { bytes += desk.field }
        if let upgrade {
            bytes += "Connection: Upgrade\r\nUpgrade: \(upgrade)\r\n".utf8
        } else if request?.keeps != true {
            bytes += "Connection: close\r\n".utf8
        } else if head.minor == 0 {
            bytes += "Connection: keep-alive\r\n".utf8
        }
        bytes += [13, 10]
        return bytes
    }

    func append(_ head: HTTPHead, without left: Set<String>, to bytes: inout [UInt8]) {
        for field in head.fields {
            let name = String(decoding: head.bytes[field.name].map(HTTPHead.lower), as: UTF8.self)
            if left.contains(name) { continue }
            bytes += head.bytes[field.name]
            bytes += [UInt8(ascii: ":"), 32]
            bytes += head.bytes[field.value]
            bytes += [13, 10]
        }
    }

    // MARK: connections

    private func connect(_ head: HTTPHead, _ framing: HTTPBody.Framing) {
        guard case .proxy = entrance, framing == .none,
            let target = HTTPTarget(authority: head.target)
        else { return refuse(400, "CONNECT needs a host and a port at a proxy") }
        phase = .dialling
        idleUntil = service.loop.now + 90
        let first = input
        isHandedOver = true
        service.connect(client, to: target.host, target.port, first: first) { [self] refusal in
            guard phase == .dialling else { return }
            guard let refusal else {
                phase = .over
                service.let(go: self)
                return client.send(Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8))
            }
            let status = if case .policy = refusal { 403 } else { 502 }
            refuse(status, "\(target.host):\(target.port): \(refusal.reason)")
        }
    }

    /// Has a connection made for the request that is under way.
    private func reach(
        _ place: Place, _ dial: (@escaping (Result<Wire, Service.Refusal>) -> Void) -> Void
    ) {
        dropServer()
        phase = .dialling
        idleUntil = service.loop.now + 90
        dial { [self] outcome in
            guard phase == .dialling else {
                if case .success(let late) = outcome { late.close() }
                return
            }
            switch outcome {
            case .success(let wire):
                server = wire
                self.place = place
                wire.owner = self
                send()
            case .failure(let refusal):
                let status = if case .policy = refusal { 403 } else { 502 }
                refuse(status, "\(place.host):\(place.port): \(refusal.reason)")
            }
        }
    }

    private func send() {
        guard let server, let head = request?.head else { return }
        phase = .relaying
        stayAwhile()
        server.send(head)
        server.reads = true
        if !clientEnded { client.reads = true }
        sendBody()
    }

    /// The kept connection was closed by the server before it saw the request: asked anew, once.
    func askAgain() -> Bool {
        guard isUsed, let place, let request, !request.hasBody, answerInput.isEmpty else {
            return false
        }
        switch entrance {
        case .broker(let desk, _): reach(place) { [service] in desk.connect(service, $0) }
        default:
            guard case .allowed(let rule) = again(place, request) else { return false }
            reach(place) { [service] in service.dial(place.host, place.port, rule, $0) }
        }
        return true
    }

    /// The same decision as before.
    private func again(_ place: Place, _ request: Request) -> Policy.Verdict {
        let path = request.head.split(separator: 32, maxSplits: 2).dropFirst().first ?? []
        let text = String(decoding: path.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
        return service.policy.decide(place.host, place.port, method: request.method, path: text)
    }
}
