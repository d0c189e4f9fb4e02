package import Smelt

/// What smelt's own repository keeps of one run beside its result.
package struct RunReferences {
    private let results: Git
    private let run: RunID

    package init(of run: RunID, in results: Git) {
        self.results = results
        self.run = run
    }

    /// Where a session's admitted work is; `name` as `SafeName` makes it.
    package func session(_ name: String) -> String { "refs/smelt/runs/\(run)/\(name)" }
    package func rescued(_ name: String) -> String { "refs/smelt/rescued/\(run)/\(name)" }

    /// Takes away the sessions' work, for it is in another repository now.
    package func forget() throws { _ = try move(to: nil) }

    /// What the sessions did is kept as rescued. Gives the references.
    @discardableResult
    package func rescue() throws -> [String] { try move(to: "refs/smelt/rescued/\(run)/") }

    private func move(to place: String?) throws -> [String] {
        let old = "refs/smelt/runs/\(run)/"
        let listed = try results.run("for-each-ref", "--format=%(objectname) %(refname)", old)
        var commands = ""
        var (kept, written): ([String], [String]) = ([], [])
        for line in String(decoding: listed, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard words.count == 2, words[1].hasPrefix(old) else { continue }
            if let place {
                let name = place + words[1].dropFirst(old.count)
                commands += "update \(name) \(words[0])\n"
                kept.append(name)
                written.append(name)
            }
            written.append(words[1])
            commands += "delete \(words[1]) \(words[0])\n"
        }
        guard !commands.isEmpty else { return [] }
        try results.mustUpdate(written, ["--no-deref", "--stdin"], input: Array(commands.utf8))
        return kept
    }
}
