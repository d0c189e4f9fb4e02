internal import Glibc
internal import Records
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
        let own = ending == nil ? [killing, deadline] : []
        return (own + [disk?.nextMoment]).compactMap { $0 }.min()
    }

    /// Readable when a sandbox has ended; a helper's end shows by its outputs' ends.
    var endDescriptor: Int32 {
        guard ending == nil else { return -1 }
        return running?.descriptor ?? -1
    }

    /// Readable when something was decided about its network.
    var egressDescriptor: Int32 { ending == nil ? egress?.records ?? -1 : -1 }

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
        if let helper { Glibc.kill(-helper, SIGTERM) }
    }

    func kill() {
        guard ending == nil else { return }
        killing = .infinity
        running?.kill()
        if let helper { Glibc.kill(-helper, SIGKILL) }
    }

    func tick(now: Double) {
        if let killing, now >= killing { kill() }
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
