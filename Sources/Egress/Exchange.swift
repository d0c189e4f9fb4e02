internal import Records
internal import Smelt

/// The requests of one client, one after the other, each decided by itself, and their answers. What is sent on is not
/// what came but what was understood of it.
final class Exchange: WireOwner, Timed, Closable {
    /// How the client came to us, which says where its requests may be meant for.
    enum Entrance {
        case proxy
        case host(NetworkHost, Int)
        /// At a port, as programs inside know it.
        case broker(BrokerDesk, port: Int)
    }

    enum Phase {
        case head, dialling, relaying, over
    }

    /// The request that is under way.
    struct Request {
        var method: String
        var minor: Int
        /// The client wants to go on afterwards.
        var keeps: Bool
        var upgrades: Bool
        var body: HTTPBody
        var hasBody: Bool
        /// What is sent on; kept until an answer begins.
        var head: [UInt8]
    }

    let service: Service
    let client: Wire
    let entrance: Entrance
    var phase = Phase.head
    var input: [UInt8]
    var reader = HTTPHeadReader(request: true)
    var request: Request?
    var server: Wire?
    /// Where the server is.
    var place: Place?
    /// The server has answered before, so that its silence may mean that it has gone.
    var isUsed = false
    var answerInput: [UInt8] = []
    var answerReader = HTTPHeadReader(request: false)
    var answer: HTTPBody?
    var serverKeeps = false
    /// A head that waits for the first of its body, to leave with it.
    var outgoing: [UInt8] = []
    var mask: Mask?
    var clientEnded = false
    /// What the client says from here on waits in the kernel for the tunnel.
    var isHandedOver = false
    private var hasServed = false
    /// Silence ends it then.
    var idleUntil: Double
    /// Bytes that may begin a secret go on then although nothing has followed.
    var holdUntil = Double.infinity
    var deadline: Double { min(idleUntil, holdUntil) }

    struct Place: Equatable {
        let host: NetworkHost
        let port: Int
    }

    init(_ service: Service, _ client: Wire, _ entrance: Entrance, first: [UInt8]) {
        self.service = service
        self.client = client
        self.entrance = entrance
        input = first
        idleUntil = service.loop.now + service.limits.headSeconds
    }

    /// `server` is connected to the host already, where a tunnel turned out to be no other than this.
    func begin(with server: Wire? = nil) {
        client.owner = self
        service.keep(self)
        client.reads = true
        if let server, case .host(let host, let port) = entrance {
            self.server = server
            place = Place(host: host, port: port)
            server.owner = self
            server.reads = true
        }
        proceed()
    }

    // MARK: what comes

    func arrived(on wire: Wire) {
        if wire === client { fromClient() } else { fromServer() }
    }

    private func fromClient() {
        guard input.count < Wire.most, !isHandedOver else {
            client.reads = false
            return
        }
        switch client.receive() {
        case .bytes(let count):
            guard service.count(count) else { return }
            if phase == .relaying { stayAwhile() }
            if phase == .head, input.isEmpty {
                idleUntil = service.loop.now + service.limits.headSeconds
                service.loop.sooner(idleUntil)
            }
            input += service.loop.buffer[..<count]
            proceed()
        case .nothing: break
        case .end:
            clientEnded = true
            client.reads = false
            // Who has asked whole is answered, also when there is nothing more to ask.
            if phase == .head || request?.body.isDone != true { closeNow() }
        case .broken: closeNow()
        }
    }

    private func fromServer() {
        guard let server else { return }
        guard !client.isFull else {
            server.reads = false
            return
        }
        switch server.receive() {
        case .bytes(let count):
            guard service.count(count) else { return }
            stayAwhile()
            answered(UnsafeRawBufferPointer(rebasing: service.loop.buffer[..<count]))
        case .nothing: break
        case .end: serverEnded(whole: answer?.framing == .untilEnd)
        case .broken: serverEnded(whole: false)
        }
    }

