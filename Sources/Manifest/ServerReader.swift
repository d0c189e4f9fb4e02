internal import Policies
internal import Smelt
package import Toml

/// Makes of a file what the daemon does.
struct ServerReader {
    let findings: Findings

    /// A file with `queue_dir` and no `[job]` is the daemon's.
    static func isServer(_ members: [Toml.Member]) -> Bool {
        let keys = Set(members.map(\.key))
        return keys.contains("queue_dir") && !keys.contains("job")
    }

    /// What was found wrong is in `findings`; then the answer may lack what was.
    func read(_ members: [Toml.Member], directory: String) -> Server {
        let table = Table(members, at: .start, path: "", ServerKeys.server, findings)
        var server = Server()
        if let path = table.text("queue_dir") {
            server.queueDirectory = Paths(directory: directory).absolute(path.value)
        }
        server.maxConcurrent = table.integer("max_concurrent")?.value ?? server.maxConcurrent
        server.retryAttempts = table.integer("retry_attempts")?.value ?? server.retryAttempts
        server.retryBackOffSeconds =
            table.duration("retry_backoff_secs")?.value ?? server.retryBackOffSeconds
        server.sshTimeoutSeconds =
            table.duration("ssh_timeout_secs")?.value ?? server.sshTimeoutSeconds
        server.leaseSeconds = table.duration("lease_secs")?.value ?? server.leaseSeconds
        server.graceSeconds = table.duration("grace_secs")?.value ?? server.graceSeconds
        server.drains = table.flag("drain")?.value ?? false
        if let pipeline = table.table("pipeline", ServerKeys.pipeline) {
            let words = pipeline.texts("command")
            server.pipeline = words.map(\.value)
            // Without following links, for a program may look at its own name; what the other words mean, it alone knows.
            if let program = words.first?.value, program.contains("/") {
                server.pipeline?[0] = Files.resolve(program, against: directory)
            }
            if words.isEmpty, pipeline.has("command") {
                findings.complain(
                    pipeline.place,
                    "pipeline.command has no word: name the program that runs a manifest")
            }
            if pipeline.has("resume") {
                server.resume = pipeline.texts("resume").map(\.value)
                if let program = server.resume?.first, program.contains("/") {
                    server.resume?[0] = Files.resolve(program, against: directory)
                }
                if server.resume == [] {
                    findings.complain(
                        pipeline.place,
                        "pipeline.resume has no word: name the program that goes on with a log")
                }
            }
        }
        if let review = table.table("review", JobKeys.review) {
            server.review = ReviewReader(findings: findings).read(review)
        }
        if let exec = table.table("exec", ServerKeys.exec) {
            server.execOptions = exec.texts("options").map(\.value)
        }
        if let log = table.table("log", ServerKeys.log) {
            server.longestLog = log.size("running")?.value
            server.longestOldLog = log.size("over")?.value ?? server.longestLog
        }
        server.workers = workers(table, connectSeconds: server.sshTimeoutSeconds)
        if let http = table.table("server", ServerKeys.http) {
            findings.warn(
                http.place,
                "[server]: nothing listens there, for the daemon has no HTTP interface yet")
        }
        checkOthers(table)
        server.unused = unused(table)
        return server
    }

    private func checkOthers(_ table: Table) {
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
        if let repository = tracker.text("repo") {
            let parts = repository.value.split(separator: "/", omittingEmptySubsequences: false)
            if parts.count != 2 || parts.contains("") {
                findings.complain(
                    repository.place,
                    "tracker.repo must be owner/repo, not '\(repository.value)'")
            }
        }
    }

    /// Tables of things that there are not yet, each at its place. Passing over what somebody asked for would be worse than
    /// refusing it.
    private func unused(_ table: Table) -> [Problem] {
        ["auth", "tracker"].compactMap { name in
            guard let found = table.any(name) else { return nil }
            return Problem(found.place, "[\(name)] does nothing yet: take it out")
        }
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
                _ = ServerReader(findings: findings).read(members, directory: source.directory)
                return try findings.result(for: source.name)
            }
        } catch { throw ManifestFault(error) }
        return try Manifest(source).warnings
    }
}
