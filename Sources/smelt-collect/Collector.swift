import Glibc
import Records
import Results
import Smelt

/// One run's sessions into one result: let in, merge, check, keep.
struct Collector {
    private let run: RunID
    private let merges: RunID
    private let job: Job
    private let runsDirectory: String
    private let ready: EnvironmentReady
    private let bounds: Bounds
    private let git: Git

    init(_ run: RunID, _ planned: RunPlanned, _ ready: EnvironmentReady, _ bounds: Bounds) throws {
        self.run = run
        merges = planned.merges(in: run)
        self.job = planned.job
        self.runsDirectory = planned.runsDirectory
        self.ready = ready
        self.bounds = bounds
        git = try Repositories(state: try Places.state()).results()
    }

    private var base: String { ready.baseCommit }

    func files(to commit: String) -> ResultFiles {
        ResultFiles(in: git, from: base, to: commit, bounds: bounds)
    }

    /// The result, kept as `refs/smelt/results/<run>` where anything has changed. `complain` hears what concerns one session only:
    /// the others' work is merged all the same.
    func collect(
        _ sessions: [Ended], complain: (String, any Fault) -> Void
    ) throws -> ResultCollected {
        try Quarantine(into: git).sweep()
        let (parts, kept) = try letIn(sessions, complain)
        let merged = try Merging(
            in: git, style: job.commit, job: job.name, run: merges, bounds: bounds
        )
        .merge(parts, onto: base, by: job.merge.strategy, order: job.merge.order)
        let conflicts = merged.conflicts.map {
            ResultFault.conflict(session: $0.session, files: $0.files)
        }
        // All or nothing was asked for.
        if job.merge.strategy == .octopus, let conflict = conflicts.first { throw conflict }
        for (conflict, fault) in zip(merged.conflicts, conflicts) {
            complain(conflict.session, fault)
        }

        let changes =
            merged.commit == base
            ? FileChanges()
            : try FileChanges(from: base, to: merged.commit, in: git, bounds: bounds)
        try Links.check(changes, in: git, bounds: bounds)
        try SecretScan(secrets)
            .check(parts.map(\.commit), since: base, in: git, bounds: bounds)

        // Also where that work is left out: what there is is not whole, or not good.
        let isWhole = sessions.allSatisfy { $0.finished.ending == .succeeded }
        var result = ResultCollected(
            branch: branch, commit: merged.commit, base: base, commits: try count(merged.commit),
            files: changes.all.count, insertions: changes.insertions,
            deletions: changes.deletions, sessions: merged.sessions,
            draft: !isWhole || !conflicts.isEmpty, review: .none)
        result.conflicts = conflicts.isEmpty ? nil : Self.shortened(merged.conflicts)
        let warnings = Warnings(sessions, changes, conflicts, kept: kept).all
        result.warnings = warnings.isEmpty ? nil : warnings
        judge(changes, &result)
        try keep(changes, &result)
        return result
    }

    // MARK: Letting in

    private func counts(_ session: Ended) -> Bool {
        switch session.finished.ending {
        case .succeeded: true
        case .gateFailed: job.merge.includeFailed
        default: false
        }
    }

    /// What is to be merged, in the manifest's order. The work of sessions that do not count is kept,
    /// too, under their references; that it cannot be is no reason to lose the others'.
    private func letIn(
        _ sessions: [Ended], _ complain: (String, any Fault) -> Void
    ) throws -> (parts: [Part], kept: [String: String]) {
        var parts: [Part] = []
        var kept: [String: String] = [:]
        for session in sessions {
            try Interruption.check()
            guard let commit = session.finished.commit, commit != base,
                commit != session.start
            else { continue }
            if counts(session) {
                try admit(session.name, commit)
                parts.append(Part(session: session.name, commit: commit))
            } else {
                do {
                    try admit(session.name, commit)
                    kept[session.name] = ref(of: session.name)
                } catch let fault as Cancelled {
                    throw fault
                } catch let fault as any Fault {
                    complain(session.name, fault)
                }
            }
        }
        return (parts, kept)
    }

