internal import Glibc
internal import Records
internal import Smelt

/// A session's clocks, its silence, the amounts that it prints and writes, and stopping it.
extension SessionRun {
    /// When `tick` has something to do, or the next step can begin.
    var nextMoment: Double? {
        // A last look at the disk ends between events.
        if canProceed { return 0 }
        let idle = isWatched ? crew.limits.idleSeconds.map { lastSign + $0 } : nil
        return
            ([step?.nextMoment, idle, hearsFrom, isUnwatched ? nil : watcher?.nextMoment]
            + streams.flatMap { [$0.deadline, $0.restsUntil] })
            .compactMap { $0 }.min()
    }

    /// Silence and amount are judged of programs that are not ours.
    private var isWatched: Bool {
        phase.isForeign && step?.ending == nil && verdict == nil
    }

    func tick(now: Double) throws {
        if let moment = hearsFrom, now >= moment { hearsFrom = nil }
        for stream in streams { try stream.tick(to: crew.output, now: now) }
        guard let step else { return }
        step.tick(now: now)
        checkWatcher(now: now)
        try endStreams()
        judgeDisk(step, now: now)
        if step.ending == nil, verdict == nil || phase == .salvaging {
            if let deadline = step.deadline, now >= deadline {
                step.deadline = nil
                if phase == .salvaging { return step.kill() }
                let seconds = Quantity.describe(seconds: session.timeoutSeconds)
                if verdict == nil { refusals.add(.timeout(seconds: session.timeoutSeconds)) }
                return stop(.timedOut, "its time of \(seconds) was up", now: now)
            }
        }
        // What it prints is not read now, for a slow reader's sake: it is not silent.
        if crew.output.isFull { lastSign = now }
        if isWatched, let idle = crew.limits.idleSeconds, now >= lastSign + idle {
            refusals.add(.idle(seconds: idle))
            stop(.stalled, "it was silent for \(Quantity.describe(seconds: idle))", now: now)
        }
    }

    func judgeDisk(_ step: Step, now: Double) {
        guard step.wroteTooMuch else { return }
        let limit = crew.limits.diskBytes ?? 0
        if verdict == nil { refusals.add(.disk(bytes: limit)) }
        stop(.overLimit, "it wrote more than \(limit) bytes to disk", now: now, hard: true)
        // What would be too much even then is not saved.
        if phase == .salvaging { step.kill() }
    }

    /// What came over a connection.
    func relay(_ bytes: ArraySlice<UInt8>, _ kind: Output.Stream, now: Double) throws {
        guard let stream = streams.first(where: { $0.kind == kind }) else { return }
        try stream.take(bytes, to: crew.output, now: now)
        count(bytes.count, now: now)
    }

    func relay(_ stream: OutputStream, now: Double) throws {
        let count = try stream.relay(to: crew.output, now: now)
        guard count > 0 else {
            offsets[stream.kind] = stream.end
            streams.removeAll { !$0.isOpen }
            return
        }
        self.count(count, now: now)
    }

    private func count(_ bytes: Int, now: Double) {
        lastSign = now
        printed += bytes
        if isWatched, let limit = crew.limits.outputBytes, printed > limit {
            refusals.add(.output(bytes: limit))
            stop(.overLimit, "it printed more than \(limit) bytes", now: now, hard: true)
            for stream in streams { stream.isMuted = true }
        }
    }

    /// Decides how the session ends and asks its program to stop; salvage is let through.
    func stop(_ ending: Ending, _ reason: String?, now: Double, hard: Bool = false) {
        if verdict == nil { verdict = (ending, reason) }
        guard phase != .salvaging else { return }
        if hard { step?.kill() } else { step?.stop(signal: SIGTERM, grace: crew.grace, now: now) }
    }
}
