import Policies
import Records
import Sandbox
import Smelt
import Toml

/// What the files of `--policy` and the options say together: the options come last.
struct AlonePolicy {
    private(set) var policy = Policy()
    /// Files that were believed, by the names that they were opened by.
    private(set) var files: [String] = []

    static let policies = Option(
        "policy", "p", .file, "what the policy in FILE says; the options add to it and win")

    init(_ words: Words) throws {
        if words.hasNoOptions { return }
        let named = words.all(Self.policies)
        if words[AloneOptions.plan] != nil {
            guard named.isEmpty else {
                throw Usage("--plan has everything: no --policy can be given")
            }
            return
        }
        if !named.isEmpty {
            let read = try PolicyFiles(named)
            (policy, files) = (read.policy, read.names)
        }
        policy.add(try options(words))
        if case .file(let name) = words[AloneOptions.seccomp] { files.append(name) }
        files += words.all(AloneOptions.networkRules)
        if let authorities = try words[AloneOptions.brokerCA].map({ try Files.canonical($0) }) {
            for index in policy.brokers.indices where policy.brokers[index].caFile == nil {
                policy.brokers[index].caFile = authorities
            }
        }
    }

    private func options(_ words: Words) throws -> Policy {
        var policy = Policy()
        try AloneGrants.add(words, to: &policy)
        policy.root = words[AloneOptions.root].map { Said($0) }
        policy.hostname = words[AloneOptions.hostname]
        policy.directory = words[AloneOptions.directory]
        try AloneOptions.addVariables(words, to: &policy)
        policy.limits = AloneOptions.limits(of: words)
        policy.graceSeconds = words[AloneOptions.grace]
        policy.stopSignal = words[AloneOptions.stopSignal]
        for (name, amount) in words.all(AloneOptions.rlimit) {
            policy.resourceLimits[name] = amount
        }
        policy.capabilities = words.all(AloneOptions.keep)
        policy.landlock = words[AloneOptions.landlock].flatMap(Landlock.Use.init)
        policy.seccomp = try AloneCalls.policy(words)
        try AloneNetwork.add(words, to: &policy)
        policy.secrets = words.all(AloneOptions.secret).map { Said($0) }
        if words[AloneOptions.mapUsers] { policy.mapsUsers = true }
        if words[AloneOptions.terminal] { policy.terminal = true }
        if words[AloneOptions.bestEffort] { policy.bestEffort = true }
        if words[AloneOptions.trace] { policy.tracesDenials = true }
        return policy
    }
}
