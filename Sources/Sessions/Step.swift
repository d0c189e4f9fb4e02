internal import Glibc
internal import Records
internal import Runtimes
internal import Sandbox
internal import Smelt

/// One program of a session's at work: in a sandbox, or a helper of ours.
final class Step {
    enum Ending: Equatable {
        case exited(code: Int32)
        case killed(signal: Int32)
        /// At its own limit, or at another.
        case outOfMemory(atLimit: Bool)
    }

    private var running: Running?
    private var egress: EgressService?
    private var lastDecisions: [EgressWord.Decision] = []
    private var helper: Int32?
    /// On an engine; it is the session's, and has one program after another.
    private var connection: InsideConnection?
    private var plan: Plan?
    /// When a program on an engine that does not end is given up, on the monotonic clock.
    private var givingUp: Double?
    private var door: Door?
    /// What a place must be held by before anything runs there.
    private var check: ((InsideFrame.Hello) throws -> Void)?
    /// Why the connection is not there any more.
    private(set) var loss: String?
    /// What the program was refused.
    let denials = Denials()
    private(set) var ending: Ending?
    private(set) var usage = Records.Usage()
    /// Of a sandbox that has ended.
    private(set) var finished: Running.Finished?
    var captures: [Capture] = []
    /// What it puts on disks, where no quota holds it.
    private var disk: DiskWatch?
    /// When it must be over, on the monotonic clock.
    var deadline: Double?
    /// Asked to stop; killed at this moment.
    private var killing: Double?

    private init() {}

    /// Starts `plan`; `input` stays the caller's. `attach` gets the reading ends of its outputs.
    static func sandboxed(
        _ plan: Plan, input: Int32, attach: (Step, _ output: Int32, _ errors: Int32) throws -> Void
    ) throws -> Step {
        let step = Step()
        let (output, errors) = (try Descriptor.pipe(), try Descriptor.pipe())
        defer {
            close(output.writing)
            close(errors.writing)
        }
        try attach(step, output.reading, errors.reading)
        step.egress = try EgressService(plan)
        // Of its workspace, whichever program wrote it.
        step.disk = try DiskWatch(plan, counting: .everything)
        let running = try Launch.start(
            plan, Launch.Streams(input: input, output: output.writing, errors: errors.writing),
            step.egress, denials: step.denials)
        step.disk?.begin(running.pid)
        step.running = consume running
        return step
    }

    /// Starts `plan` where the connection leads; what comes back is given to `take`. `input` is a path inside.
    /// `door` is the directory here that the place has for its listeners.
    static func inside(
        _ plan: Plan, input: String, over connection: InsideConnection, door: String
    ) throws -> Step {
        let step = Step()
        step.connection = connection
        step.plan = plan
        if let service = try EgressService(plan) {
            step.egress = service
            step.door = try Door(in: door, to: service)
            connection.ask(
                .listen(
                    path: "\(EnginePlace.door)/\(EnginePlace.doorName)", service.listeners))
        }
        for request in try plan.requests(input: input) { connection.ask(request) }
        return step
    }

    /// Waits until the connection leads somewhere.
    static func entering(
        _ connection: InsideConnection, check: @escaping (InsideFrame.Hello) throws -> Void
    ) -> Step {
        let step = Step()
        step.connection = connection
        step.check = check
        return step
    }

    /// Starts one of smelt's own programs.
    static func helper(
        _ command: Command, input: Int32,
        attach: (Step, _ output: Int32, _ errors: Int32) throws -> Void
    ) throws -> Step {
        let step = Step()
        let (output, errors) = (try Descriptor.pipe(), try Descriptor.pipe())
        defer {
            close(output.writing)
            close(errors.writing)
        }
        try attach(step, output.reading, errors.reading)
        step.helper = try command.spawn(
            input: input, output: output.writing, errors: errors.writing)
        return step
    }

    deinit {
        if let helper, ending == nil {
            Glibc.kill(-helper, SIGKILL)
            _ = Command.Ending(of: helper)
        }
    }

    /// The program has ended and everything that it told us was read. What it printed for the records
    /// may still be in its pipes: a slow reader holds that up, and must hold up nothing else. What it wrote has been
    /// measured, too.
    var isOver: Bool {
        ending != nil && disk?.nextMoment == nil && !captures.contains { $0.isOpen }
    }

    /// It has put more on disks than it may.
    var wroteTooMuch: Bool { disk?.isOver == true }

    /// The moment at which `tick` has something to do.
    var nextMoment: Double? {
        let own = ending == nil ? [killing, deadline, givingUp] : []
        return (own + [disk?.nextMoment]).compactMap { $0 }.min()
    }

    /// Readable when a sandbox has ended; a helper's end shows by its outputs' ends.
    var endDescriptor: Int32 {
        guard ending == nil else { return -1 }
        return running?.descriptor ?? -1
    }

    /// Readable when something was decided about its network.
    var egressDescriptor: Int32 { ending == nil ? egress?.records ?? -1 : -1 }

    /// Readable when a container sends its listeners.
    var doorDescriptor: Int32 { door?.descriptor ?? -1 }

    func passListeners() throws { try door?.pass() }

    /// What was decided since it was asked last; all of it once the program has ended.
    func decisions() -> [EgressWord.Decision] {
        defer { lastDecisions = [] }
        return ending == nil ? egress?.decisions() ?? [] : lastDecisions
    }

