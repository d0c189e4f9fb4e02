import Smelt

@testable import Store

/// Who gets what to run, and how that ends.
extension Model {
    func isLocked(_ lock: String) -> Bool { jobs.contains { $0.lock == lock && $0.state.isTaken } }

    /// Which job that worker should get.
    func next(for worker: String, _ now: Instant) -> (job: Int, pass: Int64)? {
        let ready = order.indices.compactMap {
            number -> (group: String, pass: Int64, number: Int)? in
            guard let group = groups[order[number]], !group.paused, group.pausedUntil <= now.wall
            else { return nil }
            let taken = jobs.count { $0.group == order[number] && $0.state.isTaken }
            guard group.parallel == 0 || taken < Int(group.parallel) else { return nil }
            return (order[number], max(group.pass, turn), number)
        }.sorted { ($0.pass, $0.number) < ($1.pass, $1.number) }
        for (group, pass, _) in ready {
            let best = jobs.indices.filter { index in
                let job = jobs[index]
                return job.group == group && job.state == .queued && !job.avoid.contains(worker)
                    && !(job.lock.map(isLocked) ?? false)
            }.min { (jobs[$0].rank, $0) < (jobs[$1].rank, $1) }
            if let best { return (best, pass) }
        }
        return nil
    }

    mutating func take(_ index: Int, pass: Int64, _ claimant: Claimant, _ now: Instant) {
        groups[jobs[index].group]?.pass = pass + 1
        turn = pass
        jobs[index].state = .running
        jobs[index].attempt += 1
        jobs[index].token += 1
        jobs[index].worker = claimant.here ?? ""
        jobs[index].expires = now.steady + claimant.lease
        jobs[index].started = now.wall
    }

    /// The job that the lease is of, while it is somebody's.
    func holder(_ lease: Lease) -> Int? {
        jobs.firstIndex {
            $0.id == lease.id && $0.attempt == lease.attempt && $0.token == lease.token
                && $0.state.isTaken
        }
    }

    /// What becomes of it; the time of the next try is the store's word.
    mutating func finish(_ index: Int, _ outcome: Outcome, due: Int64, _ now: Instant) {
        jobs[index].token += 1
        spend(index, now)
        jobs[index].failed = now.wall
        let job = jobs[index]
        let isSpent = job.budget.map { job.spent >= $0 } ?? false
        let isWorn = job.tries >= 20
        var again = false
        switch outcome.status {
        case 75: again = true
        case 69: again = outcome.elsewhere && !isWorn
        case 70: again = job.bugs == 0 && !isWorn
        case 74, 141: again = !isWorn
        case 0, 2, 64, 65, 66, 77, 78, 130, 143: again = false
        case 1 where job.goesOn: again = false
        default: again = job.tries < job.retries
        }
        if isSpent || !again || job.cancel {
            var state: JobState =
                switch outcome.status {
                case 0: .succeeded
                case 2: .gatesFailed
                case 130, 143: .cancelled
                case 77: outcome.code == "review_expired" ? .expired : .failed
                default: .failed
                }
            if job.cancel, state != .succeeded, state != .gatesFailed { state = .cancelled }
            // What would be tried again, and is not wanted any more, was cancelled.
            end(index, state, now)
            return
        }
        if outcome.status != 75 { jobs[index].tries += 1 }
        if outcome.status == 70 { jobs[index].bugs += 1 }
        if outcome.status == 69 { jobs[index].avoid.insert(job.worker) }
        jobs[index].due = due
        settle(index, now)
    }

    mutating func beginAgain(_ index: Int, _ now: Instant) {
        jobs[index].token += 1
        jobs[index].tries += 1
        spend(index, now)
        if jobs[index].cancel { return end(index, .cancelled, now) }
        if jobs[index].tries > max(20, jobs[index].retries)
            || jobs[index].budget.map({ jobs[index].spent >= $0 }) ?? false
        {
            return end(index, .failed, now)
        }
        jobs[index].due = 0
        settle(index, now)
    }

    /// By the wall's clock, which may have been set back.
    mutating func spend(_ index: Int, _ now: Instant) {
        jobs[index].spent += max(0, now.wall - jobs[index].started)
    }

    /// The clock was set: of who waits since a failure that lies ahead, the pause begins now.
    mutating func clockWasSet(_ now: Instant) {
        for index in jobs.indices
        where [.held, .blocked, .scheduled, .retrying].contains(jobs[index].state) {
            let job = jobs[index]
            let pause = job.due - job.failed
            // Named by somebody, and so also what it is ordered by.
            if job.due == job.rank + job.priority * 60_000 { continue }
            if job.due > now.wall, job.failed > now.wall,
                (0...max(300_000, job.backoff)).contains(pause)
            {
                jobs[index].due = now.wall + pause
                jobs[index].failed = now.wall
                settle(index, now)
            }
        }
    }

    mutating func giveBack(_ index: Int, _ now: Instant) {
        jobs[index].token += 1
        if jobs[index].cancel { return end(index, .cancelled, now) }
        jobs[index].due = 0
        settle(index, now)
    }

    mutating func retry(_ index: Int, _ now: Instant) {
        let old = jobs[index]
        jobs[index].due = 0
        jobs[index].tries = 0
        jobs[index].bugs = 0
        jobs[index].spent = 0
        jobs[index].avoid = []
        jobs[index].cancel = false
        jobs[index].goesOn = false
        jobs[index].hold = false
        if old.state.isOver, let slot = old.slot {
            jobs[index].place = (waiting(in: slot).last.flatMap { jobs[$0].place } ?? 0) + 1
        }
        jobs[index].state = .queued
        settle(index, now)
    }
}
