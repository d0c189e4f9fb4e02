internal import FoundationEssentials
internal import Glibc
internal import Records
internal import Results
internal import Runtimes
internal import Sandbox
internal import Smelt

/// What the operator says on the command line.
package struct CrewOptions: Sendable {
    /// From the stop signal until a session is killed, seconds.
    package var grace: Double
    /// What programs of sessions are refused is told with files and addresses.
    package var tracesDenials: Bool

    package init(grace: Double = 10, tracesDenials: Bool = false) {
        self.grace = grace
        self.tracesDenials = tracesDenials
    }
}

/// What all sessions of a run have in common, and how a plan is made for each of their steps.
final class CrewContext {
    let run: RunID
    let job: Job
    /// What is taken over from another run.
    private let resumed: Resumed?
    let ready: EnvironmentReady
    let limits: Limits
    let grace: Double
    private let tracesDenials: Bool
    let patterns: SecretPatterns
    /// `/dev/null`, for programs that read nothing.
    let null: Int32

    private let stage: Stage
    private let environment: SandboxEnvironment
    private let checkout: String
    private let credentials: SessionCredentials
    private let walls: Walls
    /// Held as long as sessions run: release waits for it.
    private let work: Lock

    init(
        run: RunID, planned: RunPlanned, ready: EnvironmentReady, stage: Stage, options: CrewOptions
    ) throws {
        self.run = run
        self.ready = ready
        self.stage = stage
        job = planned.job
        resumed = planned.resumes
        limits = ready.limits
        grace = options.grace
        tracesDenials = options.tracesDenials
        // Before anything copies the environment.
        try KeptSecrets.keep(ready.network.broker ?? [])
        walls = try Walls(job.sandbox)
        credentials = try SessionCredentials(job.credentials)
        patterns = credentials.patterns
        work = try SandboxEnvironment.lockWork(of: ready.directory)
        environment = try SandboxEnvironment(opening: ready.directory)
        null = try Descriptor(opening: "/dev/null", O_RDONLY).release()
        guard (environment.facts.runtime ?? .sandbox) == ready.runtime else {
            throw SessionFault.wrongRuntime(ready.runtime.rawValue)
        }
        let state = try Places.state()
        let marks = CredentialMarks(state: state)
        let sources = Set((resumed?.sessions ?? []).compactMap { RunID($0.run) })
        try marks.check(job.credentials, of: sources.sorted { $0.description < $1.description })
        try marks.note(job.credentials, of: run)
        let repositories = Repositories(state: state)
        if environment.isOnEngine {
            checkout = ""
            return
        }
        checkout = try Checkouts(repositories).ensure(
            commit: ready.baseCommit, from: repositories.imports()
        ).path
    }

    deinit { close(null) }

    var output: LineWriter { stage.output }

    func write(_ record: some Record) throws { try stage.write(record) }
    func emit(_ record: some Record) { try? stage.write(record) }
    func fail(_ fault: any Fault, _ session: String) { stage.fail(fault, session: session) }

    // MARK: places

    func place(for session: Session, commit: String) throws -> SessionPlace {
        let workspace = try environment.workspace(
            session: session.name, commit: commit, checkout: checkout, of: ready.baseCommit,
            bringing: { _ in throw SessionFault.notPrepared(session: session.name, reason: "gone") }
        )
        var place = SessionPlace(workspace, in: environment)
        try place.makeHome(owner: environment.hostUser)
        try place.bring(job.workspace.copy, owner: environment.hostUser)
        try place.connect()
        return place
    }

    func isUntouched(_ session: Session) -> Bool {
        Salvage(environment).isUntouched(SafeName.of(session.name))
    }

    /// A fresh place at the base commit, for a gate; where the work is in a bundle, that comes with it.
    func gatePlace(for session: Session, bundle: String?) throws -> SessionPlace {
        let workspace = try environment.fresh(
            session: session.name, commit: ready.baseCommit, checkout: checkout,
            of: ready.baseCommit)
        var place = SessionPlace(workspace, in: environment)
        try place.makeHome(owner: environment.hostUser)
        // What is brought into the home is what an agent lives on: none of the gate's business.
        let shared = job.workspace.copy.filter { !SessionPlace.isAtHome($0.target) }
        try place.bring(shared, owner: environment.hostUser)
        if let bundle, environment.isOnEngine { try place.bring(bundle: bundle) }
        try place.connect()
        return place
    }

    /// Before it is salvaged.
    func makeRoom(in place: SessionPlace) throws {
        try Salvage(environment).makeRoom(in: place.workspace)
    }

    /// Whether the end of a connection says why; else its status is the container's own, whoever killed that.
    var tellsLosses: Bool { (try? environment.engine()?.tellsLosses) ?? false }

    /// Whether the containers' listeners stay inside, and connections to them are carried here.
    var carries: Bool { environment.facts.engine?.carries == true }

    /// What a container must be held by; told where it was asked for no more than what can be had.
    func check(_ hello: InsideFrame.Hello) throws {
        let missing = try hello.missing(limits)
        if missing.isEmpty { return }
        let fault = EngineFault.notConfined(missing)
        guard environment.facts.bestEffort else { throw fault }
        say("smelt-exec: warning: \(fault)\n")
    }

    /// What may have been done there was not taken out: it stays for a rescue.
    func keep(_ place: SessionPlace) {
        guard Files.exists(Salvage.mark(in: place.workspace.directory)) else { return }
        do {
            try environment.engine()?.keep(environment.place(of: place.workspace), in: environment)
        } catch { say("smelt-exec: \(error)\n") }
    }

