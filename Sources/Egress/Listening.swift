internal import CEgress
internal import Glibc
internal import Records
internal import Sandbox

/// A listener and what becomes of who comes.
final class Listening: Watcher {
    private let number: Int32
    private let kind: EgressPorts.Listener
    private let service: Service
    private var mark: UInt64 = 0
    private var isPaused = false

    init(_ number: Int32, _ kind: EgressPorts.Listener, _ service: Service) {
        self.number = number
        self.kind = kind
        self.service = service
        if kind.kind != .names { egress_hurry(number) }
        mark = service.loop.watch(number, reading: true, writing: false, self)
    }

    func ready(reading: Bool, writing: Bool) {
        if kind.kind == .names { return answerDatagrams() }
        // A few at a time: those who are connected already have their turn.
        for _ in 0..<16 {
            guard !service.isFull else { return pause() }
            let accepted = egress_accept(number)
            guard accepted >= 0 else {
                if errno != EAGAIN { pause() }
                return
            }
            guard !service.isSpent else {
                egress_reset(accepted)
                continue
            }
            take(accepted)
        }
    }

    /// Who comes now waits in the kernel.
    private func pause() {
        isPaused = true
        service.loop.change(number, mark, reading: false, writing: false)
    }

    func resume() {
        guard isPaused else { return }
        isPaused = false
        service.loop.change(number, mark, reading: true, writing: false)
    }

    private func take(_ accepted: Int32) {
        switch kind.kind {
        case .names: break
        case .namesByStream: NameStream(service, Wire(accepted, service.loop)).begin()
        case .proxy: ProxyClient(service, Wire(accepted, service.loop)).begin()
        case .broker:
            guard let index = kind.broker else { return egress_reset(accepted) }
            let client = Wire(accepted, service.loop)
            Exchange(service, client, .broker(service.brokers[index], port: kind.port), first: [])
                .begin()
        case .capture: capture(accepted)
        }
    }

    /// Whoever dialled an address of ours meant the name that it stands for.
    private func capture(_ accepted: Int32) {
        var place = egress_place()
        guard egress_local(accepted, &place), let address = place.address else {
            return egress_reset(accepted)
        }
        guard let name = service.names.name(of: address) else {
            service.ledger.refuse(
                "\(address)", kind.port, "no name was asked for that it stands for")
            return egress_reset(accepted)
        }
        let client = Wire(accepted, service.loop)
        let waiting = WaitingClient(service, client)
        service.connect(client, to: .name(name), kind.port, first: []) { refusal in
            waiting.end(closing: refusal != nil)
        }
    }

    private func answerDatagrams() {
        var sender = egress_sender()
        var bytes = [UInt8](repeating: 0, count: 1024)
        for _ in 0..<64 {
            let count = egress_receive_from(number, &bytes, bytes.count, &sender)
            guard count > 0 else { return }
            let (answer, refused) = service.names.answer(bytes[..<count])
            if let refused { service.ledger.refuse(refused, 53, Policy.notListed) }
            // Lost where the sender does not read: it asks again.
            if let answer { _ = egress_send_to(number, answer, answer.count, &sender) }
        }
    }
}

/// A client whose connection is being made for it. It may go away meanwhile.
final class WaitingClient: WireOwner, Timed, Closable {
    private let service: Service
    private let client: Wire
    let deadline: Double

    init(_ service: Service, _ client: Wire) {
        self.service = service
        self.client = client
        deadline = service.loop.now + 60
        client.owner = self
        client.watch()
        service.keep(self)
    }

    func end(closing: Bool) {
        service.let(go: self)
        if closing { client.close(reset: true) }
    }

    func expire() { end(closing: true) }
    func closeNow() { end(closing: true) }
    func arrived(on wire: Wire) {}
    func drained(_ wire: Wire) {}
    func broke(_ wire: Wire) { end(closing: true) }
}
