internal import Smelt

/// Moves a branch of the user's to a result, by compare-and-swap: the push names the value that was
/// judged, so whoever is faster is never overwritten. What this job delivered last is kept there as
/// `refs/smelt/delivered/<job>`, moved in the same push, and is the only thing that is replaced
/// without being asked to.
package struct BranchMove: Sendable {
    package enum Outcome: Equatable, Sendable {
        /// The branch was there already.
        case unchanged
        case moved(from: String?)
    }

    /// smelt's own repository, which has the commit and all it needs.
    package let source: String
    package let commit: String
    package let branch: String
    package let job: String
    /// Replace the branch whatever it holds.
    package let force: Bool
    /// The run's log, for the command that forces it.
    package let log: String?
    private let fence: Fence

    package init(
        source: String, commit: String, branch: String, job: String, force: Bool = false,
        log: String? = nil, fence: @escaping Fence = {}
    ) {
        self.source = source
        self.commit = commit
        self.branch = branch
        self.job = job
        self.force = force
        self.log = log
        self.fence = fence
    }

    package var reference: String { "refs/heads/\(branch)" }
    package var delivered: String { "refs/smelt/delivered/\(SafeName.of(job))" }

    package func run(on remote: Remote) throws -> Outcome {
        guard try git(remote, ["check-ref-format", reference], seconds: 60).succeeded else {
            throw ForgeFault.badBranch(Visible.line(branch))
        }
        for _ in 0..<5 {
            let there = try references(of: remote)
            let (old, last) = (there[reference], there[delivered])
            if old == commit, last == commit { return .unchanged }
            if let old, old != commit, !force, old != last, try !isAncestor(old, remote) {
                throw ForgeFault.wouldLose(
                    branch: Visible.line(branch), repository: remote.shown, old: old, log: log)
            }
            switch try push(to: remote, old: old, last: last) {
            case .done: return old == commit ? .unchanged : .moved(from: old)
            case .overtaken: continue
            case .refused(let reason): throw fault(reason, remote)
            }
        }
        throw ForgeFault.contended(branch: Visible.line(branch), repository: remote.shown)
    }

    private enum Push: Equatable {
        case done
        /// Somebody moved one of the references since we looked.
        case overtaken
        case refused(String)
    }

    private func push(to remote: Remote, old: String?, last: String?) throws -> Push {
        let both = try push(
            to: remote, [(reference, old), (delivered, last)], options: ["--atomic"])
        guard case .refused(let reason) = both, reason.contains("--atomic") else { return both }
        // The transport cannot do both at once. The branch goes first: a stale note of what was
        // delivered only makes the next run more careful.
        let first = try push(to: remote, [(reference, old)], options: [])
        guard first == .done else { return first }
        return try push(to: remote, [(delivered, last)], options: [])
    }

    private func push(
        to remote: Remote, _ moves: [(name: String, old: String?)], options: [String]
    ) throws -> Push {
        var words =
            [
                "push", "--porcelain", "--no-verify", "--no-follow-tags",
                "--recurse-submodules=no", "--no-signed",
            ] + options
        if remote.path != nil {
            // Whatever that repository's own configuration says: a checked-out branch stays, and no
            // collection of garbage is left running behind us.
            words.append(
                "--receive-pack=git -c receive.denyCurrentBranch=refuse"
                    + " -c receive.advertiseAtomic=true -c receive.autogc=false receive-pack")
        }
        let needed = moves.filter { $0.old != commit }
        guard !needed.isEmpty else { return .done }
        words += needed.map { "--force-with-lease=\($0.name):\($0.old ?? "")" }
        words += ["--", remote.address] + needed.map { "\(commit):\($0.name)" }
        try fence()
        let finished = try git(remote, words, seconds: 600)
        if finished.succeeded { return .done }
        // "!<tab>from:to<tab>[rejected] (reason)": one line a reference, the telling one is that
        // which did not fail only because another did.
        let reasons = finished.text.split(separator: "\n").filter { $0.hasPrefix("!") }
            .compactMap { $0.split(separator: "\t").last.map(String.init) }
        let telling = reasons.first { !$0.contains("atomic") } ?? reasons.first
        let reason = telling ?? complaint(finished)
        let overtaken = ["stale info", "failed to update ref", "cannot lock ref", "fetch first"]
        if overtaken.contains(where: { reason.contains($0) }) { return .overtaken }
        return .refused(remote.token?.masked(reason) ?? reason)
    }

    private func fault(_ reason: String, _ remote: Remote) -> ForgeFault {
        let branch = Visible.line(self.branch)
        if reason.contains("currently checked out") {
            return .checkedOut(branch: branch, repository: remote.shown)
        }
        var words = Visible.line(reason)
        if let open = words.firstIndex(of: "("), words.hasSuffix(")"), words.hasPrefix("[") {
            words = String(words[words.index(after: open)...].dropLast())
        }
        return .pushRefused(branch: branch, repository: remote.shown, reason: words)
    }

    /// The two references as they are there now.
    private func references(of remote: Remote) throws -> [String: String] {
        let finished = try git(
            remote, ["ls-remote", "--", remote.address, reference, delivered], seconds: 120)
        guard finished.succeeded else {
            let reason = complaint(finished, remote)
            if let token = remote.token,
                ["Authentication failed", "could not read", "403"].contains(where: reason.contains)
            {
                throw ForgeFault.tokenRefused(
                    variable: token.variable, message: "'\(remote.shown)' wants another one")
            }
            throw ForgeFault.unreachable(repository: remote.shown, reason: reason)
        }
        var found: [String: String] = [:]
        for line in finished.text.split(separator: "\n") {
            let parts = line.split(separator: "\t")
            if parts.count == 2 { found[String(parts[1])] = String(parts[0]) }
        }
        return found
    }

    /// What we do not have cannot be part of the result.
    private func isAncestor(_ old: String, _ remote: Remote) throws -> Bool {
        try git(remote, ["merge-base", "--is-ancestor", old, commit], seconds: 600).succeeded
    }

    private func git(
        _ remote: Remote, _ arguments: [String], seconds: Double
    ) throws -> Command.Finished {
        var command = Command(["git", "--git-dir", source] + arguments)
        command.environment = remote.environment
        command.timeout = seconds
        return try command.run()
    }

    private func complaint(_ finished: Command.Finished, _ remote: Remote? = nil) -> String {
        let lines = finished.errors.split(separator: "\n")
        let telling =
            lines.first { $0.hasPrefix("fatal:") } ?? lines.first { $0.hasPrefix("error:") }
            ?? lines.last
        var words = telling.map(String.init) ?? "git ended with \(finished.ending)"
        for prefix in ["fatal: ", "error: "] where words.hasPrefix(prefix) {
            words.removeFirst(prefix.count)
        }
        return Visible.line(remote?.token?.masked(words) ?? words)
    }
}
