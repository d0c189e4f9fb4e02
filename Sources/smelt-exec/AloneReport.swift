import Glibc
import Records
import Sandbox
import Smelt

/// The records of a command alone: `session.started` and the last one to `--events`, the last one to `--report`. Its
/// run is the caller's, by `SMELT_RUN`, or a new one.
final class AloneReport {
    private lazy var run = Environment.nonEmpty("SMELT_RUN").flatMap(RunID.init) ?? .make()
    private let events: Int32?
    private let file: String?
    var plan = Plan(command: [])
    var refusals = Refusals()
    /// Names of limits.
    var notEnforced: [String] = []

    init(_ words: Words) throws {
        file = words[AloneOptions.report]
        if let file {
            // It is put in place of what is there, which must not be a device or the link /dev/stdout.
            var facts = stat()
            if lstat(file, &facts) == 0, facts.st_mode & S_IFMT != S_IFREG {
                throw AloneFault.notPlain(file)
            }
        }
        switch words[AloneOptions.events] {
        case nil: events = nil
        case .descriptor(let number): events = number
        case .file(let path):
            events = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o666)
                .release()
        }
    }

    /// Whether somebody wants to know which system calls were refused: telling makes each of them slower.
    var tellsCalls: Bool { events != nil || file != nil }

    /// Of a task, its slot.
    var name: String?
    var attempt = 1

    private var session: String {
        name ?? plan.command.first.map(Files.name) ?? "smelt-exec"
    }

    func start() throws {
        try write(SessionStarted(session: session, attempt: attempt, workspace: plan.directory))
    }

    func finish(_ verdict: Verdict) throws {
        let missing = notEnforced.map { "not enforced: \($0)" }
        let reasons = (verdict.reason.map { [$0] } ?? []) + missing
        let record = SessionFinished(
            session: session, attempt: attempt, ending: verdict.ending,
            exitStatus: verdict.exitStatus, signal: verdict.signal,
            reason: reasons.isEmpty ? nil : reasons.joined(separator: "; "),
            usage: verdict.usage)
        try write(record, isLast: true)
    }

    /// What the network let through and what not.
    func tell(_ decisions: [EgressWord.Decision]) throws {
        for decision in decisions {
            refusals.add(decision)
            try write(
                Egress(
                    session: session, host: decision.host, port: decision.port,
                    allowed: decision.allowed, rule: decision.rule, reason: decision.reason,
                    count: decision.count))
        }
    }

    /// What was refused, in records and for whoever looks on. A task's next attempt counts for itself.
    func sumUp(_ calls: Denials?) throws {
        if let calls { refusals.add(calls) }
        try refusals.tell(of: session) {
            try write($0)
        } sentence: {
            say("smelt-exec: \($0)\n")
        }
    }

    /// Where the task stands after an attempt, or at its end.
    func tell(_ phase: TaskPhase, attempt: Int, delay: Double? = nil, reason: String? = nil) throws
    {
        try write(
            TaskPhased(
                session: session, attempt: attempt, phase: phase, delaySeconds: delay,
                reason: reason))
    }

    /// Best effort: the fault itself is what the caller hears of.
    func fail(_ fault: any Fault) {
        let record = Failed(stage: "exec", fault, session: session)
        try? write(record, isLast: true)
    }

    private func write(_ record: some Record, isLast: Bool = false) throws {
        guard events != nil || file != nil else { return }
        let line = try RecordJSON.line(record, run: run)
        if let events { try send(line, to: events) }
        if isLast, let file { try Files.replace(file, with: line, mode: 0o644) }
    }

    private func send(_ line: [UInt8], to number: Int32) throws(SystemFault) {
        var fault: SystemFault?
        line.withUnsafeBytes { raw in
            do throws(SystemFault) { try writeAll(raw, to: number, name: "--events") } catch {
                fault = error
            }
        }
        // Nobody listens any more: the command goes on.
        if let fault, fault.number != EPIPE { throw fault }
    }
}
