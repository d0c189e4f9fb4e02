package import Smelt

/// A job for people and programs to look at.
package struct JobView: Sendable, Equatable {
    package let number: Int64
    package let id: RunID
    package let name: String
    package let kind: JobKind
    package let state: JobState
    package let attempt: Int64
    package let group: String
    package let priority: Int64
    package let labels: [NewJob.Label]
    package let added: Int64
    package let due: Int64
    package let started: Int64?
    package let finished: Int64?
    package let status: Int64?
    package let reason: String?
    package let run: RunID?
    package let owner: String?
    package let worker: String?
    package let slot: String?
    package let lock: String?
    package let unique: String?
    package let every: String?
    package let cancelRequested: Bool
    package let seq: Int64
    /// Nothing of its group begins: until that time, in milliseconds since 1970, or `Int64.max`; 0 when it is not so.
    package let groupPausedUntil: Int64
    package let groupReason: String?

    /// It waits for its group, whatever else it waits for.
    package func isPaused(at time: Int64) -> Bool {
        groupPausedUntil > time && !state.isOver && !state.isTaken
    }
}

/// Which jobs to list. All that is named must hold.
package struct JobFilter: Sendable {
    /// Empty is any.
    package var states: [JobState] = []
    package var group: String?
    package var label: NewJob.Label?
    /// Milliseconds since 1970, of when it was added.
    package var since: Int64?
    package var until: Int64?

    package init() {}
}

extension Store {
    private static let columns = """
        j.job, j.id, r.name, r.kind, j.state, j.attempt, g.name, j.priority, r.labels, j.added, j.due, j.started, j.finished,
        j.status, j.reason, j.run, j.owner, j.worker, j.slot, j.lock, r.unique_key, j.every, j.cancel, j.seq, g.paused,
        g.paused_until, g.reason
        """

    /// Newest first, at most so many, those before the job of that number only. Takes as long as the page is, whatever is in the
    /// file, by state or label or with neither; by group alone it may read more.
    package func list(
        _ filter: JobFilter = JobFilter(), before number: Int64? = nil, most: Int64 = 100
    ) throws(StoreFault) -> [JobView] {
        // One state after the other is in order by the index; several at once would be sorted, all of them.
        guard filter.states.count > 1 else {
            return try page(filter, filter.states.first, before: number, most: most)
        }
        return try database.read { () throws(StoreFault) in
            var found: [JobView] = []
            for state in filter.states {
                found += try page(filter, state, before: number, most: most)
            }
            return Array(found.sorted { $0.number > $1.number }.prefix(Int(most)))
        }
    }

    private func page(
        _ filter: JobFilter, _ state: JobState?, before number: Int64?, most: Int64
    ) throws(StoreFault) -> [JobView] {
        var conditions: [String] = []
        var values: [Value] = []
        func want(_ condition: String, _ value: Value) {
            conditions.append(condition)
            values.append(value)
        }
        if let state { want("j.state = ?", .number(state.rawValue)) }
        if let number { want("j.job < ?", .number(number)) }
        if let group = filter.group { want("g.name = ?", .text(group)) }
        if let since = filter.since { want("j.added >= ?", .number(since)) }
        if let until = filter.until { want("j.added < ?", .number(until)) }
        var from = "jobs j CROSS JOIN requests r USING (job) CROSS JOIN groups g USING (grp)"
        if let label = filter.label {
            from =
                "labels l CROSS JOIN jobs j USING (job) CROSS JOIN requests r USING (job) CROSS JOIN groups g USING (grp)"
            want("l.key = ?", .text(label.key))
            want("l.value = ?", .text(label.value))
        }
        let condition = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
        let order = filter.label == nil ? "j.job" : "l.job"
        return try database.query(
            "SELECT \(Self.columns) FROM \(from) \(condition) ORDER BY \(order) DESC LIMIT ?",
            values + [.number(most)]
        ) { (row) throws(StoreFault) in try Self.view(row) }.compactMap { $0 }
    }

    package func show(_ id: RunID) throws(StoreFault) -> JobView {
        let found = try database.query(
            "SELECT \(Self.columns) FROM jobs j JOIN requests r USING (job) JOIN groups g USING (grp) WHERE j.id = ?",
            [.text(id.description)]
        ) { (row) throws(StoreFault) in try Self.view(row) }
        guard let view = found.first ?? nil else { throw unknown(id) }
        return view
    }

    /// Where a job stands, and with what status its command or pipeline ended: what who waits looks at, again and again.
    package func standing(_ id: RunID) throws(StoreFault) -> (state: JobState, status: Int64?) {
        let found = try database.first(
            "SELECT state, status FROM jobs WHERE id = ?", .text(id.description)
        ) { (row) throws(StoreFault) in
            (JobState(rawValue: row.number(0)), try row.soundOptional(1))
        }
        guard let found, let state = found.0 else { throw unknown(id) }
        return (state, found.1)
    }

    private static func view(_ row: Statement) throws(StoreFault) -> JobView? {
        guard let id = RunID(row.text(1)), let state = JobState(rawValue: row.number(4)) else {
            return nil
        }
        return JobView(
            number: try row.sound(0), id: id, name: row.text(2),
            kind: JobKind(rawValue: row.number(3)) ?? .command, state: state,
            attempt: try row.sound(5), group: row.text(6), priority: try row.sound(7),
            labels: row.optionalText(8).map(Labels.read) ?? [], added: try row.sound(9),
            due: try row.sound(10), started: try row.soundOptional(11),
            finished: try row.soundOptional(12),
            status: try row.soundOptional(13), reason: row.optionalText(14),
            run: row.optionalText(15).flatMap { RunID($0) }, owner: row.optionalText(16),
            worker: row.optionalText(17), slot: row.optionalText(18), lock: row.optionalText(19),
            unique: row.optionalText(20), every: row.optionalText(21),
            cancelRequested: row.number(22) != 0, seq: try row.sound(23),
            groupPausedUntil: row.number(24) != 0 ? .max : try row.sound(25),
            groupReason: row.optionalText(26))
    }

    /// What the job was added with.
    package func request(_ id: RunID) throws(StoreFault) -> NewJob {
        try request(of: try row(named: id.description))
    }

    /// The attempts of a job, in order.
    package func attempts(of id: RunID) throws(StoreFault) -> [Attempt] {
        try database.all(
            """
            SELECT a.attempt, a.run, a.worker, a.started, a.finished, a.status, a.reason FROM attempts a JOIN jobs j USING (job)
            WHERE j.id = ? ORDER BY a.attempt
            """, .text(id.description)
        ) { (row) throws(StoreFault) in
            Attempt(
                attempt: row.number(0), run: row.text(1), worker: row.text(2),
                started: try row.sound(3), finished: try row.soundOptional(4),
                status: row.optional(5), reason: row.optionalText(6))
        }
    }
}

/// One attempt at a job.
package struct Attempt: Sendable, Equatable {
    package let attempt: Int64
    package let run: String
    package let worker: String
    package let started: Int64
    package let finished: Int64?
    package let status: Int64?
    package let reason: String?
}
