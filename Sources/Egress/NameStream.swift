internal import Records

/// Queries over a stream: each behind its length.
final class NameStream: WireOwner, Timed, Closable {
    private let service: Service
    private let client: Wire
    private var unread: [UInt8] = []
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
        guard case .bytes(let count) = client.receive(atMost: 4096) else { return closeNow() }
        guard service.count(count) else { return }
        unread += service.loop.buffer[..<count]
        while unread.count >= 2 {
            let size = Int(unread[0]) << 8 | Int(unread[1])
            guard size <= 512 else { return closeNow() }
            guard unread.count >= 2 + size else { break }
            let (answer, refused) = service.names.answer(unread[2..<(2 + size)])
            if let refused { service.ledger.refuse(refused, 53, Policy.notListed) }
            unread.removeFirst(2 + size)
            guard let answer else { return closeNow() }
            client.send([UInt8(answer.count >> 8), UInt8(answer.count & 0xFF)] + answer)
            deadline = service.loop.now + service.limits.headSeconds
        }
        if client.isFull { client.reads = false }
    }

    func drained(_ wire: Wire) { client.reads = true }
    func broke(_ wire: Wire) { closeNow() }
    func expire() { closeNow() }

    func closeNow() {
        client.close()
        service.let(go: self)
    }
}
