internal import Policies
package import Toml

/// Looks through a file for the daemon. Nothing is made of it here: the daemon does that.
struct ServerReader {
    let findings: Findings

    /// A file with `queue_dir` and no `[job]` is the daemon's.
    static func isServer(_ members: [Toml.Member]) -> Bool {
        let keys = Set(members.map(\.key))
        return keys.contains("queue_dir") && !keys.contains("job")
    }

    func check(_ members: [Toml.Member]) {
        let table = Table(members, at: .start, path: "", ServerKeys.server, findings)
        _ = table.table("server", ServerKeys.http)
        _ = table.tables("workers", ServerKeys.worker)
        let secrets = SecretCheck(findings: findings)
        if let auth = table.table("auth", ServerKeys.auth) {
            for key in ["write_token_env", "read_token_env"] {
                if let variable = auth.text(key) { secrets.check(variable) }
            }
        }
        guard let tracker = table.table("tracker", ServerKeys.tracker),
            let provider = tracker.text("provider")?.value
        else { return }
        for key in provider == "github" ? ["repo"] : ["api_key_env", "team_id"]
        where !tracker.mentions(key) {
            findings.complain(
                tracker.place, "tracker.\(key) is missing: the provider \(provider) needs it")
        }
        if let variable = tracker.text("api_key_env") { secrets.check(variable) }
    }
}

/// Any file that smelt reads.
package enum FileCheck {
    /// What people should know about a good file; everything that is wrong is in the fault.
    package static func warnings(in file: String) throws(ManifestFault) -> [Problem] {
        let source: SourceFile
        do throws(SourceFault) {
            source = try SourceFile.read(file)
            let members = try source.members()
            if ServerReader.isServer(members) {
                let findings = Findings()
                ServerReader(findings: findings).check(members)
                return try findings.result(for: source.name)
            }
        } catch { throw ManifestFault(error) }
        return try Manifest(source).warnings
    }
}
