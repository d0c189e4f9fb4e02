internal import Records

/// Two wires whose bytes go across untouched, once the first of them were looked at: TLS that names another host than the
/// one that was allowed goes nowhere.
final class Tunnel: WireOwner, Timed {
    private let service: Service
    private let client: Wire
    private let server: Wire
    private let host: NetworkHost
    private let port: Int
    /// What the client said while it is being looked at; nil once it may pass.
    private var held: [UInt8]?
    private var ended: (client: Bool, server: Bool) = (false, false)
    private(set) var deadline: Double

    /// `first` came from the client already. `check` is off where the connection was given over by a request that
    /// was read.
    init(
        _ service: Service, _ client: Wire, _ server: Wire, to host: NetworkHost, _ port: Int,
        first: [UInt8], check: Bool = true
    ) {
        self.service = service
        self.client = client
        self.server = server
        self.host = host
        self.port = port
        deadline = service.loop.now + service.limits.idleSeconds
        // An address was allowed whatever is called by it.
        if check, case .name = host { held = [] }
        client.owner = self
        server.owner = self
        service.keep(self)
        client.reads = true
        server.reads = true
        if !first.isEmpty { first.withUnsafeBytes(pass) }
    }

    func expire() { end() }

    func arrived(on wire: Wire) {
        let other = wire === client ? server : client
        guard !other.isFull else {
            wire.reads = false
            return
        }
        switch wire.receive() {
        case .bytes(let count):
            deadline = service.loop.now + service.limits.idleSeconds
            guard service.count(count) else { return }
            let bytes = UnsafeRawBufferPointer(rebasing: service.loop.buffer[..<count])
            if wire === client { pass(bytes) } else { client.send(bytes) }
            if other.isFull { wire.reads = false }
        case .nothing: break
        case .end: finish(wire)
        case .broken: end()
        }
    }

    func drained(_ wire: Wire) {
        let (other, isEnded) = wire === client ? (server, ended.server) : (client, ended.client)
        if !isEnded { other.reads = true }
        closeIfOver()
    }

    func broke(_ wire: Wire) { end() }

    /// From the client to the server.
    private func pass(_ bytes: UnsafeRawBufferPointer) {
        guard var held else { return server.send(bytes) }
        held += bytes
        switch ClientHello.find(held[...]) {
        case .more:
            self.held = held
            // It is waited for as long as for the head of a request.
            deadline = min(deadline, service.loop.now + service.limits.headSeconds)
            service.loop.sooner(deadline)
        case .broken: refuse("\(host)", "it begins like TLS and is none")
        case .name(let name?) where NetworkHost(name) != host:
            let shown = String(decoding: name.prefix(253), as: UTF8.self)
            refuse(shown, "TLS names it on a connection to \(host)")
        case .name: release(held)
        case .notTLS:
            switch HTTPHead.begins(held) {
            case nil:
                self.held = held
            case true?:
                // Read like on port 80: each of its requests has to be for the host.
                service.let(go: self)
                Exchange(service, client, .host(host, port), first: held).begin(with: server)
            case false?: release(held)
            }
        }
    }

    private func release(_ bytes: [UInt8]) {
        held = nil
        bytes.withUnsafeBytes(server.send)
    }

    private func refuse(_ shown: String, _ reason: String) {
        service.ledger.refuse(shown, port, reason)
        end()
    }

    private func finish(_ wire: Wire) {
        if wire === client {
            ended.client = true
            // What was held is no whole message and never will be.
            if held?.isEmpty == false { return end() }
        } else {
            ended.server = true
        }
        if closeIfOver() { return }
        wire.reads = false
        (wire === client ? server : client).finish()
    }

    @discardableResult
    private func closeIfOver() -> Bool {
        guard ended.client, ended.server, client.backlog == 0, server.backlog == 0 else {
            return false
        }
        client.close()
        server.close()
        service.let(go: self)
        return true
    }

    /// Both ends see that it did not end well.
    private func end() {
        client.close(reset: true)
        server.close(reset: true)
        service.let(go: self)
    }
}

extension Tunnel: Closable {
    func closeNow() { end() }
}
