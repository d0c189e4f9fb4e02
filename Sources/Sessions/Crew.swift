internal import Glibc
internal import Records
package import Smelt

/// The sessions of one run, all at work in one thread: reads the pipe, starts what may start, relays
/// what programs print, watches times and limits, and never waits for a slow reader.
package final class Crew {
    let stage: Stage
    private let options: CrewOptions
    private var planned: RunPlanned?
    private(set) var context: CrewContext?
    private(set) var schedule: Schedule?
    private var runs: [SessionRun] = []
    /// The directory of an environment that is not there any more.
    private var gone: String?
    private var isFinished = false
    private var signals = 0
    private var cancelled: (ending: Ending, reason: String)?
    private var wallEnd: Double?

    /// How much is held for a slow reader before the agents' outputs are left unread.
    private static let backlog = 1 << 20

    package init(_ options: CrewOptions) {
        self.options = options
        stage = Stage(
            "exec", wants: [RunPlanned.type, EnvironmentReady.type, SessionsFinished.type])
        stage.output.holdBack(Self.backlog)
    }

    package func run() throws -> Exit {
        while true {
            do { try turn() } catch {
                // A second one would be the first again.
                guard stage.ownExit == nil else { throw error }
                fail(error)
                cancel(.cancelled, "\(error)", now: monotonicSeconds(), hard: true)
            }
            if stage.isAtEnd, runs.isEmpty, stage.output.isEmpty || stage.output.isUnheard {
                if schedule == nil, !isFinished { notStarted() }
                if stage.output.isEmpty || stage.output.isUnheard { break }
            }
        }
        return stage.exit
    }

    /// The input has ended without work for us: that is right for a log that is fed again.
    private func notStarted() {
        isFinished = true
        guard !stage.seen.contains(SessionsFinished.type) else { return }
        if let gone, stage.failure == nil {
            stage.fail(SessionFault.environmentGone(directory: gone))
        } else {
            stage.expect(EnvironmentReady.type)
        }
    }

    // MARK: one turn of the loop

    private func turn() throws {
        let now = monotonicSeconds()
        try tick(now: now)
        var waiting = PollSet()
        let full = stage.output.isFull
        if !stage.isAtEnd, !full {
            waiting.add(stage.input, POLLIN) { [self] _ in
                try stage.fill()
                while let line = try stage.nextHere() { try take(line) }
            }
        }
        waiting.add(stage.output.descriptor, stage.output.isEmpty ? 0 : POLLOUT) { [self] events in
            try stage.output.push()
            if events & Int16(POLLERR) != 0 { stage.output.look() }
        }
        waiting.add(Interruption.descriptor, POLLIN) { _ in Interruption.drain() }
        for run in runs {
            for stream in run.streams {
                if let rest = stream.restsUntil, now >= rest { stream.restsUntil = nil }
            }
            if !full {
                for stream in run.streams where stream.restsUntil == nil {
                    waiting.add(stream.descriptor, POLLIN) { _ in
                        try self.guarding(run) { try run.relay(stream, now: monotonicSeconds()) }
                    }
                }
            }
            if let connection = run.connection, let step = run.step, step.ending == nil {
                if !full, run.hearsFrom == nil {
                    waiting.add(connection.descriptor, POLLIN) { _ in
                        try self.guarding(run) { try run.hear(now: monotonicSeconds()) }
                    }
                }
                if connection.wantsToWrite {
                    waiting.add(connection.writing, POLLOUT) { _ in connection.push() }
                }
            }
            if let watcher = run.watcher {
                waiting.add(watcher.descriptor, POLLIN) { _ in
                    try self.guarding(run) { try run.hearWatcher(now: monotonicSeconds()) }
                }
                waiting.add(watcher.writing, POLLOUT) { _ in watcher.push() }
            }
            guard let step = run.step else { continue }
            waiting.add(step.endDescriptor, POLLIN) { _ in step.reap() }
            if !full {
                waiting.add(step.egressDescriptor, POLLIN) { _ in
                    try self.guarding(run) { try run.tell(step.decisions()) }
                }
            }
            waiting.add(step.doorDescriptor, POLLIN) { _ in
                try self.guarding(run) { try step.passListeners() }
            }
            if let carrier = step.carrier {
                for wait in carrier.waits {
                    waiting.add(wait.number, wait.events) { _ in carrier.work(wait.id) }
                }
            }
            waiting.add(step.denials.descriptor, POLLIN) { _ in step.denials.answer() }
            for capture in step.captures where capture.isOpen {
                waiting.add(capture.descriptor, POLLIN) { _ in
                    try self.guarding(run) { try capture.read() }
                    if capture.isTooLong { step.kill() }
                }
            }
        }
        try waiting.wait(until: nextMoment, now: now)
        try move()
    }

    private var nextMoment: Double? {
        (runs.map(\.nextMoment) + [runs.isEmpty ? nil : wallEnd]).compactMap { $0 }.min()
    }

    private func tick(now: Double) throws {
        for run in runs { try run.tick(now: now) }
        if let wallEnd, now >= wallEnd, cancelled == nil {
            let limit = context?.limits.wallSeconds ?? 0
            cancel(
                .timedOut, "the run's time of \(Quantity.describe(seconds: limit)) was up", now: now
            )
        }
    }

    /// Moves on what has ended, starts what may start.
    private func move() throws {
        let now = monotonicSeconds()
        if Interruption.signals > signals {
            signals = Interruption.signals
            cancel(.cancelled, "the run was cancelled", now: now, hard: signals > 1)
        }
        if stage.output.isUnheard { cancel(.cancelled, "nobody reads the records", now: now) }
        for run in runs {
            // A step may end at once and the next one begin within one turn.
            if run.step?.helperIsDone == true { run.step?.reap() }
            if run.canProceed { try guarding(run) { try run.proceed(now: now) } }
        }
        for run in runs { if let record = run.finished { try end(run, record) } }
        runs.removeAll { $0.finished != nil }
        try startWaiting(now: now)
    }

    // MARK: records

    private func take(_ line: Line) throws {
        switch line.type {
        case RunPlanned.type: planned = try decode(line)
        case EnvironmentReady.type:
            guard let ready: EnvironmentReady = try decode(line), let planned, let run = stage.run,
                context == nil
            else { return }
            // A log that is fed again names an environment that is gone; what it says then decides.
            guard Files.exists(ready.directory) else {
                gone = ready.directory
                return
            }
            do {
                let context = try CrewContext(
                    run: run, planned: planned, ready: ready, stage: stage, options: options)
                self.context = context
                wallEnd = context.limits.wallSeconds.map { monotonicSeconds() + $0 }
                schedule = Schedule(planned.job.sessions, atOnce: context.limits.maxParallel ?? 1)
            } catch { return fail(error) }
            try endKnown()
        default: break
        }
    }

    private func decode<R: Record>(_ line: Line) throws -> R? {
        do { return try line.decode(R.self) } catch {
            stage.fail(error)
            return nil
        }
    }

    private func fail(_ error: any Error) {
        stage.fail(error as? any Fault ?? SystemFault(EIO, "go on", "\(error)"))
    }

    // MARK: sessions

    private func startWaiting(now: Double) throws {
        guard schedule != nil, let context, !isFinished else { return }
        // The cancellation may have come before the sessions were known.
        dropWaiting()
        // One that could not even begin has ended, and others may start at once.
        while cancelled == nil, stage.failure == nil, let starting = schedule?.start(),
            !starting.isEmpty
        {
            for session in starting where try !endIfKnown(session) {
                try start(session, context, now: now)
            }
        }
        guard runs.isEmpty || schedule?.isOver == true else { return }
        if schedule?.isOver == true, runs.isEmpty {
            isFinished = true
            // What was cancelled is not delivered; release keeps what was committed.
            if let exit = Interruption.exit { stage.fail(Cancelled(exit)) }
            try stage.write(SessionsFinished(endings: schedule?.count ?? [:]))
        } else if runs.isEmpty, stage.failure != nil {
            isFinished = true
        }
    }

    private func start(_ session: Session, _ context: CrewContext, now: Double) throws {
        do {
            let run = SessionRun(
                session, attempt: try context.nextAttempt(of: session), crew: context, now: now)
            runs.append(run)
            try guarding(run) { try run.begin(now: now) }
        } catch let fault as any Fault {
            stage.fail(fault, session: session.name)
            let record = SessionFinished(
                session: session.name, attempt: 1, ending: .failed, reason: "\(fault)")
            try end(session.name, record)
        }
    }

    /// A fault in one session's bookkeeping ends that session, not the others.
    private func guarding(_ run: SessionRun, _ body: () throws -> Void) throws {
        do { try body() } catch let fault as any Fault {
            stage.fail(fault, session: run.session.name)
            run.abandon(fault)
        }
    }

    private func end(_ run: SessionRun, _ record: SessionFinished) throws {
        do { try context?.keep(record, of: run.session) } catch let fault as any Fault {
            // Fed again, the log would run it again.
            stage.fail(fault, session: run.session.name)
        }
        try end(run.session.name, record)
    }

    func end(_ name: String, _ record: SessionFinished) throws {
        try stage.write(record)
        for skipped in schedule?.end(name, record.ending) ?? [] {
            try stage.write(
                SessionFinished(
                    session: skipped.session, attempt: 1, ending: .skipped,
                    reason: "session '\(skipped.because)' did not succeed", because: skipped.because
                ))
        }
    }

    private func cancel(_ ending: Ending, _ reason: String, now: Double, hard: Bool = false) {
        if cancelled != nil, !hard { return }
        cancelled = cancelled ?? (ending, reason)
        for run in runs {
            if ending == .timedOut, let limit = context?.limits.wallSeconds, run.verdict == nil {
                run.refusals.add(.wall(seconds: limit))
            }
            run.stop(ending, reason, now: now, hard: hard)
        }
        dropWaiting()
    }

    /// Ends the sessions that have not begun, once the run is cancelled.
    private func dropWaiting() {
        guard let cancelled else { return }
        for session in schedule?.waiting ?? [] {
            guard let schedule, schedule.waiting.contains(session) else { continue }
            try? end(
                session.name,
                SessionFinished(
                    session: session.name, attempt: 1, ending: .cancelled,
                    reason: cancelled.reason))
        }
    }
}
