internal import Records
package import Smelt

extension Store {
    /// Changes what was said of a job when it was added, all of it or nothing; answers with the names of what is otherwise now.
    /// The job has not begun: it waits, or waits to be tried again. One that somebody has, whose result waits, or that is over is
    /// refused, and so is one that would wait for itself.
    @discardableResult
    package func edit(
        _ id: RunID, _ edit: JobEdit, by actor: Actor, _ now: Instant
    ) throws(StoreFault) -> [String] {
        try step(now) { () throws(StoreFault) in
            let old = try editable(id)
            let former = try request(of: old)
            try check(edit, former, old)
            let edit = try withoutWhatIsSo(edit, former, old)
            let (job, changes) = edit.applied(to: former)
            if changes.isEmpty { return [] }
            try Self.check(job)
            try note(actor, "edit", old.id, details(of: job, changes), now)
            let moved = try write(job, over: former, old)
            var new = moved
            new.priority = job.priority
            new.rank += (old.priority - job.priority) * JobRow.point
            if let due = edit.due {
                new.due = due.value ?? 0
                new.rank = max(old.added, new.due) - job.priority * JobRow.point
            }
            if job.every != former.every, let every = job.every {
                new.due = try nextTime(of: every, now)
            }
            if edit.after != nil { new.waits = try replaceNeeds(of: old, by: job) }
            new.state = try rest(new, now)
            try put(moved, new, now, edited: changes)
            // Somebody else may be next in line now.
            if let lock = old.lock { consequences.append(.freed(lock: lock)) }
            return changes
        }
    }

    /// Refuses what `edit` would, before anybody has thought of what to change.
    package func check(mayEdit id: RunID) throws(StoreFault) { _ = try editable(id) }

    private func editable(_ id: RunID) throws(StoreFault) -> JobRow {
        let row = try row(named: id.description)
        let remedy =
            switch row.state {
            case .running, .lost, .awaitingReview: "cancel it, and add another"
            case _ where row.state.isOver: "retry it, and edit it before it begins"
            default: nil as String?
            }
        guard let remedy else { return row }
        throw .notNow(job: row.id, state: "\(row.state.word); \(remedy)", wish: "edit")
    }

    /// What the job's kind does not let be.
    private func check(
        _ edit: JobEdit, _ former: NewJob, _ row: JobRow
    ) throws(StoreFault) {
        guard edit.every == nil || row.every != nil else {
            throw .invalid(
                "job '\(row.id)' is no schedule: add one with --every, and cancel this one")
        }
        guard row.every == nil || edit.due == nil && edit.after == nil else {
            throw .invalid("a schedule can neither have a time nor need other jobs")
        }
        if let budget = edit.budget?.value, row.spent >= budget {
            throw .invalid(
                "job '\(row.id)' has spent \(row.spent) ms of its time already: give it more, or cancel it"
            )
        }
        guard let work = edit.work else { return }
        guard work.kind == former.kind else {
            throw .invalid(
                "job '\(row.id)' is a \(former.kind.word): edit its text, with no option, on a terminal"
            )
        }
        guard work.former == former.body else { throw .changedMeanwhile(job: row.id) }
        // Its sessions are behind it, or go by the plan that they had.
        guard !row.resume else {
            throw .notNow(
                job: row.id, state: "\(row.state.word), to go on with a run that is there",
                wish: "change what is done by")
        }
    }

    /// Without the time and the needs that the job has already, which its request does not tell.
    private func withoutWhatIsSo(
        _ edit: JobEdit, _ former: NewJob, _ row: JobRow
    ) throws(StoreFault) -> JobEdit {
        var edit = edit
        if let due = edit.due.map({ $0.value ?? 0 }), due == row.due,
            // Else it is a pause of ours, or goes by another time in the order.
            row.rank == max(row.added, due) - row.priority * JobRow.point
        {
            edit.due = nil
        }
        if let after = edit.after {
            var job = former
            job.after = after.value ?? []
            if try hasNeeds(of: job, row) { edit.after = nil }
        }
        return edit
    }

