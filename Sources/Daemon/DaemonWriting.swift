internal import Glibc
internal import Records
internal import Smelt
internal import Store

/// The one transaction of a turn.
extension Daemon {
    func write(_ now: Instant) throws(StoreFault) {
        fleet.rest()
        let readings = readAll()
        var ended: Set<Int64> = []
        for (job, reading) in readings where !reading.isMore {
            guard let run = runs[job], run.hasEnded else { continue }
            guard reading.ending.status != nil || run.wasGone(grace: server.graceSeconds) else {
                continue
            }
            ended.insert(job)
        }
        let free = server.maxConcurrent - runs.count + ended.count
        let mayBegin = mode == .serving && free > 0 ? try mayClaim(now) : false
        let hasLines = readings.values.contains { !$0.isEmpty }
        guard hasLines || !ended.isEmpty || mayBegin else { return }

        var written: [Run] = []
        var begun: [RunStart.Gated] = []
        try store.together(now) { () throws(StoreFault) in
            for run in runs.values {
                guard let reading = readings[run.lease.job] else { continue }
                do throws(StoreFault) {
                    if ended.contains(run.lease.job) {
                        try finish(run, reading, now)
                        try limitLog(of: run.lease, now)
                    } else if !reading.isEmpty {
                        try store.append(
                            reading.lines, of: run.lease, progress: reading.progress.text, now)
                    }
                    written.append(run)
                } catch .leaseGone {
                    // The heartbeat tells whose it is.
                    heartbeatAt = 0
                }
            }
            if mayBegin { begun = try begin(free, now) }
        }
        for run in written {
            guard let reading = readings[run.lease.job] else { continue }
            run.keep(reading)
            noteGrowth(of: run, by: reading.lines.count)
            if ended.contains(run.lease.job) {
                run.clear()
                forget(run)
            }
        }
        for gated in begun { open(gated) }
        // Nobody waits for their files to go.
        for run in written where ended.contains(run.lease.job) {
            run.files.removeWithEarlier(spares)
        }
        if runs.isEmpty { spares.remove() }
        if server.longestOldLog != nil, !ended.isEmpty { try findLongLogs() }
    }

    private func mayClaim(_ now: Instant) throws(StoreFault) -> Bool {
        if let time = claimAt, time > monotonicSeconds() { return false }
        claimAt = nil
        guard try store.mayClaim(now) else { return false }
        return try hasRoom()
    }

    private func readAll() -> [Int64: RunReading] {
        var readings: [Int64: RunReading] = [:]
        let time = monotonicSeconds()
        for run in runs.values where run.readAt.map({ $0 <= time }) ?? false || run.hasEnded {
            do throws(SystemFault) {
                let reading = try run.read()
                readings[run.lease.job] = reading
                // Nothing that the transaction would have to keep.
                if reading.isEmpty { run.keep(reading) }
            } catch {
                if run.isUnread(error) { complain(error) }
                // How it ended may be in what could not be read.
                if run.isUnreadable {
                    readings[run.lease.job] = RunReading(run.progress, run.ending)
                }
            }
        }
        return readings
    }

    /// The last lines of a run, and what becomes of its job.
    private func finish(_ run: Run, _ reading: RunReading, _ now: Instant) throws(StoreFault) {
        var lines = reading.lines
        let status = reading.ending.status
        if let status, reading.ending.isUntold { lines += run.lastLine(status: status, now: now) }
        if !lines.isEmpty {
            try store.append(lines, of: run.lease, progress: reading.progress.text, now)
        }
        guard var outcome = reading.ending.outcome else {
            if run.isAskedBack {
                try store.giveBack(run.lease, why: "the daemon was stopped", now)
            } else if run.stop == .outOfTime {
                var outcome = Outcome(status: 124, code: "timed_out")
                outcome.took = run.took(now)
                try store.finish(run.lease, outcome, now)
            } else {
                try store.lose(run.lease, now)
                try store.beginAgainInTime(run.lease, took: run.took(now), now)
            }
            return
        }
        if reading.ending.isCancelled {
            if run.isAskedBack {
                try store.giveBack(run.lease, why: "the daemon was stopped", now)
                return
            }
            if run.isOutOfTime(now) {
                outcome = Outcome(status: 124, code: "timed_out")
            } else if run.isAskedHeadless {
                // Nobody wanted it to stop: it was told to because its first process was gone.
                try store.lose(run.lease, now)
                try store.beginAgainInTime(run.lease, took: run.took(now), now)
                return
            }
        }
        outcome.took = run.took(now)
        // Of somebody's own pipeline, which has no such part.
        if start.rest == nil { outcome.hasResult = false }
        if outcome.waitsForAnswer, try store.awaitAnswer(run.lease, took: outcome.took, now) {
            return
        }
        try judge(&outcome, of: run.lease)
        try store.finish(run.lease, outcome, now)
        // What limits this job limits the others that ask the same provider.
        if outcome.status == Exit.later.rawValue, let time = outcome.notBefore, time > now.wall {
            try store.pause(
                run.claimed.group, until: time, by: actor, why: reading.ending.limit?.code, now)
        }
    }

    /// Claims jobs and has their processes ready.
    private func begin(_ free: Int, _ now: Instant) throws(StoreFault) -> [RunStart.Gated] {
        var begun: [RunStart.Gated] = []
        for _ in 0..<free {
            guard let (claimed, worker) = try next(now) else {
                // What there is, is not for us: not to be asked for again at once.
                if begun.isEmpty, fleet.isEmpty { claimAt = monotonicSeconds() + 1 }
                break
            }
            do throws(DaemonFault) {
                let gated = try start.prepare(
                    claimed, try stored(for: claimed), on: worker, now)
                try remember(gated.run, now)
                begun.append(gated)
            } catch {
                if case .store(let fault) = error { throw fault }
                try refuse(claimed, error, now)
            }
        }
        return begun
    }

    private func remember(_ run: Run, _ now: Instant) throws(DaemonFault) {
        do throws(StoreFault) {
            try store.remember(run.progress.text, of: run.lease, now)
        } catch { throw .store(error) }
    }

    /// A job that could not even be begun has a log that says so.
    private func refuse(
        _ claimed: Claimed, _ fault: DaemonFault, _ now: Instant
    ) throws(StoreFault) {
        let status = fault.exit.rawValue
        let time = Timestamp(milliseconds: now.wall)
        var lines: [UInt8] = []
        do throws(RecordFault) {
            lines += try RecordJSON.line(
                Failed(stage: RunEnding.stage, fault), run: claimed.run, at: time)
            lines += try RecordJSON.line(
                RunFinished(status: status, seconds: 0), run: claimed.run, at: time)
        } catch { throw .bug("\(error)") }
        try store.append(lines, of: claimed.lease, progress: "", now)
        try store.finish(claimed.lease, Outcome(status: status, code: fault.code), now)
        try limitLog(of: claimed.lease, now)
    }

    /// The store knows of it: it may begin.
    private func open(_ gated: RunStart.Gated) {
        look(after: gated.run)
        gated.open()
    }
}
