import Glibc
import Records
import Sandbox
import Smelt
import Tasks

/// A task from its first attempt to its last. Between attempts it sleeps on one `poll`, with no clock but the one
/// that ends the pause.
struct TaskRun: ~Copyable {
    private let task: TaskPlan
    private let enforcement: Enforcement
    private let report: AloneReport?
    private var supervision: Supervision
    private var chance = SystemRandomNumberGenerator()
    /// What to end with, from the last attempt.
    private var status: Int32 = 0

    init(_ words: Words, _ asked: AlonePolicy, _ report: AloneReport?) throws {
        // Half of a value that cannot be copied cannot be thrown away, so what may fail comes before the first part.
        let task = try TaskPlan(words, asked)
        report?.plan = task.plan
        report?.name = task.spec.slot
        let enforcement = try Alone.enforcement(of: task.plan, report)
        Alone.warn(of: task.plan, enforcement)
        self.enforcement = enforcement
        self.report = report
        supervision = Supervision(
            restart: task.spec.restart, backOff: task.spec.backOff,
            maxRetries: task.spec.maxRetries)
        self.task = task
    }

    /// The status to end with.
    consuming func untilOver() throws -> Int32 {
        if let exit = Interruption.exit { try cancel(exit, "told to stop") }
        while supervision.begin() {
            report?.attempt = supervision.attempt
            let began = monotonicSeconds()
            let outcome = try attempt()
            let lasted = monotonicSeconds() - began
            let next = supervision.end(outcome, afterSeconds: lasted, using: &chance)
            guard case .again(let delay)? = next else {
                // After a fault that was told already, which may be that nothing can be told.
                if outcome == .fatal { try? tell() } else { try tell() }
                break
            }
            try tell(delay: delay)
            try wait(until: monotonicSeconds() + delay)
        }
        return supervision.phase == .succeeded ? 0 : status
    }

    private mutating func attempt() throws -> Supervision.Outcome {
        do {
            var verdict = try Alone.watch(task.plan, enforcement, report)
            if verdict.ending == .failed, !task.spec.work.failsOnNonZero {
                verdict.ending = .succeeded
            }
            status = verdict.status
            try report?.finish(verdict)
            return switch verdict.ending {
            case .succeeded: .succeeded
            case .timedOut: .timedOut
            case .cancelled: .canceled
            default: .failed
            }
        } catch let fault as any Fault {
            status = Alone.complain(of: fault, report)
            // What the machine cannot do now it may be able to do later; anything else stays as it is.
            return fault.exit == .later ? .failed : .fatal
        }
    }

    /// Until the moment has come, or there is no sense in another attempt: somebody tells us to stop, or nobody
    /// can read any more what the command prints.
    private mutating func wait(until moment: Double) throws {
        while true {
            var waiting = [
                pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: 1, events: 0, revents: 0),
            ]
            let rest = ((moment - monotonicSeconds()) * 1000).rounded(.up)
            _ = poll(&waiting, nfds_t(waiting.count), Int32(min(max(0, rest), 86_400_000)))
            if let exit = Interruption.exit { return try cancel(exit, "told to stop") }
            if waiting[1].revents & Int16(POLLERR | POLLHUP) != 0 {
                return try cancel(.unheard, "nobody reads the output")
            }
            if monotonicSeconds() >= moment { return }
            Interruption.drain()
        }
    }

    private mutating func cancel(_ exit: Exit, _ reason: String) throws {
        supervision.cancel()
        status = exit.rawValue
        try tell(reason: reason)
    }

    private func tell(delay: Double? = nil, reason: String? = nil) throws {
        try report?.tell(
            supervision.phase, attempt: supervision.attempt, delay: delay, reason: reason)
    }
}
