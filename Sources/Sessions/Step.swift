internal import Glibc
internal import Records
internal import Runtimes
internal import Sandbox
internal import Smelt

/// One program of a session's at work: in a sandbox, in a container (StepInside.swift), or a helper of ours.
final class Step {
    private var running: Running?
    var egress: EgressService?
    var lastDecisions: [EgressWord.Decision] = []
    private var helper: Int32?
    /// To the session's container.
    var connection: InsideConnection?
    var plan: Plan?
    /// When a program on an engine that does not end is given up, on the monotonic clock.
    var givingUp: Double?
    var door: Door?
    /// Where the container shares its loopback, or nothing can be handed out of it.
    var carrier: Carrier?
    /// What is to be asked once the listeners inside are open.
    var waiting: ((_ ports: [Int]) throws -> Void)?
    /// What a place must be held by before anything runs there.
    var check: ((InsideFrame.Hello) throws -> Void)?
    /// Why the connection is not there any more.
    var loss: String?
    /// What the program was refused.
    let denials = Denials()
    var ending: Ending?
    var usage = Records.Usage()
    /// Of a sandbox that has ended.
    private(set) var finished: Running.Finished?
    var captures: [Capture] = []
    /// What it puts on disks, where no quota holds it.
    var disk: DiskWatch?
    /// When it must be over, on the monotonic clock.
    var deadline: Double?
    /// Asked to stop; killed at this moment.
    var killing: Double?

    init() {}

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
        ending != nil && disk?.isDone ?? true && !captures.contains { $0.isOpen }
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
            disk?.giveUp()
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
            ending = Ending(Command.Ending(of: helper))
        }
    }

    /// A helper whose outputs have ended is about to end.
    var helperIsDone: Bool { helper != nil && ending == nil && !captures.contains { $0.isOpen } }
}