    func throwAway(_ place: SessionPlace) {
        // The container goes with the environment: it takes a moment, for which nobody needs to wait now.
        guard !environment.isOnEngine else { return }
        do { try environment.discard(place.workspace) } catch {
            // What is left goes with the environment.
            say("smelt-exec: \(error)\n")
        }
    }

    // MARK: plans

    enum Purpose {
        case checkOut([String])
        case setup(String)
        case work([String], task: String)
        case salvage
        case arrive(bundle: String)
        case gate
    }

    func plan(in place: SessionPlace, _ session: Session, _ purpose: Purpose) -> Plan {
        if case .salvage = purpose {
            return Salvage(environment).plan(
                SafeName.of(session.name), in: place.workspace, checkout: checkout,
                base: ready.baseCommit, patience: Arrival.patience)
        }
        var plan = environment.plan(
            in: place.workspace, command: [], environment: variables(session))
        plan.graceSeconds = grace
        plan.files += place.grants
        plan.measured = true
        switch purpose {
        case .salvage: break
        case .checkOut(let command):
            plan.command = command
            plan.network = .none
        case .arrive(let bundle):
            plan.command = ["/bin/sh", "-c", Arrival.script, "arrive", place.workspace.branch]
            if environment.isOnEngine {
                plan.command.append(Arrival.bundleOnEngine)
            } else {
                plan.command.append(Arrival.bundle)
                plan.files.append(.readOnly(source: bundle, target: Arrival.bundle))
            }
            plan.network = .none
        case .setup(let command):
            plan.command = ["/bin/sh", "-c", command]
            share(into: &plan, session)
            // It prepares the workspace, whoever works in it and wherever in it.
            plan.directory = ready.workspace
        case .gate:
            plan.command = ["/bin/sh", "-c", session.harness]
            share(into: &plan, session)
        case .work(let command, let task):
            plan.command = command
            // Like credentials, they are the agent's alone.
            plan.reach.broker = ready.network.broker
            plan.files.append(
                .file(contents: task, target: AgentCommand.specFile, mode: 0o444))
            plan.environment["SMELT_SPEC_FILE"] = AgentCommand.specFile
            share(into: &plan, session)
            credentials.give(to: &plan, session)
        }
        return plan
    }

    private func variables(_ session: Session) -> [String: String] {
        [
            "SMELT_RUN": run.description, "SMELT_SESSION": session.name,
            "SMELT_BASE": ready.baseCommit,
        ]
    }

    /// What setup, agent and gate have in common: walls, variables, directory, mounts.
    private func share(into plan: inout Plan, _ session: Session) {
        walls.set(in: &plan)
        plan.traced = tracesDenials
        if !environment.isOnEngine {
            plan.environment["PATH"] = Plan.searchPath(with: Environment["PATH"])
        }
        // What is wrong with the rules is told when the network is started.
        if plan.network == .allow, let own = try? EgressPorts.variables(for: plan.reach) {
            plan.environment.merge(environment.exceptingServices(from: own)) { $1 }
        }
        plan.environment.merge(session.env) { $1 }
        if let directory = session.workingDirectory {
            plan.directory = Files.resolve(directory, against: ready.workspace)
        }
        // On an engine they come with the container.
        guard !environment.isOnEngine else { return }
        plan.files += job.workspace.mounts.map {
            .readOnly(source: $0.source, target: SessionPlace.inside($0.target))
        }
    }

    // MARK: tasks and memory of what was done

    /// The task in words; one that was too long for a record is read from its file.
    func task(of session: Session) throws -> String {
        guard let path = session.specPath else { return session.spec }
        let bytes = try Files.read(path)
        guard SHA256.digest(bytes) == session.specSha256 else {
            throw SessionFault.taskChanged(path: path)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Have the branches merged that the session starts from, by a process of its own: the loop goes
    /// on meanwhile.
    func preparation(of session: Session) throws -> (Command, request: String) {
        let request = StartRequest(
            run: run.description, merges: resumed?.first, job: job.name,
            environment: ready.directory, session: session.name,
            dependencies: session.dependsOn, order: job.merge.order, commit: job.commit)
        let path = "\(ready.directory)/\(SafeName.of(session.name)).start.json"
        try Files.replace(path, with: Array(JSONEncoder().encode(request)))
        return (Command(SandboxedGit.program, "--start-commit"), path)
    }

    private func memory(_ session: String) -> String {
        environment.memory(of: SafeName.of(session))
    }

    /// How the session ended in an earlier feeding of the same log.
    func finished(_ session: Session) -> SessionFinished? {
        guard let bytes = try? Files.read(memory(session.name)) else { return nil }
        return try? RecordJSON.decode(SessionFinished.self, from: bytes)
    }

    /// Whose end is known because another run has done it, and provision brought its work here.
    func taken(_ session: Session) -> Resumed.Taken? { resumed?[session: session.name] }

    /// Remembers the end before it is told.
    func keep(_ record: SessionFinished, of session: Session) throws {
        let path = memory(session.name)
        try Files.makeDirectories(Files.parent(of: path))
        try Files.replace(path, with: RecordJSON.line(record, run: run))
    }

    /// 1, or one more than in a run that was cut off.
    func nextAttempt(of session: Session) throws -> Int {
        let path = "\(ready.directory)/attempts/\(SafeName.of(session.name))"
        let last = (try? Files.readText(path, upTo: 64)).flatMap { Int($0) } ?? 0
        try Files.makeDirectories(Files.parent(of: path))
        try Files.replace(path, with: Array(String(last + 1).utf8))
        return last + 1
    }
}
