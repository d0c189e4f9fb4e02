internal import CEgress
internal import FoundationEssentials
internal import Glibc
package import Records
package import Sandbox
package import Smelt

/// From an order to a confined process that serves, and its end.
package enum Serving {
    /// For one sandbox, as the JSON on `number` orders. Everything is said on standard output, also what goes wrong.
    package static func serve(orderFrom number: Int32) -> Exit {
        let ledger = Ledger { say(EgressWord(decided: $0)) }
        do throws(ServeFault) {
            let order = try read(number)
            let control = order.control
            let service = try prepare(
                order.rules, resolvers: order.resolvers,
                limits: ServiceLimits(trafficBytes: order.trafficBytes), ledger,
                brokers: zip(order.brokers, order.secrets).map { ($0, $1) })
            try confine(service.limits, user: order.user)
            say(EgressWord(ready: true))

            var found = [Int32](repeating: -1, count: 253)
            let count = egress_take(control, &found, 253)
            // The sandbox did not come about.
            guard count > 0 else { return .done }
            guard count == order.listeners.count else { throw .noListeners }
            for (listener, kind) in zip(found, order.listeners) {
                service.add(Listening(listener, kind, service))
            }
            let end = EndOfControl()
            _ = service.loop.watch(control, reading: true, writing: false, end)
            while !end.hasCome { service.loop.turn() }
            ledger.finish()
            return .done
        } catch {
            say(
                EgressWord(
                    failed: EgressWord.Refusal(
                        message: error.description, hint: error.hint, code: error.code,
                        status: error.exit.rawValue)))
            return error.exit
        }
    }

    /// A proxy for whoever may connect to these places, until INT or TERM. `tell` gets each decision.
    package static func alone(
        _ places: [(text: String, address: NetworkAddress, port: Int)], _ rules: [NetworkRule],
        resolvers: [String]?, limits: ServiceLimits,
        tell: @escaping (EgressWord.Decision) -> Void, ready: ([Int]) throws -> Void
    ) throws {
        let ledger = Ledger(tell)
        var listeners: [Int32] = []
        var ports: [Int] = []
        for place in places {
            var raw = egress_place(place.address, port: place.port)
            let number = egress_listen(&raw)
            guard number >= 0 else {
                throw ServeFault.notListening(
                    place: place.text, SystemFault(errno, "listen", place.text))
            }
            listeners.append(number)
            ports.append(egress_local(number, &raw) ? Int(raw.port) : place.port)
        }
        let service = try prepare(
            rules.map(\.description), resolvers: resolvers, limits: limits, ledger, brokers: [])
        var user: UInt32?
        if geteuid() == 0 { user = try HostUsers.configured().egress }
        Interruption.install()
        try confine(limits, user: user)
        for listener in listeners {
            service.add(Listening(listener, EgressPorts.Listener(.proxy, 0), service))
        }
        let end = EndOfControl()
        _ = service.loop.watch(Interruption.descriptor, reading: true, writing: false, end)
        try ready(ports)
        while !end.hasCome { service.loop.turn() }
        ledger.finish()
    }

    private static func read(_ number: Int32) throws(ServeFault) -> EgressOrder {
        do {
            let bytes = try Descriptor(owning: number).readAll(upTo: 4 << 20, name: "the order")
            return try JSONDecoder().decode(EgressOrder.self, from: Data(bytes))
        } catch { throw .badOrder("\(error)") }
    }

    /// Everything that needs files.
    private static func prepare(
        _ rules: [String], resolvers: [String]?, limits: ServiceLimits, _ ledger: Ledger,
        brokers: [(Broker, Int32)]
    ) throws(ServeFault) -> Service {
        let loop: Loop
        do throws(SystemFault) { loop = try Loop() } catch { throw .refused(error) }
        var desks: [BrokerDesk] = []
        for (broker, secret) in brokers { desks.append(try BrokerDesk(broker, secret: secret)) }
        let resolver = try Resolver(loop, servers: resolvers)
        return Service(
            loop, Policy(try Rules.parse(rules)), ledger, Dialer(loop, resolver), limits,
            brokers: desks)
    }

    private static func confine(_ limits: ServiceLimits, user: UInt32?) throws(ServeFault) {
        var wanted = egress_confinement()
        if geteuid() == 0 {
            guard let user, user != 0 else { throw .noUser }
            (wanted.user, wanted.group) = (user, user)
        }
        // Two for each connection, and for what else there is.
        wanted.descriptors = UInt64(limits.connections * 2 + 512)
        wanted.memory = 4 << 30
        let step = egress_confine(&wanted)
        guard step == EGRESS_STEP_NONE else {
            throw .notConfined(step: step, number: errno)
        }
    }

    private static func say(_ word: EgressWord) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let body = try? encoder.encode(word) else { return }
        // Who does not listen any more has ended us, or will.
        (Array(body) + [10]).withUnsafeBytes { try? writeAll($0, to: 1, name: "standard output") }
    }
}

/// Readable, or closed: it is over.
private final class EndOfControl: Watcher {
    private(set) var hasCome = false
    func ready(reading: Bool, writing: Bool) { hasCome = true }
}
