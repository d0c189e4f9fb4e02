import Smelt

@testable import Store

/// What the store should do, written down as simply as it can be: a list of jobs, looked through from end to end, without
/// counts, indexes, or anybody set aside. Of chance it takes the store's word, within bounds.
struct Model {
    struct Job {
        let id: RunID
        let group: String
        let lock: String?
        let slot: String?
        let key: String?
        let retries: Int64
        let budget: Int64?
        let backoff: Int64
        var rank: Int64
        var priority: Int64
        /// Queued stands for everybody who only waits for his turn, or for his lock.
        var state: JobState
        var hold: Bool
        var due: Int64
        var needs: [(id: RunID, need: Need)]
        /// Order in the slot; nil when it is over or has none.
        var place: Int?
        var attempt: Int64 = 0
        var token: Int64 = 0
        var tries: Int64 = 0
        var bugs: Int64 = 0
        var spent: Int64 = 0
        var avoid: Set<String> = []
        var worker = ""
        var expires: Int64 = 0
        var started: Int64 = 0
        var cancel = false
        var changes = 1

        var isWaiting: Bool { !state.isOver && !state.isTaken && state != .awaitingReview }
    }

    struct Group {
        var parallel: Int64 = 0
        var paused = false
        var pausedUntil: Int64 = 0
        var pass: Int64 = 0
    }

    var jobs: [Job] = []
    var groups: [String: Group] = ["default": Group()]
    /// Groups in the order in which they were made.
    var order = ["default"]
    var turn: Int64 = 0

    func index(_ id: RunID) -> Int? { jobs.firstIndex { $0.id == id } }

    // MARK: What follows

    func rest(_ job: Job, _ now: Instant) -> JobState {
        if job.hold { return .held }
        if !job.needs.isEmpty { return .blocked }
        if let slot = job.slot, let place = job.place,
            jobs.contains(where: {
                $0.slot == slot && $0.id != job.id && !$0.state.isOver
                    && $0.place.map { $0 < place } == true
            })
        {
            return .blocked
        }
        if job.due > now.wall { return job.attempt > 0 ? .retrying : .scheduled }
        return .queued
    }

    mutating func settle(_ index: Int, _ now: Instant) {
        jobs[index].state = rest(jobs[index], now)
    }

    /// A job is over; and all that follows of it, in any order.
    mutating func end(_ index: Int, _ state: JobState, _ now: Instant) {
        let had = jobs[index].slot != nil && isFirst(index)
        jobs[index].state = state
        jobs[index].place = nil
        if had, let slot = jobs[index].slot, let next = first(in: slot), jobs[next].isWaiting {
            settle(next, now)
        }
        let id = jobs[index].id
        for waiter in jobs.indices where !jobs[waiter].state.isOver {
            guard let need = jobs[waiter].needs.first(where: { $0.id == id }) else { continue }
            jobs[waiter].needs.removeAll { $0.id == id }
            if need.need.isMet(by: state) {
                settle(waiter, now)
            } else {
                end(waiter, .cancelled, now)
            }
        }
        // Who was over already hears of it, too, for the day when somebody tries him again.
        for waiter in jobs.indices { jobs[waiter].needs.removeAll { $0.id == id } }
    }

    func first(in slot: String) -> Int? {
        jobs.indices.filter { jobs[$0].slot == slot && !jobs[$0].state.isOver }
            .min { (jobs[$0].place ?? .max) < (jobs[$1].place ?? .max) }
    }

    func isFirst(_ index: Int) -> Bool { jobs[index].slot.flatMap { first(in: $0) } == index }

    func waiting(in slot: String) -> [Int] {
        jobs.indices.filter { jobs[$0].slot == slot && !jobs[$0].state.isOver }
            .sorted { (jobs[$0].place ?? 0) < (jobs[$1].place ?? 0) }
    }

    // MARK: Adding

    enum Answer: Equatable { case added, existing(RunID), dropped(RunID), full }

    /// What should be answered, before it is done.
    func answer(to job: NewJob) -> Answer {
        if isDoomed(job) { return .added }
        if let key = job.unique,
            let there = jobs.first(where: { $0.key == key && !$0.state.isOver })
        {
            return .existing(there.id)
        }
        if let slot = job.slot, let holder = first(in: slot) {
            if job.admission == .drop { return .dropped(jobs[holder].id) }
            if job.admission == .queue, waiting(in: slot).count > Int(NewJob.longestSlot) {
                return .full
            }
        }
        return .added
    }

