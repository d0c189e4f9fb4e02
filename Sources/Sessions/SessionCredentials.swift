internal import Records
internal import Sandbox
internal import Smelt

/// The secrets that agents get, each session's those that it names: as variables, or as files in `/run/secrets`.
struct SessionCredentials {
    private let env: [String: String]
    /// Sealed files without a name, which each sandbox copies.
    private let files: [String: SealedSecret]
    /// What is masked in all that is printed, whoever has it.
    let patterns: SecretPatterns

    private final class SealedSecret {
        let file: Descriptor

        init(_ text: String) throws(SystemFault) {
            file = try Descriptor(sealing: Array(text.utf8), name: "secret")
        }
    }

    init(_ credentials: Credentials?) throws {
        let values = try credentials?.values() ?? (env: [:], files: [:])
        env = values.env
        files = try values.files.mapValues { try SealedSecret($0) }
        let all = Array(values.env.values) + Array(values.files.values)
        patterns = SecretPatterns(all.sorted().map { Array($0.utf8) })
    }

    /// What a session's agent may have.
    func give(to plan: inout Plan, _ session: Session) {
        func isNamed(_ name: String) -> Bool { session.credentials?.contains(name) ?? true }
        plan.environment.merge(env.filter { isNamed($0.key) }) { $1 }
        for (name, secret) in files.sorted(by: { $0.key < $1.key }) where isNamed(name) {
            plan.files.append(.secret(from: secret.file.number, name: name))
        }
    }
}
