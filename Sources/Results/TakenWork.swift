package import Records
package import Smelt

/// The work of earlier runs' sessions that another run takes over, as smelt's own repository has it.
package struct TakenWork {
    private let results: Git

    package init(in results: Git) {
        self.results = results
    }

    /// Whether a reference names it, of the run that is gone on with, of the one that did the work, or of the one that goes on and
    /// was begun before: it is not enough that there is such a commit. Where a session added nothing, its work is what it started
    /// from: a merge that was made here, and has no reference, of work that has one. It is that of the sessions named, or else of
    /// any.
    package func isKept(
        _ taken: Resumed.Taken, of resumed: Resumed, in run: RunID? = nil,
        merging names: Set<String>? = nil
    ) throws -> Bool {
        if taken.commit == resumed.baseCommit { return true }
        if try isNamed(taken, of: resumed, in: run) { return true }
        guard taken.start == taken.commit else { return false }
        let named = try resumed.sessions.filter {
            try names?.contains($0.session) != false && isNamed($0, of: resumed, in: run)
        }
        return try isMerge(taken.commit, of: Set(named.map(\.commit) + [resumed.baseCommit]))
    }

    private func isNamed(_ taken: Resumed.Taken, of resumed: Resumed, in run: RunID?) throws -> Bool
    {
        let name = SafeName.of(taken.session)
        for run in [run] + [resumed.run, taken.run].map({ RunID($0) }) {
            guard let references = run.map({ RunReferences(of: $0, in: results) }) else { continue }
            for place in [references.session(name), references.rescued(name)] {
                if try results.commit(place) == taken.commit { return true }
            }
        }
        return false
    }

    /// Whether a commit is one of these, or there is nothing but merges between it and them.
    private func isMerge(_ commit: String, of parts: Set<String>) throws -> Bool {
        if parts.contains(commit) { return true }
        guard try results.commit(commit) == commit else { return false }
        let call = ["rev-list", "--parents", "--max-count=\(Self.mostMerges)", commit]
        let listed = try results.command(call + parts.sorted().map { "^\($0)" }).run()
        guard listed.succeeded else { throw GitFault("rev-list", listed) }
        let merges = listed.text.split(separator: "\n").map { $0.split(separator: " ") }
        let known = parts.union(merges.compactMap { $0.first.map(String.init) })
        // What these contain is not what was merged of them.
        return !merges.isEmpty
            && merges.allSatisfy { words in
                words.count > 2 && words.dropFirst().allSatisfy { known.contains(String($0)) }
            }
    }

    /// More than the sessions that a manifest may have.
    private static let mostMerges = 10_000
}
