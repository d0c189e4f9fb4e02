import Glibc
import Policies
import Records
import Sandbox
import Smelt

/// What a command alone may reach, and what became of its attempts.
enum AloneNetwork {
    static func add(_ words: Words, to policy: inout Policy) throws {
        for path in words.all(AloneOptions.networkRules) {
            policy.rules += try RuleFile.read(path).map(\.description)
            policy.mode = .allow
        }
        policy.brokers = try words.all(AloneOptions.broker).map { broker in
            var broker = broker
            broker.secretFile = try broker.secretFile.map { try Files.canonical($0) }
            return broker
        }
        if !policy.brokers.isEmpty { policy.mode = .allow }
        switch words[AloneOptions.network] {
        case nil: break
        case .some(.none): policy.mode = Records.Network.Mode.none
        case .host: policy.mode = .host
        case .allow(let listed):
            policy.rules += listed
            policy.mode = .allow
        }
        policy.resolvers = words.all(AloneOptions.resolver)
        policy.trafficBytes = words[AloneOptions.traffic]
    }

    static func set(_ policy: Policy, _ plan: inout Plan) throws {
        switch policy.mode {
        case nil, .some(.none): plan.network = .none
        case .host: plan.network = .host
        case .allow: plan.network = .allow
        }
        guard plan.network == .allow else {
            if !policy.rules.isEmpty || !policy.brokers.isEmpty || !policy.resolvers.isEmpty
                || policy.trafficBytes != nil
            {
                throw Usage(
                    "rules, brokers, --resolver and --traffic have no use without --network allow:…"
                )
            }
            return
        }
        plan.reach = Records.Network(
            mode: .allow, allow: policy.rules,
            broker: policy.brokers.isEmpty ? nil : policy.brokers,
            resolvers: policy.resolvers.isEmpty ? nil : policy.resolvers,
            trafficBytes: policy.trafficBytes)
        // What the caller sets himself stays.
        let own = try EgressPorts.variables(for: plan.reach)
        if policy.clearsVariables != true { plan.environment.merge(own) { mine, _ in mine } }
    }
}