    /// Whether it waits for the same ends already.
    private func hasNeeds(of job: NewJob, _ row: JobRow) throws(StoreFault) -> Bool {
        let wanted = try needs(of: job)
        let left = wanted.filter { $0.ended == nil }
        let known = try database.all(
            "SELECT needed, want FROM needs WHERE job = ? AND met = 0", .number(row.job)
        ) { (job: $0.number(0), want: $0.number(1)) }
        return left.count == known.count
            && left.allSatisfy { one in
                known.contains { $0.job == one.job && $0.want == one.need.rawValue }
            } && wanted.allSatisfy { one in one.ended.map { one.need.isMet(by: $0) } ?? true }
    }

    private func details(of job: NewJob, _ changes: [String]) -> [(String, String?)] {
        func text(_ name: String, _ value: String?) -> (String, String?)? {
            changes.contains(name) ? (name, value ?? "none") : nil
        }
        func time(_ milliseconds: Int64?) -> String? {
            milliseconds.map { Timestamp(milliseconds: $0).description }
        }
        return [
            text("after", job.after.isEmpty ? nil : After.text(job.after)),
            text("at", time(job.due)), text("backoff", "\(job.backoff) ms"),
            text("budget", job.budget.map { "\($0) ms" }), text("every", job.every),
            text("group", job.group),
            text("labels", job.labels.isEmpty ? nil : Labels.write(job.labels)),
            text("lock", job.lock), text("name", job.name), text("priority", "\(job.priority)"),
            text("retries", "\(job.retries)"), text("timeout", job.timeout.map { "\($0) ms" }),
            text("work", SHA256.digest(job.body)),
        ].compactMap { $0 }
    }

    private typealias After = NewJob.After

    /// The request, and what of the row never changes otherwise; answers with the row as it is then, in the group where it is
    /// counted then.
    private func write(
        _ job: NewJob, over former: NewJob, _ old: JobRow
    ) throws(StoreFault) -> JobRow {
        try database.run(
            """
            UPDATE requests SET name = ?, labels = ?, retries = ?, backoff = ?, budget = ?, timeout = ?, body = ? WHERE job = ?
            """,
            .text(job.name), job.labels.isEmpty ? .null : .text(Labels.write(job.labels)),
            .number(job.retries), .number(job.backoff), Value(job.budget), Value(job.timeout),
            .bytes(job.body), .number(old.job))
        if job.labels != former.labels {
            try database.run("DELETE FROM labels WHERE job = ?", .number(old.job))
            try insertLabels(of: job, old.job)
        }
        let group = try number(ofGroup: job.group)
        try database.run(
            "UPDATE jobs SET grp = ?, lock = ?, every = ? WHERE job = ?", .number(group),
            Value(job.lock), Value(job.every), .number(old.job))
        if group != old.group {
            count(old.state, old.group, -1)
            count(old.state, group, 1)
        }
        return try row(old.job)
    }

    /// Answers for how many it waits. One that ended otherwise already, or that waits for this one itself, is refused: the job
    /// could never begin.
    private func replaceNeeds(of row: JobRow, by job: NewJob) throws(StoreFault) -> Int64 {
        let needs = try needs(of: job)
        try database.run("DELETE FROM needs WHERE job = ?", .number(row.job))
        for need in needs {
            if let end = need.ended, !need.need.isMet(by: end) {
                throw .cannotNeed(
                    job: row.id, other: need.id.description, why: "it is \(end.word)")
            }
            if need.ended == nil, try waits(need.job, for: row.job) {
                throw .cannotNeed(
                    job: row.id, other: need.id.description, why: "that one waits for this")
            }
            try insert(need, of: row.job)
        }
        return Int64(needs.count { $0.ended == nil })
    }

    /// Whether a job is the other, or comes behind it, by what it needs or in its slot.
    func waits(_ job: Int64, for other: Int64) throws(StoreFault) -> Bool {
        try database.has(
            """
            WITH RECURSIVE ahead (job) AS (
                SELECT ?1
                UNION SELECT n.needed FROM ahead a JOIN needs n ON n.job = a.job AND n.met = 0
                UNION SELECT o.job FROM ahead a JOIN jobs w ON w.job = a.job
                    JOIN jobs o ON o.slot = w.slot AND o.slot IS NOT NULL AND o.state < 8 AND o.place < w.place
            ) SELECT 1 FROM ahead WHERE job = ?2
            """, .number(job), .number(other))
    }
}

extension NewJob.After {
    fileprivate static func text(_ list: [NewJob.After]) -> String {
        list.map { "\($0.job):\($0.need.word)" }.joined(separator: " ")
    }
}
