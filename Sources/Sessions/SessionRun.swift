internal import Glibc
internal import Records
internal import Runtimes
internal import Sandbox
internal import Smelt

/// One session from its start to its end: a chain of steps, each a program, moved on by the loop.
///
///     preparing? → entering? → checking out? → measuring? → setting up? → working → salvaging
///         → (entering? → arriving? → measuring? → setting up? → gating)? → over
///
/// Places on an engine are entered first: their containers are made. What is on disk there is measured where that is
/// limited.
///
/// Whatever happens while working, what the agent left is salvaged.
final class SessionRun {
    enum Phase {
        case preparing, entering, checkingOut, measuring, settingUp, working, salvaging
        case gateEntering, arriving, gateMeasuring, gateSettingUp, gating, over

        /// In the gate's place, not in the session's own.
        var isGate: Bool {
            switch self {
            case .gateEntering, .arriving, .gateMeasuring, .gateSettingUp, .gating: true
            default: false
            }
        }

        /// A program of somebody else's runs, whose output is told.
        var isForeign: Bool {
            switch self {
            case .settingUp, .working, .gateSettingUp, .gating: true
            default: false
            }
        }
    }

    let session: Session
    let attempt: Int
    let crew: CrewContext
    var phase = Phase.preparing
    var step: Step?
    /// The outputs of the program that runs or ran last, until they are read to their ends.
    var streams: [OutputStream] = []
    /// What the loop reports once the phase is over.
    private(set) var finished: SessionFinished?

    let begun: Double
    var place: SessionPlace?
    var gatePlace: SessionPlace?
    var offsets: [Output.Stream: Int] = [:]
    var printed = 0
    /// What comes over a connection is left there until then.
    var hearsFrom: Double?
    var lastSign: Double
    /// Decided before the programs themselves had ended.
    var verdict: (ending: Ending, reason: String?)?
    var work: Step.Ending?
    var commit: String?
    var committed = false
    var usage = Records.Usage()
    var refusals = Refusals()
    var gateBegun = 0.0
    /// Nobody looks any more at what it has on disk, and that was told.
    var isUnwatched = false

    init(_ session: Session, attempt: Int, crew: CrewContext, now: Double) {
        self.session = session
        self.attempt = attempt
        self.crew = crew
        begun = now
        lastSign = now
    }

    private var agent: Agent? { session.agent ?? crew.job.agent }
    var hasGate: Bool { agent != nil && !session.harness.isEmpty }

    // MARK: moving on

    /// Starts at the base, or has the branches merged first that the session depends on.
    func begin(now: Double) throws {
        guard session.dependsOn.isEmpty else {
            let (command, request) = try crew.preparation(of: session)
            return try run(.preparing, .helper(command, request: request), now: now)
        }
        try open(commit: crew.ready.baseCommit, now: now)
    }

    private func open(commit: String, now: Double) throws {
        let place = try crew.place(for: session, commit: commit)
        self.place = place
        try crew.write(
            SessionStarted(
                session: session.name, attempt: attempt, branch: place.workspace.branch,
                commit: commit,
                workspace: crew.ready.workspace))
        if let connection = place.connection {
            return try run(.entering, .entering(connection), now: now)
        }
        try checkOut(now: now)
    }

    private func checkOut(now: Double) throws {
        guard let place else { return }
        if let command = place.workspace.preparation {
            try run(
                .checkingOut, .quiet(crew.plan(in: place, session, .checkOut(command))), now: now)
        } else {
            try setUp(now: now)
        }
    }

    private func setUp(now: Double) throws {
        guard let place else { return }
        try place.begin()
        guard let setup = crew.job.workspace.setup else { return try startWork(now: now) }
        try run(.settingUp, .shell(crew.plan(in: place, session, .setup(setup))), now: now)
    }

    private func startWork(now: Double) throws {
        guard let place else { return }
        let task = try crew.task(of: session)
        let command = try AgentCommand(agent, session: session, task: task)
        let plan = crew.plan(in: place, session, .work(command.arguments, task: task))
        // On an engine it comes with the plan's files.
        let input =
            !command.readsTask
            ? nil : connection == nil ? try place.writeTask(task) : AgentCommand.specFile
        try run(.working, .sandbox(plan, input: input), now: now)
    }

    /// Whether the next step can begin: work is salvaged at once, everything else waits until what was
    /// printed before has left.
    var canProceed: Bool {
        guard step?.isOver == true else { return false }
        return streams.isEmpty || (phase == .working && !isUntouched)
    }

    /// Nothing was done that could be salvaged; known without a look inside, once the work has ended.
    private lazy var isUntouched: Bool =
        place?.workspace.commit == crew.ready.baseCommit && crew.isUntouched(session)

