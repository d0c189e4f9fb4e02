internal import Records

/// A client of the proxy, until it is known what it speaks: SOCKS5 or HTTP.
final class ProxyClient: WireOwner, Timed, Closable {
    private let service: Service
    private let client: Wire
    private var unread: [UInt8] = []
    private var isGreeted = false
    private(set) var deadline: Double

    init(_ service: Service, _ client: Wire) {
        self.service = service
        self.client = client
        deadline = service.loop.now + service.limits.headSeconds
    }

    func begin() {
        client.owner = self
        service.keep(self)
        client.reads = true
    }

    func arrived(on wire: Wire) {
        // What follows a SOCKS request is not for us.
        switch client.receive(atMost: 4096) {
        case .bytes(let count):
            unread += service.loop.buffer[..<count]
            guard service.count(count) else { return }
        case .nothing: return
        case .end, .broken: return closeNow()
        }
        if unread.first == 5 { return socks() }
        service.let(go: self)
        Exchange(service, client, .proxy, first: unread).begin()
    }

    private func socks() {
        if !isGreeted {
            switch SocksRequest.greeting(unread[...]) {
            case .more: return
            case .wrong: return closeNow()
            case .methods(let open, let length):
                unread.removeFirst(length)
                client.send([5, open ? 0 : 0xFF])
                guard open else { return leave() }
                isGreeted = true
            }
        }
        switch SocksRequest.target(unread[...]) {
        case .more: if unread.count > 300 { closeNow() }
        case .wrong(let reply):
            client.send(SocksRequest.reply(reply))
            leave()
        case .nowhere(let shown, let port):
            service.ledger.refuse(shown, max(1, port), "no host that can be asked for")
            client.send(SocksRequest.reply(SocksRequest.notAllowed))
            leave()
        case .connect(let host, let port, let length):
            unread.removeFirst(length)
            connect(host, port)
        }
    }

    private func connect(_ host: NetworkHost, _ port: Int) {
        client.reads = false
        deadline = service.loop.now + 90
        service.connect(client, to: host, port, first: unread) { [self] refusal in
            guard !client.isClosed else { return }
            switch refusal {
            case nil:
                service.let(go: self)
                client.send(SocksRequest.reply(SocksRequest.succeeded))
            case .policy: client.send(SocksRequest.reply(SocksRequest.notAllowed))
            case .network: client.send(SocksRequest.reply(SocksRequest.unreachable))
            }
            if refusal != nil { leave() }
        }
    }

    /// After a last word, which is to arrive.
    private func leave() {
        service.let(go: self)
        Farewell(service, client).begin()
    }

    func drained(_ wire: Wire) {}
    func broke(_ wire: Wire) { closeNow() }
    func expire() { closeNow() }

    func closeNow() {
        client.close()
        service.let(go: self)
    }
}

/// Waits until a client has read the last word: closing at once, with bytes of its own unread, would take that word
/// away from it.
final class Farewell: WireOwner, Timed, Closable {
    private let service: Service
    private let client: Wire
    let deadline: Double
    private var left = 1 << 20

    init(_ service: Service, _ client: Wire) {
        self.service = service
        self.client = client
        deadline = service.loop.now + 2
    }

    func begin() {
        client.owner = self
        service.keep(self)
        client.finish()
        client.reads = true
    }

    func arrived(on wire: Wire) {
        guard case .bytes(let count) = client.receive() else { return closeNow() }
        left -= count
        if left < 0 { closeNow() }
    }

    func drained(_ wire: Wire) {}
    func broke(_ wire: Wire) { closeNow() }
    func expire() { closeNow() }

    func closeNow() {
        client.close()
        service.let(go: self)
    }
}
