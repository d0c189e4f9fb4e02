internal import Smelt
internal import Store

/// What the daemon does each time it wakes up.
extension Daemon {
    func turn(_ now: Instant) throws(StoreFault) {
        try keepLeases(now)
        try askToStop(now)
        if isClockNew {
            try store.clockWasSet(now)
            isClockNew = false
        }
        if isNews {
            isNews = false
            try takeIn(now)
            fleet.noteNews()
            try lookAround(now)
        }
        if mode == .serving { try intake?.turn(store, server, now) }
        try write(now)
        try trimLogs(now)
        try plan(now)
    }

    private var leaseMilliseconds: Int64 { Int64(server.leaseSeconds * 1000) }
    var claimant: Claimant { Claimant(owner: owner.text, lease: leaseMilliseconds) }

    /// What was just added goes into the tables. Who has the spool, and is stopped or slow, and what is wrong with it keeps nobody
    /// from the jobs that are in the store.
    private func takeIn(_ now: Instant) throws(StoreFault) {
        do throws(StoreFault) {
            spoolAt = try store.takeIn(now, patience: 20) ? nil : monotonicSeconds() + 0.5
            spoolFault = nil
        } catch {
            // That is the store's own, and lasts.
            if case .busy = error { throw error }
            if error != spoolFault { complain(error) }
            (spoolFault, spoolAt) = (error, monotonicSeconds() + 5)
        }
    }

    /// A heartbeat comes three times before a lease ends. Whose lease is gone all the same is somebody else's.
    private func keepLeases(_ now: Instant) throws(StoreFault) {
        guard let time = heartbeatAt, time <= monotonicSeconds() else { return }
        let gone = try store.heartbeat(runs.values.map(\.lease), for: leaseMilliseconds, now)
        heartbeatAt = monotonicSeconds() + server.leaseSeconds / 3
        for lease in gone { try disown(lease) }
    }

    /// One that another daemon looks after goes on; one that nobody wants any more is stopped.
    private func disown(_ lease: Lease) throws(StoreFault) {
        guard let run = runs[lease.job], run.lease == lease else { return }
        let holder = try store.holder(of: lease)
        say("smelt-queue: the lease of \(lease.id) is gone\n")
        forget(run)
        if let holder, holder.attempt == lease.attempt, holder.owner != nil {
            leaving.append(Leaving(run: run, isOthers: true))
        } else {
            run.stop(.disowned, grace: server.graceSeconds)
            leaving.append(Leaving(run: run, isOthers: false))
        }
    }

    /// Who is to be stopped, and who is lost.
    private func lookAround(_ now: Instant) throws(StoreFault) {
        for job in try store.askedToStop(of: owner.text) {
            runs[job]?.stop(.cancelled, grace: server.graceSeconds)
        }
        _ = try store.lapse(now)
        try store.lapse(now) { $0 != owner.text && Owner.isGone($0) }
        takeOverAt = nil
        for claimed in try store.lost() where runs[claimed.lease.job] == nil {
            try takeOver(claimed, now)
        }
        try store.expireReviews(now)
        try limitOtherLogs(now)
    }

    func look(after run: Run) {
        do throws(SystemFault) { run.watch = try outputs.add(run.files.directory) } catch {
            // What it writes is looked for from time to time.
            complain(error)
        }
        runs[run.lease.job] = run
        heartbeatAt = heartbeatAt ?? monotonicSeconds() + server.leaseSeconds / 3
    }

    func forget(_ run: Run) {
        runs[run.lease.job] = nil
        outputs.remove(run.watch)
        if runs.isEmpty { heartbeatAt = nil }
    }

    /// When to wake up, if nobody calls before.
    private func plan(_ now: Instant) throws(StoreFault) {
        var waits: [Int64] = []
        if let due = try store.advance(now, while: { now.isOfThisClock }) {
            waits.append(due - now.wall)
        }
        if let time = try store.firstReviewExpiry() { waits.append(time - now.wall) }
        if mode == .serving, let time = try store.firstResumption(now) {
            waits.append(time - now.wall)
        }
        // Ours, too: each is kept long before, unless it is one that nothing here looks after.
        if let time = try store.firstExpiry(besides: "", now) {
            waits.append(time - now.steady)
        }
        lookAt = waits.min().map { monotonicSeconds() + Double(max(0, $0)) / 1000 }
        for time in [takeOverAt, spoolAt].compactMap(\.self) { lookAt = min(lookAt ?? time, time) }
    }
}