    /// The step has ended: what comes next?
    func proceed(now: Double) throws {
        guard let step, let ending = step.ending else { return }
        usage.add(step.usage)
        try tell(step.decisions())
        note(step)
        self.step = nil
        if isLost(step) { return phase.isGate ? gateEnded(ending, now: now) : end(now: now) }
        switch phase {
        case .preparing: try prepared(step, ending, now: now)
        case .entering:
            if verdict != nil { return end(now: now) }
            try checkOut(now: now)
        case .checkingOut:
            if ending == .exited(code: 0), verdict == nil, let place {
                return try measure(place, now: now) { try setUp(now: now) }
            }
            if verdict == nil { verdict = (.failed, "its start was not checked out") }
            end(now: now)
        case .measuring:
            if try measured(step, ending) { try setUp(now: now) } else { end(now: now) }
        case .settingUp:
            if ending == .exited(code: 0), verdict == nil { return try startWork(now: now) }
            work = ending
            if verdict == nil {
                let lacked = if case .outOfMemory = ending { true } else { false }
                verdict = (lacked ? .outOfMemory : .failed, "its setup \(ending.sentence)")
            }
            try salvage(now: now)
        case .working:
            work = ending
            try salvage(now: now)
        case .salvaging: try salvaged(step, ending, now: now)
        case .gateEntering:
            guard verdict == nil else { return gateEnded(ending, now: now) }
            try arrive(now: now)
        case .arriving:
            guard ending == .exited(code: 0), verdict == nil else {
                let reason = step.captures.last?.firstLine.map(Visible.line)
                crew.fail(
                    SessionFault.notPrepared(
                        session: session.name, reason: reason ?? "git \(ending.sentence)"),
                    session.name)
                return gateEnded(ending, now: now)
            }
            guard let gatePlace else { return }
            try measure(gatePlace, now: now) { try setUpGate(now: now) }
        case .gateMeasuring:
            if try measured(step, ending) { return try setUpGate(now: now) }
            gateEnded(ending, now: now)
        case .gateSettingUp:
            guard ending == .exited(code: 0), verdict == nil else {
                return gateEnded(ending, now: now)
            }
            try startGate(now: now)
        case .gating: gateEnded(ending, now: now)
        case .over: break
        }
    }

    /// A connection that broke: what was done is in the container's volume, from where release rescues it.
    private func isLost(_ step: Step) -> Bool {
        guard let loss = step.loss else { return false }
        crew.fail(SessionFault.containerLost(session: session.name, reason: loss), session.name)
        let lacked = if case .outOfMemory? = step.ending { true } else { false }
        if verdict == nil { verdict = (lacked ? .outOfMemory : .failed, loss) }
        return true
    }

    private func prepared(_ step: Step, _ ending: Step.Ending, now: Double) throws {
        if verdict != nil { return end(now: now) }
        guard ending == .exited(code: 0), let commit = step.captures.first?.firstLine else {
            let reason = step.captures.last?.firstLine ?? "its helper \(ending.sentence)"
            crew.fail(SessionFault.notPrepared(session: session.name, reason: reason), session.name)
            verdict = (.failed, reason)
            return end(now: now)
        }
        try open(commit: commit, now: now)
    }

    private func salvage(now: Double) throws {
        guard let place else { return end(now: now) }
        if isUntouched {
            commit = place.workspace.commit
            return try judge(now: now)
        }
        try crew.makeRoom(in: place)
        // Nobody needs them any more.
        connection?.ask(.remove(path: EnginePlace.secrets))
        let plan = crew.plan(in: place, session, .salvage)
        try run(.salvaging, .captured(plan, restInto: place.bundlePath), now: now)
        step?.deadline = now + Arrival.patience
    }

    private func salvaged(_ step: Step, _ ending: Step.Ending, now: Double) throws {
        let said = step.captures.first?.firstLine.flatMap { Salvage.Work($0) }
        let tooLarge = step.captures.contains { $0.isTooLong }
        if let said, ending == .exited(code: 0), !tooLarge {
            (commit, committed) = (said.commit, said.committed)
        } else {
            let reason =
                tooLarge
                ? "it is larger than \(Arrival.largest) bytes"
                : step.captures.last?.firstLine.map(Visible.line) ?? "git \(ending.sentence)"
            crew.fail(
                SessionFault.notSalvaged(session: session.name, reason: reason), session.name)
            if verdict == nil { verdict = (tooLarge ? .overLimit : .failed, reason) }
        }
        try judge(now: now)
    }

    /// Something of ours failed; whatever runs is killed when the step is let go.
    func abandon(_ fault: any Fault) {
        step = nil
        streams = []
        if verdict == nil { verdict = (.failed, "\(fault)") }
        end(now: monotonicSeconds())
    }

    func end(now: Double) {
        phase = .over
        usage.wallSeconds = now - begun
        var natural: Ending = work == .exited(code: 0) ? .succeeded : .failed
        if case .outOfMemory? = work, verdict == nil {
            natural = .outOfMemory
            verdict = (natural, work.map { "it \($0.sentence)" })
        }
        var record = SessionFinished(
            session: session.name, attempt: attempt, ending: verdict?.ending ?? natural)
        if case .exited(let code)? = work { record.exitStatus = code }
        if case .killed(let signal)? = work { record.signal = signal }
        if case .outOfMemory? = work { record.signal = SIGKILL }
        if let place, commit == nil { crew.keep(place) }
        record.branch = place?.workspace.branch
        record.commit = commit
        record.committedForAgent = committed ? true : nil
        record.reason = verdict?.reason
        record.usage = usage
        finished = record
        sumUp()
        if let gatePlace { crew.throwAway(gatePlace) }
    }
}
