internal import Smelt

/// A repository behind a URL, or a bundle, with the user's own access to it.
struct RemoteRepository {
    let url: String
    let agent: KeyAgent?

    init(_ url: String, agent: KeyAgent? = nil) {
        self.url = url
        self.agent = agent
    }

    /// The commit that `ref` stands for there, and what to ask for to get it.
    func find(_ ref: String) throws -> (commit: String, source: String) {
        guard !ObjectName.isFull(ref) else { return (ref, ref) }
        let finished = try UserGit(
            ["ls-remote", "--quiet", "--", url], isRemote: true, agent: agent
        ).run()
        guard finished.succeeded else { throw reason(finished) }
        var known: [String: String] = [:]
        for line in finished.text.split(separator: "\n") {
            let parts = line.split(separator: "\t", maxSplits: 1)
            guard parts.count == 2, ObjectName.isFull(String(parts[0])) else { continue }
            known[String(parts[1])] = String(parts[0])
        }
        if known.isEmpty { throw ImportFault.empty(url) }
        // The order in which git itself resolves a short name.
        for name in [ref, "refs/\(ref)", "refs/tags/\(ref)", "refs/heads/\(ref)"] {
            guard let object = known[name] else { continue }
            return (known["\(name)^{}"] ?? object, name)
        }
        let names = known.keys.filter { !$0.hasSuffix("^{}") }.map { name in
            for start in ["refs/heads/", "refs/tags/"] where name.hasPrefix(start) {
                return String(name.dropFirst(start.count))
            }
            return name
        }
        throw ImportFault.noRef(ref, repository: url, near: Names.near(ref, among: names))
    }

    private func reason(_ finished: Command.Finished) -> ImportFault {
        if finished.errors.contains("dubious ownership") { return .foreign(url) }
        return .notFetched(url, reason: GitFault("ls-remote", finished).reason)
    }
}
