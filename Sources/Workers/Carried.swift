internal import FoundationEssentials
internal import Glibc
internal import Records
internal import Smelt

/// One run on a worker, over as many lines as it takes: who is cut off comes again, and goes on where the records end.
final class Carried {
    let target: WorkerTarget
    let run: RunID
    let outgoing: Outgoing
    let arrival: Arrival
    let intake: RecordIntake
    let stage: Stage
    /// Bytes that have come of what the programs there complained.
    var errorsAt = 0
    /// The job was sent: it may have begun; it has begun.
    var wasSent = false
    var isBegun = false
    /// The bundles are here, and all records passed on.
    var hasAll = false
    private var wasStrange = false
    /// Since when the line is dead, in monotonic seconds, and how often it was tried since.
    var deadSince: Double?
    private var tries = 0
    /// Signals that the far side was told of over this line.
    var told = 0
    let pulse: Double

    init(
        _ target: WorkerTarget, run: RunID, _ outgoing: Outgoing, _ arrival: Arrival,
        _ intake: RecordIntake, _ stage: Stage
    ) {
        self.target = target
        self.run = run
        self.outgoing = outgoing
        self.arrival = arrival
        self.intake = intake
        self.stage = stage
        pulse = min(5, max(0.5, target.grace / 4))
    }

    func untilOver() throws {
        while true {
            let line = try SSHLine(to: target, pulse: pulse)
            do {
                try converse(line)
                return
            } catch let fault as LineFault {
                if hasAll { return }
                let trouble = line.diagnosis(fault)
                if !isBegun, let exit = unwanted { throw Cancelled(exit) }
                guard wasSent else { throw trouble }
                // What is said so twice is not said by chance.
                if case .strange(let text) = fault {
                    guard !wasStrange else {
                        throw isBegun ? WorkerFault.babbles(target.name, text: text) : trouble
                    }
                    wasStrange = true
                }
                try endure(trouble)
            }
        }
    }

    /// Waits before the next try, unless it would be in vain.
    private func endure(_ trouble: WorkerFault) throws {
        let now = monotonicSeconds()
        if deadSince == nil {
            deadSince = now
            tries = 0
            say("smelt-queue: \(trouble); trying again\n")
        }
        // There it ends by itself now, or goes on to its end: nobody can be told.
        if let exit = unwanted { throw Cancelled(exit) }
        if target.disconnect == .end, now - (deadSince ?? now) > target.grace + Self.margin {
            throw WorkerFault.lost(target.name, seconds: target.grace)
        }
        let pause = min(30, 0.25 * Double(1 << min(tries, 8))) * Double.random(in: 0.5...1)
        tries += 1
        let deadline = monotonicSeconds() + pause
        while monotonicSeconds() < deadline, unwanted == nil { wait(until: deadline) }
    }

    /// Why the run is not wanted any more: a signal came, or nobody reads.
    var unwanted: Exit? {
        Interruption.exit ?? (stage.output.isUnheard ? .unheard : nil)
    }

    /// Waits for the line, for a signal, and for whoever reads what we pass on.
    func wait(
        _ frames: FrameLine? = nil, until deadline: Double, fetching: Bool = true
    ) {
        let output = stage.output
        var waiting = [
            pollfd(fd: fetching ? frames?.input ?? -1 : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(
                fd: output.isUnheard ? -1 : output.descriptor,
                events: output.isEmpty ? 0 : Int16(POLLOUT), revents: 0),
            pollfd(fd: frames?.complaints?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        let left = max(0, deadline - monotonicSeconds())
        _ = poll(&waiting, 4, Int32(min(left * 1000 + 1, 1e9)))
        if waiting[0].revents != 0 { frames?.fill() }
        if waiting[1].revents != 0 { Interruption.drain() }
        if waiting[2].revents != 0 {
            output.look()
            try? output.push()
        }
        if waiting[3].revents != 0 { frames?.complaints?.take() }
    }

    /// Seconds that a run there needs to notice, and to end, before it is begun elsewhere.
    private static let margin = 60.0

    static func check(_ answer: Frame, _ target: WorkerTarget) throws {
        switch answer.kind {
        case .hello:
            let welcome = try Wire.read(Welcome.self, answer.payload)
            guard welcome.number == Greeting.protocolNumber else {
                throw WorkerFault.otherProtocol(welcome.number)
            }
        case .refusal:
            let refusal = try Wire.read(Refusal.self, answer.payload)
            throw WorkerFault.refused(
                target.name, code: refusal.code, status: refusal.status, message: refusal.message)
        default: throw LineFault.strange("\(answer.kind)")
        }
    }
}
