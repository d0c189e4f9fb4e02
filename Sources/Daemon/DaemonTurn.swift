internal import Glibc
internal import Records
internal import Smelt
internal import Store

/// What the daemon does each time it wakes up.
extension Daemon {
    func turn(_ now: Instant) throws(StoreFault) {
        try keepLeases(now)
        if isNews {
            isNews = false
            try lookAround(now)
        }
        try enforceTimes(now)
        if mode == .serving { try intake?.turn(store, server, now) }
        try write(now)
        try plan(now)
    }

    private var leaseMilliseconds: Int64 { Int64(server.leaseSeconds * 1000) }
    var claimant: Claimant { Claimant(owner: owner.text, lease: leaseMilliseconds) }

    /// A heartbeat comes three times before a lease ends. Whose lease is gone all the same is somebody else's.
    private func keepLeases(_ now: Instant) throws(StoreFault) {
        guard let time = heartbeatAt, time <= monotonicSeconds() else { return }
        let gone = try store.heartbeat(
            runs.values.filter { !$0.isDisowned }.map(\.lease), for: leaseMilliseconds, now)
        heartbeatAt = monotonicSeconds() + server.leaseSeconds / 3
        for lease in gone { try disown(lease) }
    }

    /// One that another daemon looks after goes on; one that nobody wants any more is stopped.
    private func disown(_ lease: Lease) throws(StoreFault) {
        guard let run = runs[lease.job], run.lease == lease else { return }
        let holder = try store.holder(of: lease)
        say("smelt-queue: the lease of \(lease.id) is gone\n")
        if let holder, holder.attempt == lease.attempt, holder.owner != nil {
            forget(run)
        } else {
            run.isDisowned = true
            run.stop(.disowned, grace: server.graceSeconds)
        }
    }

    /// Who is to be stopped, who is lost, and whose time has come.
    private func lookAround(_ now: Instant) throws(StoreFault) {
        for job in try store.askedToStop(of: owner.text) {
            runs[job]?.stop(.cancelled, grace: server.graceSeconds)
        }
        _ = try store.lapse(now)
        try store.lapse(now) { $0 != owner.text && Owner.isGone($0) }
        for claimed in try store.lost() where runs[claimed.lease.job] == nil {
            try takeOver(claimed, now)
        }
        try store.advance(now)
    }

    /// A lost run whose files are here is looked after from now on, whether it still goes on or not: what it wrote is not lost.
    private func takeOver(_ claimed: Claimed, _ now: Instant) throws(StoreFault) {
        guard mode == .serving else { return }
        // Of another start of the machine nothing runs any more, and numbers of processes mean others.
        guard let progress = claimed.process.flatMap({ Progress($0) }), progress.boot == now.boot
        else {
            try store.beginAgainInTime(claimed.lease, now)
            return
        }
        let adopted: Claimed
        do throws(StoreFault) {
            adopted = try store.adopt(claimed.lease, by: claimant, now)
        } catch .leaseGone { return }
        let run: Run
        do throws(SystemFault) {
            run = try Run(adopted, RunFiles(in: queue, adopted.lease), progress, isChild: false)
            try look(after: run)
        } catch {
            // Its files are gone: nobody can tell any more how it ends.
            complain(error)
            progress.process.end()
            try give(up: adopted.lease, now)
            return
        }
        try recall(run)
    }

    /// What the run said before, of which only the log knows.
    private func recall(_ run: Run) throws(StoreFault) {
        guard let attempt = try store.attempt(ofRun: run.claimed.run) else { return }
        var seq = attempt.from - 1
        while true {
            let page = try store.records(of: run.lease.id, after: seq)
            for record in page.records { run.recall(record.line) }
            guard let last = page.records.last?.seq, last < page.last else { return }
            seq = last
        }
    }

    private func give(up lease: Lease, _ now: Instant) throws(StoreFault) {
        try store.together(now) { () throws(StoreFault) in
            try store.lose(lease, now)
            try store.beginAgainInTime(lease, now)
        }
    }

    func look(after run: Run) throws(SystemFault) {
        run.watch = try outputs.add(run.files.directory)
        runs[run.lease.job] = run
        heartbeatAt = heartbeatAt ?? monotonicSeconds() + server.leaseSeconds / 3
    }

    func forget(_ run: Run) {
        runs[run.lease.job] = nil
        outputs.remove(run.watch)
        if runs.isEmpty { heartbeatAt = nil }
    }

    private func enforceTimes(_ now: Instant) throws(StoreFault) {
        for run in runs.values {
            if let deadline = run.deadline, deadline <= now.steady, run.stop == nil {
                run.stop(.outOfTime, grace: server.graceSeconds)
            }
            if let time = run.killAt, time <= monotonicSeconds() { run.end() }
        }
    }

    /// When to wake up, if nobody calls before.
    private func plan(_ now: Instant) throws(StoreFault) {
        var waits: [Int64] = []
        if let due = try store.advance(now) { waits.append(due - now.wall) }
        if mode == .serving, let time = try store.firstResumption(now) {
            waits.append(time - now.wall)
        }
        if let time = try store.firstExpiry(besides: owner.text, now) {
            waits.append(time - now.steady)
        }
        for run in runs.values where run.stop == nil {
            if let deadline = run.deadline { waits.append(deadline - now.steady) }
        }
        lookAt = waits.min().map { monotonicSeconds() + Double(max(0, $0)) / 1000 }
    }
}
