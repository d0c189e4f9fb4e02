internal import Glibc
internal import Smelt
internal import Store

/// How the daemon comes to runs that it did not begin.
extension Daemon {
    /// A lost run whose files are here is looked after from now on, whether it still goes on or not: what it wrote is not lost.
    func takeOver(_ claimed: Claimed, _ now: Instant) throws(StoreFault) {
        guard mode == .serving else { return }
        let files = RunFiles(in: queue, claimed.lease)
        do throws(StoreFault) {
            // Of another start of the machine nothing runs any more, and numbers of processes mean others.
            let found = claimed.process.flatMap { Progress($0) }
            let isGone = found?.isOf(now.boot) != true
            var isLost = isGone
            if isGone, let found { isLost = try !saysItsEnd(claimed, files, found) }
            guard let known = found, !isLost else {
                if found?.asked == .back {
                    try store.giveBack(claimed.lease, why: "the daemon was stopped", now)
                } else {
                    try store.beginAgainInTime(claimed.lease, took: took(claimed), now)
                }
                files.remove()
                return
            }
            let handles: RunHandles
            do throws(SystemFault) {
                handles = try RunHandles(
                    files, claimed, known.process, isChild: false, isGone: isGone)
            } catch {
                guard error.number == ENOENT else { return postpone(error) }
                complain(error)
                try giveUp(claimed, known, now)
                return
            }
            look(after: try adopt(claimed, files, handles, isGone: isGone, now))
            if !isGone { files.openGate() }
        } catch .leaseGone {
            // Another daemon was quicker.
        }
    }

    /// For how long somebody is known to have looked after a run that is gone: until its last heartbeat. For how long the machine
    /// was off since, no clock that is worth anything says.
    private func took(_ claimed: Claimed) -> Int64 {
        guard let began = claimed.process.flatMap({ Progress($0) })?.beganSteady,
            let expires = claimed.expires
        else { return 0 }
        return max(0, expires - claimant.lease - began)
    }

    /// Whether a run of before this start of the machine had come to its end, and not to that which everything comes to when a
    /// machine is shut down.
    private func saysItsEnd(
        _ claimed: Claimed, _ files: RunFiles, _ known: Progress
    ) throws(StoreFault) -> Bool {
        let run: Run
        do throws(SystemFault) {
            let handles = try RunHandles(
                files, claimed, known.process, isChild: false, isGone: true)
            run = Run(claimed, files, handles, known, isChild: false, isGone: true)
        } catch { return false }
        try recall(run)
        do throws(SystemFault) {
            while true {
                let reading = try run.read()
                run.keep(reading)
                if !reading.isMore { break }
            }
        } catch { return false }
        return run.ending.status != nil && !run.ending.isCancelled
    }

    /// Nothing is known of the run, which may be well: it is not touched.
    private func postpone(_ fault: SystemFault) {
        if takeOverFault != fault { complain(fault) }
        takeOverFault = fault
        takeOverAt = monotonicSeconds() + 1
    }

    private func adopt(
        _ claimed: Claimed, _ files: RunFiles, _ handles: RunHandles, isGone: Bool, _ now: Instant
    ) throws(StoreFault) -> Run {
        try store.together(now) { () throws(StoreFault) -> Run in
            let adopted = try store.adopt(claimed.lease, by: claimant, now)
            // As far as its owner came until this moment.
            guard let progress = adopted.process.flatMap({ Progress($0) }) else {
                throw .damaged(store.path, what: "job \(adopted.lease.id) has no process")
            }
            let run = Run(adopted, files, handles, progress, isChild: false, isGone: isGone)
            try recall(run)
            return run
        }
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

    /// A run whose files are gone: nobody can tell any more how it ends.
    private func giveUp(
        _ claimed: Claimed, _ known: Progress, _ now: Instant
    ) throws(StoreFault) {
        let lease = try store.adopt(claimed.lease, by: claimant, now).lease
        RunSession(leader: known.process, attempt: claimed.run, isOurs: false).end()
        try store.together(now) { () throws(StoreFault) in
            try store.lose(lease, now)
            try store.beginAgainInTime(lease, took: now.steady - known.beganSteady, now)
        }
    }
}
