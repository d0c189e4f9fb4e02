import Glibc
import Records
import Sandbox
import Smelt

/// What a command alone may reach, and what became of its attempts.
enum AloneNetwork {
    /// Brokers as the options name them; paths made whole.
    static func brokers(_ words: Words) throws -> [Broker] {
        let authorities = try words[AloneOptions.brokerCA].map { try Files.canonical($0) }
        return try words.all(AloneOptions.broker).map { broker in
            var broker = broker
            broker.caFile = authorities
            broker.secretFile = try broker.secretFile.map { try Files.canonical($0) }
            return broker
        }
    }

    static func set(_ words: Words, _ plan: inout Plan) throws {
        var rules: [String] = []
        var isOpen = false
        for path in words.all(AloneOptions.networkRules) {
            rules += try RuleFile.read(path).map(\.description)
            isOpen = true
        }
        let brokers = try brokers(words)
        switch words[AloneOptions.network] {
        case nil: plan.network = isOpen || !brokers.isEmpty ? .allow : .none
        case .some(.none): plan.network = .none
        case .host: plan.network = .host
        case .allow(let listed):
            rules += listed
            plan.network = .allow
        }
        let resolvers = words.all(AloneOptions.resolver)
        let hasMore =
            isOpen || !brokers.isEmpty || !resolvers.isEmpty || words[AloneOptions.traffic] != nil
        guard plan.network == .allow else {
            if hasMore {
                throw Usage(
                    "rules, brokers, --resolver and --traffic have no use without --network allow:…"
                )
            }
            return
        }
        plan.reach = Records.Network(
            mode: .allow, allow: rules, broker: brokers.isEmpty ? nil : brokers,
            resolvers: resolvers.isEmpty ? nil : resolvers,
            trafficBytes: words[AloneOptions.traffic])
        // What the caller sets himself stays.
        let own = try EgressPorts.variables(for: plan.reach)
        if !words[AloneOptions.clear] { plan.environment.merge(own) { mine, _ in mine } }
    }
}

/// Attempts that were refused, for the summary and the records at the end.
struct RefusedAttempts {
    private var counts: [String: (count: Int, reason: String)] = [:]
    private var order: [String] = []

    mutating func add(_ decision: EgressWord.Decision) {
        guard !decision.allowed else { return }
        let what = decision.attempt
        if counts[what] == nil { order.append(what) }
        let before = counts[what]?.count ?? 0
        counts[what] = (before + (decision.count ?? 1), decision.reason ?? "refused")
    }

    /// In the order in which they were first met.
    var all: [(what: String, count: Int, reason: String)] {
        order.compactMap { what in counts[what].map { (what, $0.count, $0.reason) } }
    }
}
