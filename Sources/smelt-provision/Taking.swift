import Glibc
import Records
import Results
import Runtimes
import Smelt

/// What a run takes over that goes on with another one: where that one started from, and the work of its sessions that ended
/// well. The work goes the way that it went when it came from a session, as a bundle through the quarantine, and lies in the new
/// environment then as if the session had run there.
struct Taking {
    let resumed: Resumed
    /// The one that goes on.
    let run: RunID
    /// Where the logs are.
    private let runsDirectory: String
    private let sessions: [Session]
    let repositories: Repositories

    /// Nil where the plan says nothing of another run.
    init?(_ planned: RunPlanned, run: RunID, _ repositories: Repositories) {
        guard let resumed = planned.resumes else { return nil }
        self.resumed = resumed
        self.run = run
        runsDirectory = planned.runsDirectory
        sessions = planned.job.sessions
        self.repositories = repositories
    }

    /// The commit that the sessions started from, whatever the reference means by now.
    func base(of job: Job, _ imports: Imports) throws -> Imports.Base {
        let commit = resumed.baseCommit
        guard ObjectName.isFull(commit), commit.utf8.count == 40 else {
            throw TakingFault.badName(commit)
        }
        do { return try imports.bring(again: commit, from: job.repository) } catch {
            if error is Cancelled { throw error }
            throw TakingFault.baseGone(commit, reason: "\(error)")
        }
    }

    /// Puts the work into an environment that is about to be told of.
    func put(into environment: SandboxEnvironment, of job: Job) throws {
        for word in resumed.runs { try checkIsOver(word, of: job.name) }
        let results = try repositories.results()
        for taken in resumed.sessions {
            try Interruption.check()
            guard job.sessions.contains(where: { $0.name == taken.session }),
                ObjectName.isFull(taken.commit), ObjectName.isFull(taken.start),
                taken.branch == SandboxEnvironment.branch(of: taken.session)
            else { throw TakingFault.badName(taken.session) }
            do { try put(taken, into: environment, results) } catch let fault as QuarantineFault {
                throw TakingFault.notAdmitted(taken, fault)
            }
        }
    }

    private func put(
        _ taken: Resumed.Taken, into environment: SandboxEnvironment, _ results: Git
    ) throws {
        let name = SafeName.of(taken.session)
        let memory = environment.memory(of: name)
        // Of this run, which was begun before.
        if Files.exists(memory) { return }
        if taken.commit != environment.baseCommit {
            try find(taken, base: environment.baseCommit, in: results)
            let branch = "refs/heads/\(taken.branch)"
            let path = "\(environment.directory)/\(name).bundle"
            let files = ResultFiles(in: results, from: environment.baseCommit, to: taken.commit)
            _ = try files.writeBundle(as: branch, to: path)
            let bundle = try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW)
            try Quarantine(into: results).admit(
                bundle: bundle.number, branch: branch, start: environment.baseCommit,
                wanted: taken.commit,
                as: RunReferences(of: run, in: results).session(name))
        }
        try Files.makeDirectories(Files.parent(of: memory))
        let end = SessionFinished(
            session: taken.session, attempt: taken.attempt, ending: .succeeded,
            branch: taken.branch, commit: taken.commit, committedForAgent: taken.committedForAgent,
            reason: "taken over from run \(taken.run)")
        try Files.replace(memory, with: RecordJSON.line(end, run: run))
    }

    /// The work has to be what smelt's own repository keeps, or lie in what is left of its run's environment.
    private func find(_ taken: Resumed.Taken, base: String, in results: Git) throws {
        let work = TakenWork(in: results)
        let before = dependencies(of: taken.session)
        if try work.isKept(taken, of: resumed, in: run, merging: before) { return }
        for word in [resumed.run, taken.run] {
            guard let source = RunID(word) else { throw TakingFault.badName(word) }
            if try admitLeft(taken, of: source, base: base, results) { return }
        }
        throw TakingFault.workGone(session: taken.session, run: taken.run)
    }

    /// All that a session was built on.
    private func dependencies(of session: String) -> Set<String> {
        var found: Set<String> = []
        var waiting = [session]
        while let name = waiting.popLast() {
            let before = sessions.first { $0.name == name }?.dependsOn ?? []
            waiting += before.filter { found.insert($0).inserted }
        }
        return found
    }

    /// Of a run that was killed: the bundle that its session ended with. False where there is none.
    private func admitLeft(
        _ taken: Resumed.Taken, of source: RunID, base: String, _ results: Git
    ) throws -> Bool {
        let directory = place(of: source)
        let name = SafeName.of(taken.session)
        let path = "\(directory)/\(name).bundle"
        guard let size = Files.size(path), size > 0 else { return false }
        // Nobody removes it meanwhile.
        let lease = try Lock("\(directory)/lease", .shared)
        defer { withExtendedLifetime(lease.number) {} }
        let bundle = try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        try Quarantine(into: results).admit(
            bundle: bundle.number, branch: "refs/heads/\(taken.branch)", start: base,
            wanted: taken.commit, as: RunReferences(of: source, in: results).session(name))
        return true
    }

    /// Two of the same sessions at once would end in two results, and so would a result that waits for a person or is being
    /// delivered. Who clears away what a dead run left has its lease; who runs sessions has the work lock, too.
    private func checkIsOver(_ word: String, of job: String) throws {
        guard let source = RunID(word) else { throw TakingFault.badName(word) }
        if RunsDirectory.isRecorded(source, of: job, in: runsDirectory) {
            throw TakingFault.alive(source)
        }
        let work = "\(place(of: source))/work"
        guard Files.exists(work) else { return }
        guard try Lock.attempt(work, .exclusive) != nil else { throw TakingFault.alive(source) }
    }

    private func place(of run: RunID) -> String {
        "\(repositories.environments)/\(Environments.id(of: run))"
    }
}

/// Why a run cannot go on with another.
enum TakingFault: Fault {
    case badName(String)
    case baseGone(String, reason: String)
    case workGone(session: String, run: String)
    case notAdmitted(Resumed.Taken, QuarantineFault)
    case alive(RunID)

    var exit: Exit {
        switch self {
        case .badName: .invalid
        case .baseGone, .workGone: .missing
        case .notAdmitted(_, let fault): fault.exit
        case .alive: .later
        }
    }

    var code: String {
        switch self {
        case .badName: "bad_record"
        case .baseGone: "base_gone"
        case .workGone: "work_gone"
        case .notAdmitted(_, let fault): fault.code
        case .alive: "in_use"
        }
    }

    var description: String {
        switch self {
        case .badName(let name):
            "could not take over from 'run.planned': '\(Visible.line(name))' is not what smelt writes there"
        case .baseGone(let commit, let reason):
            "could not start from '\(commit)' again, as the run did that failed: \(reason)"
        case .workGone(let session, let run):
            "could not take over session '\(Visible.line(session))' of run '\(Visible.line(run))': its work "
                + "was pruned"
        case .notAdmitted(let taken, let fault):
            "could not take over session '\(Visible.line(taken.session))' of run '\(taken.run)': \(fault)"
        case .alive(let run): "could not go on with run '\(run)': it is not over"
        }
    }

    var hint: String? {
        switch self {
        case .baseGone, .workGone, .notAdmitted: "run the manifest again from the beginning"
        case .alive: "stop it with smelt stop, or wait for its end"
        case .badName: nil
        }
    }
}