    func isDoomed(_ job: NewJob) -> Bool {
        lastWords(job).contains { after in
            guard let index = index(after.job), jobs[index].state.isOver else { return false }
            return !after.need.isMet(by: jobs[index].state)
        }
    }

    private func lastWords(_ job: NewJob) -> [NewJob.After] {
        var found: [NewJob.After] = []
        for after in job.after {
            found.removeAll { $0.job == after.job }
            found.append(after)
        }
        return found
    }

    mutating func add(_ new: NewJob, as id: RunID, _ now: Instant) {
        let doomed = isDoomed(new)
        // Whom it replaces is among them, if it needs him.
        let needs = lastWords(new).filter { after in
            index(after.job).map { !jobs[$0].state.isOver } ?? false
        }
        if groups[new.group] == nil {
            groups[new.group] = Group()
            order.append(new.group)
        }
        var place: Int?
        if let slot = new.slot, !doomed {
            let there = waiting(in: slot)
            place = (there.last.flatMap { jobs[$0].place } ?? 0) + 1
            if new.admission == .replace, let holder = there.first {
                if jobs[holder].state.isTaken {
                    jobs[holder].cancel = true
                    if there.count > 1 {
                        place = jobs[there[1]].place
                        end(there[1], .cancelled, now)
                    }
                } else {
                    // Its place is the new one's before anybody behind it could have it.
                    let was = jobs[holder].place
                    jobs[holder].place = nil
                    replaceFirst(holder, now)
                    place = was
                }
            }
        }
        var job = Job(
            id: id, group: new.group, lock: new.lock, slot: new.slot, key: new.unique,
            retries: new.retries, budget: new.budget, backoff: new.backoff,
            rank: max(now.wall, new.due ?? 0) - new.priority * 60_000, priority: new.priority,
            state: .queued, hold: new.hold, due: new.due ?? 0, needs: [], place: place)
        if doomed {
            job.state = .cancelled
            job.place = nil
        }
        job.needs = needs.map { ($0.job, $0.need) }
        jobs.append(job)
        if doomed { return }
        let added = jobs.count - 1
        for need in needs {
            guard let other = index(need.job), jobs[other].state.isOver else { continue }
            jobs[added].needs.removeAll { $0.id == need.job }
            if !need.need.isMet(by: jobs[other].state) { return end(added, .cancelled, now) }
        }
        settle(added, now)
        // Who heard of the replaced one's end before the new one stood there looks again.
        guard let slot = new.slot else { return }
        for other in waiting(in: slot).dropFirst() where jobs[other].isWaiting {
            settle(other, now)
        }
    }

    private mutating func replaceFirst(_ holder: Int, _ now: Instant) {
        jobs[holder].state = .cancelled
        let id = jobs[holder].id
        for waiter in jobs.indices {
            guard let need = jobs[waiter].needs.first(where: { $0.id == id }) else { continue }
            jobs[waiter].needs.removeAll { $0.id == id }
            if jobs[waiter].state.isOver { continue }
            if need.need.isMet(by: .cancelled) {
                settle(waiter, now)
            } else {
                end(waiter, .cancelled, now)
            }
        }
    }

    // MARK: Claiming

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
        jobs[index].worker = claimant.worker
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

    // MARK: Ending

    /// What becomes of it; the time of the next try is the store's word.
    mutating func finish(_ index: Int, _ outcome: Outcome, due: Int64, _ now: Instant) {
        jobs[index].token += 1
        jobs[index].spent += now.wall - jobs[index].started
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
        default: again = job.tries < job.retries && !isWorn
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
        jobs[index].spent += now.wall - jobs[index].started
        if jobs[index].cancel { return end(index, .cancelled, now) }
        if jobs[index].tries > 20 || jobs[index].budget.map({ jobs[index].spent >= $0 }) ?? false {
            return end(index, .failed, now)
        }
        jobs[index].due = 0
        settle(index, now)
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
        jobs[index].hold = false
        if old.state.isOver, let slot = old.slot {
            jobs[index].place = (waiting(in: slot).last.flatMap { jobs[$0].place } ?? 0) + 1
        }
        jobs[index].state = .queued
        settle(index, now)
    }
}
