internal import CEgress
internal import Glibc
internal import Records

/// Connects to hosts that were allowed: asks for their addresses once, judges each, and dials what was judged.
final class Dialer {
    enum Outcome {
        case connected(Int32)
        /// By the policy.
        case refused(String)
        /// By the network.
        case failed(String)
    }

    private let loop: Loop
    private let resolver: Resolver
    /// Of this machine, as it was at the start.
    private let own: Set<NetworkAddress>

    /// Seconds for one address, if there is another; and for the last.
    static let patience = (each: 4.0, last: 15.0)

    init(_ loop: Loop, _ resolver: Resolver) {
        self.loop = loop
        self.resolver = resolver
        own = Self.ownAddresses()
    }

    func dial(
        _ host: NetworkHost, _ port: Int, _ rule: NetworkRule,
        _ then: @escaping (Outcome) -> Void
    ) {
        switch host {
        case .address(let address): dial([address], port, rule, then)
        case .name(let name):
            resolver.ask(name) { [self] answer in
                switch answer {
                case .failed(let reason): then(.failed("no address of it: \(reason)"))
                case .addresses(let addresses): dial(addresses, port, rule, then)
                }
            }
        }
    }

    private func dial(
        _ addresses: [NetworkAddress], _ port: Int, _ rule: NetworkRule,
        _ then: @escaping (Outcome) -> Void
    ) {
        var objection: String?
        let good = addresses.filter {
            let found = Policy.objection(to: $0, for: rule, own: own)
            objection = objection ?? found
            return found == nil
        }
        guard !good.isEmpty else { return then(.refused(objection ?? "it has no address")) }
        let attempt = Attempt(
            good, port, loop, mayBeOwn: rule.isPrivate || good == addresses && isNamed(rule), then)
        attempt.next()
    }

    private func isNamed(_ rule: NetworkRule) -> Bool {
        if case .exactly(.address) = rule.host { return true }
        return false
    }

    private static func ownAddresses() -> Set<NetworkAddress> {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var found: Set<NetworkAddress> = []
        var next = first
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let place = entry.ifa_addr else { continue }
            let raw = UnsafeRawPointer(place)
            let offset: Int
            let count: Int
            switch Int32(place.pointee.sa_family) {
            case AF_INET: (offset, count) = (4, 4)
            case AF_INET6: (offset, count) = (8, 16)
            default: continue
            }
            let bytes = UnsafeRawBufferPointer(start: raw + offset, count: count)
            if let address = NetworkAddress(bytes: Array(bytes)) { found.insert(address) }
        }
        return found
    }
}

/// One address after the other, until one takes the connection.
private final class Attempt: Watcher, Timed {
    private var places: ArraySlice<NetworkAddress>
    private let port: Int
    private let loop: Loop
    private let mayBeOwn: Bool
    private var then: ((Dialer.Outcome) -> Void)?
    private var number: Int32 = -1
    private var mark: UInt64 = 0
    private(set) var deadline = Double.infinity
    private var reason = "it has no address"

    init(
        _ places: [NetworkAddress], _ port: Int, _ loop: Loop, mayBeOwn: Bool,
        _ then: @escaping (Dialer.Outcome) -> Void
    ) {
        self.places = places[...]
        self.port = port
        self.loop = loop
        self.mayBeOwn = mayBeOwn
        self.then = then
    }

    /// The loop holds us from here until the outcome.
    func next() {
        while let address = places.popFirst() {
            var place = egress_place(address, port: port)
            number = egress_connect(&place)
            guard number >= 0 else {
                reason = String(cString: strerror(errno))
                continue
            }
            mark = loop.watch(number, reading: false, writing: true, self)
            deadline =
                loop.now + (places.isEmpty ? Dialer.patience.last : Dialer.patience.each)
            loop.time(self)
            return
        }
        end(.failed(reason))
    }

    func ready(reading: Bool, writing: Bool) {
        let error = egress_error(number)
        loop.forget(mark)
        loop.untime(self)
        guard error == 0 else {
            reason = String(cString: strerror(error))
            close(number)
            return next()
        }
        var here = egress_place()
        var there = egress_place()
        // Whoever is at both ends is this machine, by whatever address.
        if !mayBeOwn, egress_local(number, &here), egress_remote(number, &there),
            here.address == there.address
        {
            close(number)
            let address = there.address.map { "\($0)" } ?? "it"
            return end(.refused("\(address) is an address of this machine"))
        }
        end(.connected(number))
    }

    func expire() {
        loop.forget(mark)
        loop.untime(self)
        close(number)
        reason = String(cString: strerror(ETIMEDOUT))
        next()
    }

    private func end(_ outcome: Dialer.Outcome) {
        let then = then
        self.then = nil
        then?(outcome)
    }
}
