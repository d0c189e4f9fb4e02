import Smelt

@testable import Store

/// What is let in.
extension Model {
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
        lastWords(job.after).contains { after in
            guard let index = index(after.job), jobs[index].state.isOver else { return false }
            return !after.need.isMet(by: jobs[index].state)
        }
    }

    /// Whether it would come, in the place of another, before somebody in its slot whom it needs.
    func waitsForItself(_ job: NewJob, _ now: Instant) -> Bool {
        guard job.admission == .replace, job.slot != nil else { return false }
        var tried = self
        let id = RunID.make()
        tried.add(job, as: id, now)
        guard let new = tried.jobs.last, !new.state.isOver else { return false }
        return new.needs.contains { tried.ahead(of: $0.id).contains(id) }
    }

    func lastWords(_ list: [NewJob.After]) -> [NewJob.After] {
        var found: [NewJob.After] = []
        for after in list {
            found.removeAll { $0.job == after.job }
            found.append(after)
        }
        return found
    }

    mutating func add(_ new: NewJob, as id: RunID, _ now: Instant) {
        let doomed = isDoomed(new)
        // Whom it replaces is among them, if it needs him.
        let needs = lastWords(new.after).filter { after in
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
            retries: new.retries, budget: new.budget, backoff: new.backoff, added: now.wall,
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
}