    func drained(_ wire: Wire) {
        guard phase != .over else { return }
        if wire === client {
            server?.reads = true
        } else {
            proceed()
        }
        if !clientEnded, input.count < Wire.most { client.reads = true }
    }

    func broke(_ wire: Wire) {
        if wire === client { closeNow() } else { serverEnded(whole: false) }
    }

    func expire() {
        if holdUntil <= service.loop.now, idleUntil > service.loop.now {
            holdUntil = .infinity
            return client.send(mask?.finish() ?? [])
        }
        if phase == .head, !input.isEmpty || !hasServed {
            return refuse(408, "no whole request came in time")
        }
        closeNow()
    }

    func stayAwhile() { idleUntil = service.loop.now + service.limits.idleSeconds }

    // MARK: requests

    /// Reads the next request, or sends on more of the one that is under way.
    func proceed() {
        switch phase {
        case .dialling, .over: return
        case .relaying: sendBody()
        case .head:
            switch reader.find(input) {
            case .more: if clientEnded { closeNow() }
            case .wrong(let reason): refuse(400, reason)
            case .head(let head):
                input.removeFirst(head.bytes.count)
                reader = HTTPHeadReader(request: true)
                take(head)
            }
        }
    }

    func sendBody() {
        guard var body = request?.body, let server, !body.isDone, !input.isEmpty else { return }
        guard !server.isFull else {
            client.reads = false
            return
        }
        guard let count = body.take(input) else { return closeNow() }
        request?.body = body
        input.withUnsafeBytes { server.send(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        input.removeFirst(count)
        if body.isDone, answer?.isDone == true { finish() }
    }

    /// The connection is a tunnel's from here.
    func becomeTunnel(_ server: Wire, to place: Place, check: Bool) {
        phase = .over
        service.let(go: self)
        _ = Tunnel(
            service, client, server, to: place.host, place.port, first: input, check: check)
    }

    /// Both sides have said everything: the next one, or the end.
    func finish() {
        guard let request else { return }
        // Who asks no more may still have asked.
        let keeps =
            request.keeps && answer?.framing != .untilEnd && (!clientEnded || !input.isEmpty)
        self.request = nil
        answer = nil
        mask = nil
        answerReader = HTTPHeadReader(request: false)
        if !serverKeeps || !answerInput.isEmpty { dropServer() }
        guard keeps, request.body.isDone else { return leave() }
        phase = .head
        hasServed = true
        idleUntil = service.loop.now + service.limits.idleSeconds
        if !input.isEmpty { idleUntil = service.loop.now + service.limits.headSeconds }
        service.loop.sooner(deadline)
        client.reads = !clientEnded
        proceed()
    }

    func dropServer() {
        server?.close()
        server = nil
        place = nil
        isUsed = false
        answerInput = []
    }

    // MARK: the end

    /// Says why not, and that this was all.
    func refuse(_ status: Int, _ reason: String) {
        let words = [
            400: "Bad Request", 403: "Forbidden", 405: "Method Not Allowed",
            408: "Request Timeout", 502: "Bad Gateway",
        ]
        let text = "smelt-egress: \(Visible.line(reason))\n"
        let body = request?.method == "HEAD" ? "" : text
        client.send(
            Array(
                ("HTTP/1.1 \(status) \(words[status] ?? "No")\r\nContent-Type: text/plain; charset=utf-8\r\n"
                    + "Content-Length: \(text.utf8.count)\r\nConnection: close\r\n\r\n\(body)").utf8
            ))
        leave()
    }

    /// After the last word.
    func leave() {
        phase = .over
        dropServer()
        service.let(go: self)
        // Who has said nothing more loses nothing when this is the end at once.
        if request == nil, input.isEmpty, client.backlog == 0 { return client.close() }
        Farewell(service, client).begin()
    }

    func closeNow() {
        phase = .over
        dropServer()
        client.close(reset: true)
        service.let(go: self)
    }
}