    /// The session's bundle lies in the environment's directory, where only smelt writes; what is in
    /// it is the agent's.
    private func admit(_ session: String, _ commit: String) throws {
        let name = SafeName.of(session)
        let ref = ref(of: session)
        if try git.commit(ref) == commit { return }
        let path = "\(ready.directory)/\(name).bundle"
        guard let size = Files.size(path), size > 0 else {
            throw ResultFault.noWork(session: session)
        }
        let bundle = try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        try Quarantine(into: git, bounds: bounds).admit(
            bundle: bundle.number, branch: "refs/heads/smelt/\(name)", start: base, wanted: commit,
            as: ref)
    }

    private func ref(of session: String) -> String {
        "refs/smelt/runs/\(run)/\(SafeName.of(session))"
    }

    // MARK: Checking

    /// Those that are not set here cannot have been given to a session from here.
    private var secrets: [String: String] {
        var names = job.credentials?.variables ?? []
        if let token = job.forge?.tokenEnv { names.insert(token) }
        var values: [String: String] = [:]
        for name in names { values[name] = Environment.nonEmpty(name) }
        return values
    }

    private func judge(_ changes: FileChanges, _ result: inout ResultCollected) {
        guard result.commit != base else { return }
        let protected = Protected(job.protect)
        let touched = changes.all.compactMap { change in
            protected.pattern(for: change).map {
                "'\(change.shown)' is protected by '\(Visible.line($0))': \(change.status.word)"
            }
        }
        var reasons = Warnings.first(50, of: touched, "protected files")
        if job.review.required { reasons.append(ResultCollected.everyResult) }
        guard !reasons.isEmpty else { return }
        result.review = .required
        result.reviewReasons = reasons
    }

    private func count(_ commit: String) throws -> Int {
        guard commit != base else { return 0 }
        return try git.line("rev-list", "--count", "\(base)..\(commit)").flatMap { Int($0) } ?? 0
    }

    /// The record must stay a line that every stage takes.
    private static func shortened(
        _ conflicts: [ResultCollected.Conflict]
    ) -> [ResultCollected.Conflict] {
        let most = 200 / max(1, conflicts.count) + 1
        return conflicts.map { conflict in
            .init(
                session: conflict.session,
                files: conflict.files.prefix(most).map { String($0.prefix(500)) })
        }
    }

    // MARK: Keeping

    /// A branch of the job's own where the target is what the sessions started from: that one is the
    /// user's, and the request is made against it.
    private var branch: String {
        func short(_ name: String) -> Substring {
            name.hasPrefix("refs/heads/") ? name.dropFirst(11) : name[...]
        }
        let target = short(job.merge.target)
        let isBase = [job.baseRef, ready.baseRef].contains { short($0) == target }
        return isBase ? "smelt/\(SafeName.of(job.name))" : String(target)
    }

    private func keep(_ changes: FileChanges, _ result: inout ResultCollected) throws {
        guard result.commit != base else { return }
        guard let directory = RunState.directory(of: job.name, in: runsDirectory) else {
            throw CollectFault.jobName(job.name)
        }
        try RunsDirectory.make(runsDirectory)
        try Files.makeDirectories(directory, mode: 0o755)
        let files = files(to: result.commit)
        let list = "\(directory)/\(run).files.jsonl"
        result.filesSha256 = try files.writeList(changes, to: list)
        result.filesPath = list
        let bundle = "\(directory)/\(run).bundle"
        result.bundleSha256 = try files.writeBundle(as: "refs/heads/\(result.branch)", to: bundle)
        result.bundlePath = bundle

        let ref = "refs/smelt/results/\(run)"
        // The old value makes it a compare-and-swap; another result of this run is replaced.
        let old = try git.line("rev-parse", "--verify", "--quiet", "--end-of-options", ref)
        guard old != result.commit else { return }
        let none = String(repeating: "0", count: 40)
        let words = ["--no-deref", ref, result.commit, old ?? none]
        guard try git.update([ref], words).succeeded else { throw CollectFault.moved(ref) }
    }
}

extension FileChange.Status {
    var word: String {
        switch self {
        case .added: "added"
        case .deleted: "deleted"
        case .modified: "changed"
        case .type: "changed to another kind of file"
        }
    }
}
