import Smelt

@testable import Store

/// What people change of jobs that are there.
extension Agreement {
    mutating func edit() throws -> String? {
        guard let job = any(model.jobs), let index = model.index(job.id) else { return nil }
        var edit = JobEdit()
        if chance(40) { edit.group = any(["default", "one", "two"]) }
        if chance(40) { edit.priority = Int64(roll(-20...20)) }
        if chance(30) {
            edit.due = chance(30) ? Changed.none : .to(now.wall + Int64(roll(0...90_000)))
        }
        if chance(20) { edit.retries = Int64(roll(0...3)) }
        if chance(20) { edit.budget = chance(50) ? Changed.none : .to(Int64(roll(1...50_000))) }
        if chance(30) {
            var needs: [NewJob.After] = []
            for _ in 0..<roll(0...2) {
                guard let other = any(model.jobs) else { break }
                needs.append(NewJob.After(other.id, any(Need.allCases) ?? .any))
            }
            edit.after = .to(needs)
        }
        let may =
            job.isWaiting && model.mayNeed(job, edit.after?.value ?? [])
            && job.spent < edit.budget?.value ?? .max
        trace.append("edit \(job.id) \(edit)")
        do throws(StoreFault) { try store.edit(job.id, edit, by: actor, now) } catch {
            return may ? "refused: \(error)" : nil
        }
        model.edit(index, edit, now)
        return may ? nil : "one was edited that is \(job.state)"
    }
}

extension Model {
    /// Nobody who is needed has ended otherwise, or waits for the job himself.
    func mayNeed(_ job: Job, _ after: [NewJob.After]) -> Bool {
        lastWords(after).allSatisfy { one in
            guard let other = jobs.first(where: { $0.id == one.job }) else { return false }
            if other.state.isOver { return one.need.isMet(by: other.state) }
            return !ahead(of: other.id).contains(job.id)
        }
    }

    /// A job, all whom it waits for, and all whom they wait for.
    func ahead(of id: RunID) -> [RunID] {
        var found = [id]
        var at = 0
        while at < found.count {
            guard let job = jobs.first(where: { $0.id == found[at] }) else { break }
            var next = job.needs.map(\.id)
            if let slot = job.slot, let place = job.place {
                next += jobs.filter {
                    $0.slot == slot && !$0.state.isOver && ($0.place ?? .max) < place
                }.map(\.id)
            }
            found += next.filter { !found.contains($0) }
            at += 1
        }
        return found
    }

    mutating func edit(_ index: Int, _ edit: JobEdit, _ now: Instant) {
        let old = jobs[index]
        if let group = edit.group {
            if groups[group] == nil {
                groups[group] = Group()
                order.append(group)
            }
            jobs[index].group = group
        }
        if let priority = edit.priority {
            jobs[index].rank += (jobs[index].priority - priority) * 60_000
            jobs[index].priority = priority
        }
        if let due = edit.due {
            jobs[index].due = due.value ?? 0
            jobs[index].rank =
                max(jobs[index].added, jobs[index].due) - jobs[index].priority * 60_000
        }
        if let retries = edit.retries { jobs[index].retries = retries }
        if let budget = edit.budget { jobs[index].budget = budget.value }
        if let after = edit.after {
            jobs[index].needs = lastWords(after.value ?? []).filter { one in
                jobs.contains { $0.id == one.job && !$0.state.isOver }
            }.map { ($0.job, $0.need) }
        }
        let new = jobs[index]
        let isSame =
            new.due == old.due && new.rank == old.rank && new.group == old.group
            && new.needs.count == old.needs.count
            && new.needs.allSatisfy { need in old.needs.contains { $0 == need } }
            && new.priority == old.priority && new.retries == old.retries
            && new.budget == old.budget
        if !isSame { settle(index, now) }
    }
}
