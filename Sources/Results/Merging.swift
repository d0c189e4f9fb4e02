package import Records
package import Smelt

/// A session's work to be merged.
package struct Part: Equatable, Sendable {
    package let session: String
    package let commit: String

    package init(session: String, commit: String) {
        self.session = session
        self.commit = commit
    }
}

/// Sessions' branches made one, in smelt's own repository: no work tree, no index, no drivers. Merge
/// drivers, filters and `.gitattributes` have no say: git reads attributes from a work tree or from
/// `info/attributes`, and here is neither. The same parts give the same commits on every machine and
/// in every repetition, dates included.
package struct Merging: Sendable {
    package struct Outcome: Equatable, Sendable {
        package var commit: String
        /// Whose work is in it, in the order in which it was merged.
        package var sessions: [String]
        package var conflicts: [ResultCollected.Conflict]
    }

    let git: Git
    let style: CommitStyle
    let job: String
    let run: RunID
    let bounds: Bounds

    package init(
        in git: Git, style: CommitStyle, job: String, run: RunID, bounds: Bounds = Bounds()
    ) {
        self.git = git
        self.style = style
        self.job = job
        self.run = run
        self.bounds = bounds
    }

    /// All of `parts`, which come in the manifest's order, on top of `base`. What conflicts is left
    /// out and named; with `octopus` a conflict leaves everything out.
    package func merge(
        _ parts: [Part], onto base: String, by strategy: Merge.Strategy = .sequential,
        order: [String] = []
    ) throws -> Outcome {
        switch strategy {
        case .sequential: try inTurn(ordered(parts, by: order), onto: base)
        case .overlap: try inTurn(leastShared(ordered(parts, by: order), base), onto: base)
        case .octopus: try atOnce(ordered(parts, by: order), onto: base)
        }
    }

    /// Those that `order` names first, in its order, then the others in theirs.
    private func ordered(_ parts: [Part], by order: [String]) -> [Part] {
        order.compactMap { name in parts.first { $0.session == name } }
            + parts.filter { !order.contains($0.session) }
    }

    // MARK: Strategies

    private func inTurn(_ parts: [Part], onto base: String) throws -> Outcome {
        var outcome = Outcome(commit: base, sessions: [], conflicts: [])
        for part in parts {
            switch try join(outcome.commit, part.commit) {
            case .there(let commit):
                outcome.commit = commit
                outcome.sessions.append(part.session)
            case .tree(let tree):
                outcome.commit = try commit(
                    tree, parents: [outcome.commit, part.commit],
                    subject: "Merge session '\(part.session)' of '\(job)'")
                outcome.sessions.append(part.session)
            case .conflict(let files):
                outcome.conflicts.append(.init(session: part.session, files: files))
            }
        }
        return outcome
    }

    /// The fewer files a session shares with the others, the earlier it is merged: a conflict then
    /// costs the least.
    private func leastShared(_ parts: [Part], _ base: String) throws -> [Part] {
        var files: [Set<[UInt8]>] = []
        for part in parts { files.append(try changed(part.commit, since: base)) }
        let shared = files.indices.map { index in
            files[index].count { file in
                files.indices.contains { $0 != index && files[$0].contains(file) }
            }
        }
        return parts.indices.sorted { (shared[$0], $0) < (shared[$1], $1) }.map { parts[$0] }
    }

    private func atOnce(_ parts: [Part], onto base: String) throws -> Outcome {
        var tip = base
        for part in parts {
            switch try join(tip, part.commit) {
            case .there(let commit): tip = commit
            case .tree(let tree):
                // Only a step: nothing will name it.
                tip = try commit(tree, parents: [tip, part.commit], subject: "step")
            case .conflict(let files):
                let conflict = ResultCollected.Conflict(session: part.session, files: files)
                return Outcome(commit: base, sessions: [], conflicts: [conflict])
            }
        }
        let names = parts.map(\.session)
        let heads = try independent([base] + parts.map(\.commit))
        if heads.count > 1 {
            let list = names.map { "'\($0)'" }.joined(separator: ", ")
            tip = try commit(
                "\(tip)^{tree}", parents: heads, subject: "Merge sessions \(list) of '\(job)'")
        }
        return Outcome(commit: tip, sessions: names, conflicts: [])
    }

    // MARK: Steps

    private enum Joined {
        /// One of the two has everything already.
        case there(String)
        case tree(String)
        case conflict([String])
    }

    private func join(_ ours: String, _ theirs: String) throws -> Joined {
        if try isAncestor(theirs, of: ours) { return .there(ours) }
        if try isAncestor(ours, of: theirs) { return .there(theirs) }
        // Renames of whole directories are guesses; a guess of git's must not move an agent's file.
        let settings = ["-c", "merge.directoryRenames=false", "-c", "merge.renormalize=false"]
        let call = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages"]
        let finished = try git.confined(Git.frugal + settings + call + [ours, theirs], bounds).run()
        let words = finished.output.split(separator: 0)
        switch finished.ending {
        case .exited(0):
            return .tree(String(decoding: words.first ?? [], as: UTF8.self))
        case .exited(1):
            return .conflict(words.dropFirst().map { String(decoding: $0, as: UTF8.self) })
        default:
            guard try git.line("merge-base", ours, theirs) == nil else {
                throw GitFault("merge-tree", finished)
            }
            // A history of its own: there is nothing to compare with.
            return .conflict([])
        }
    }

    private func isAncestor(_ commit: String, of other: String) throws -> Bool {
        try git.command(["merge-base", "--is-ancestor", commit, other]).run().succeeded
    }

    /// In the order given, without those that another one contains.
    private func independent(_ commits: [String]) throws -> [String] {
        let finished = try git.command(["merge-base", "--independent"] + commits).run()
        guard finished.succeeded else { throw GitFault("merge-base", finished) }
        let kept = Set(finished.text.split(separator: "\n").map(String.init))
        var seen: Set<String> = []
        return commits.filter { kept.contains($0) && seen.insert($0).inserted }
    }

    private func changed(_ commit: String, since base: String) throws -> Set<[UInt8]> {
        let call = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", base, commit]
        let finished = try git.confined(Git.frugal + call, bounds).run()
        guard finished.succeeded else { throw GitFault("diff-tree", finished) }
        return Set(finished.output.split(separator: 0).map(Array.init))
    }

    /// The date is the latest of the parents', so that a repetition makes the same commit.
    private func commit(_ tree: String, parents: [String], subject: String) throws -> String {
        let listing = try git.command(["show", "-s", "--format=%ct"] + parents).run()
        guard listing.succeeded else { throw GitFault("show", listing) }
        let latest = listing.text.split(separator: "\n").compactMap { Int($0) }.max() ?? 0
        var message = "\(subject)\n\nRun: \(run)\n"
        for trailer in style.trailers { message += "\(trailer)\n" }
        if style.signoff { message += "Signed-off-by: \(style.name) <\(style.email)>\n" }

        guard let tree = try git.line("rev-parse", "--verify", "--end-of-options", tree) else {
            throw GitFault("rev-parse", listing)
        }
        var command = git.command(["commit-tree", tree] + parents.flatMap { ["-p", $0] })
        command.environment?.append(contentsOf: [
            "GIT_AUTHOR_NAME=\(style.name)", "GIT_AUTHOR_EMAIL=\(style.email)",
            "GIT_COMMITTER_NAME=\(style.name)", "GIT_COMMITTER_EMAIL=\(style.email)",
            "GIT_AUTHOR_DATE=@\(latest) +0000", "GIT_COMMITTER_DATE=@\(latest) +0000",
        ])
        command.input = .bytes(Array(message.utf8))
        let finished = try command.run()
        guard finished.succeeded else { throw GitFault("commit-tree", finished) }
        return String(finished.text.prefix(40))
    }
}