    /// Asks it to stop and kills it after `grace` seconds.
    func stop(signal: Int32, grace: Double, now: Double) {
        guard ending == nil, killing == nil else { return }
        killing = now + grace
        if grace <= 0 { return kill() }
        running?.signal(signal)
        // A container that is still being made hears nothing.
        if let connection {
            guard plan != nil else { return kill() }
            connection.ask(.signal(signal))
        }
        if let helper { Glibc.kill(-helper, SIGTERM) }
    }

    func kill() {
        guard ending == nil else { return }
        killing = .infinity
        running?.kill()
        if let connection {
            guard plan != nil else { return ending = .killed(signal: SIGKILL) }
            connection.ask(.kill)
            givingUp = givingUp ?? monotonicSeconds() + Self.patience
        }
        if let helper { Glibc.kill(-helper, SIGKILL) }
    }

    func tick(now: Double) {
        if let killing, killing.isFinite, now >= killing { kill() }
        if let givingUp, now >= givingUp, ending == nil {
            loss = "it did not answer any more"
            ending = .killed(signal: SIGKILL)
        }
        disk?.goOn()
    }

    /// Takes the end of the program when it has come. Everything inside a sandbox is dead then; what
    /// is still in the pipes is read by the loop.
    func reap() {
        guard ending == nil else { return }
        if let running = running.take() {
            let finished = running.reap()
            usage = finished.usage
            self.finished = finished
            disk?.end()
            // Nobody is inside any more; it has a last word.
            lastDecisions = egress?.finish() ?? []
            egress = nil
            switch finished.ending {
            case .exited(let code): ending = .exited(code: code)
            case .killed(let signal): ending = .killed(signal: signal)
            case .destroyed: ending = .killed(signal: SIGKILL)
            case .outOfMemory(let atLimit): ending = .outOfMemory(atLimit: atLimit)
            }
        } else if let helper {
            switch Command.Ending(of: helper) {
            case .exited(let code): ending = .exited(code: code)
            case .killed(let signal): ending = .killed(signal: signal)
            }
        }
    }

    /// An engine that does not say within so many seconds that it has killed something has gone itself.
    private static let patience = 20.0

    /// What has come over the connection, as far as it is not output.
    func take(_ answer: InsideFrame.Answer) throws {
        guard ending == nil else { return }
        switch answer {
        case .hello(let hello):
            guard plan == nil else { return }
            try check?(hello)
            ending = .exited(code: 0)
        case .output(let bytes): try captures.first?.take(bytes)
        case .errors(let bytes): try captures.last?.take(bytes)
        case .refused(let reason):
            throw RuntimeFault.notInside(
                command: plan?.command.first ?? "", reason: Visible.line(reason))
        case .ended(let end):
            guard let plan else { return }
            usage = end.usage
            let ended = try end.how.ending(of: plan)
            lastDecisions = egress?.finish() ?? []
            egress = nil
            door = nil
            // A container's group has no other limit than its own. What was killed may be any of the programs; none of
            // them is to go on without it, as none does in a sandbox.
            if usage.oomKills ?? 0 > 0, killing == nil {
                ending = .outOfMemory(atLimit: true)
            } else {
                switch ended {
                case .exited(let code): ending = .exited(code: code)
                case .killed(let signal): ending = .killed(signal: signal)
                }
            }
        }
    }

    /// The connection has ended before its time; perhaps since all that ran there was killed for want of memory.
    func lose(_ reason: String, outOfMemory: Bool) {
        guard ending == nil, connection != nil else { return }
        loss = reason
        ending = outOfMemory ? .outOfMemory(atLimit: true) : .killed(signal: SIGKILL)
    }

    /// A helper whose outputs have ended is about to end.
    var helperIsDone: Bool { helper != nil && ending == nil && !captures.contains { $0.isOpen } }
}

extension Step.Ending {
    /// As a shell counts.
    var status: Int32 {
        switch self {
        case .exited(let code): code
        case .killed(let signal): 128 + signal
        case .outOfMemory: 128 + SIGKILL
        }
    }

    var sentence: String {
        switch self {
        case .exited(let code): "ended with status \(code)"
        case .killed(let signal): "was killed by signal \(signal)"
        case .outOfMemory(true): "needed more than limits.memory"
        case .outOfMemory(false): "was killed because the host had no more memory for it"
        }
    }
}

extension Records.Usage {
    /// Times add up, the peak is the highest.
    mutating func add(_ other: Records.Usage) {
        func sum<Number: Numeric>(_ one: Number?, _ two: Number?) -> Number? {
            one.map { $0 + (two ?? 0) } ?? two
        }
        userSeconds = sum(userSeconds, other.userSeconds)
        systemSeconds = sum(systemSeconds, other.systemSeconds)
        peakMemoryBytes = [peakMemoryBytes, other.peakMemoryBytes].compactMap { $0 }.max()
        peakSwapBytes = [peakSwapBytes, other.peakSwapBytes].compactMap { $0 }.max()
        throttledSeconds = sum(throttledSeconds, other.throttledSeconds)
        oomKills = sum(oomKills, other.oomKills)
        readBytes = sum(readBytes, other.readBytes)
        writtenBytes = sum(writtenBytes, other.writtenBytes)
        processes = [processes, other.processes].compactMap { $0 }.max()
    }
}
