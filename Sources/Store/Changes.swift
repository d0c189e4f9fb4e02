internal import Records
internal import Smelt

/// What follows for others when a job has changed.
enum Consequence {
    case over(job: Int64, id: String, as: JobState)
    case freed(lock: String)
    case left(slot: String)
}

struct CountKey: Hashable {
    let state: Int64
    let group: Int64
}

extension Store {
    /// The one way by which a job changes: where it still is what `old` says. `edited` names what people changed of what was
    /// asked for.
    func put(
        _ old: JobRow, _ changed: JobRow, _ now: Instant, told: Bool = true, edited: [String] = []
    ) throws(StoreFault) {
        var new = changed
        if told { new.seq += 1 }
        try database.run(
            """
            UPDATE jobs SET state = ?, rank = ?, priority = ?, attempt = ?, token = ?, seq = ?, due = ?, hold = ?, waits = ?,
            place = ?, tries = ?, bugs = ?, losses = ?, spent = ?, avoid = ?, cancel = ?, resume = ?, owner = ?, worker = ?,
            boot = ?, expires = ?, run = ?, process = ?, started = ?, finished = ?, status = ?, reason = ?
            WHERE job = ? AND state = ? AND attempt = ? AND token = ?
            """,
            .number(new.state.rawValue), .number(new.rank), .number(new.priority),
            .number(new.attempt), .number(new.token), .number(new.seq), .number(new.due),
            .number(new.hold ? 1 : 0), .number(new.waits), Value(new.place), .number(new.tries),
            .number(new.bugs), .number(new.losses), .number(new.spent), Value(new.avoid),
            .number(new.cancel ? 1 : 0), .number(new.resume ? 1 : 0), Value(new.owner),
            Value(new.worker), Value(new.boot), Value(new.expires), Value(new.run),
            Value(new.process), Value(new.started), Value(new.finished), Value(new.status),
            Value(new.reason), .number(old.job), .number(old.state.rawValue),
            .number(old.attempt), .number(old.token))
        guard database.changed == 1 else { throw .leaseGone(job: old.id) }
        if told { try tell(new, from: old.state, edited: edited, now) }
        guard new.state != old.state else { return }
        count(old.state, old.group, -1)
        count(new.state, new.group, 1)
        if let lock = old.lock {
            let lets =
                old.state.isTaken
                ? !new.state.isTaken
                : old.state == .queued && !new.state.isTaken
            if lets { consequences.append(.freed(lock: lock)) }
        }
        if new.state.isOver {
            consequences.append(.over(job: new.job, id: new.id, as: new.state))
            if let slot = new.slot, new.place == 0 { consequences.append(.left(slot: slot)) }
        }
    }

    func count(_ state: JobState, _ group: Int64, _ change: Int64) {
        counted[CountKey(state: state.rawValue, group: group), default: 0] += change
    }

    func flushCounts() throws(StoreFault) {
        for (key, change) in counted where change != 0 {
            try database.run(
                """
                INSERT INTO counts (state, grp, n) VALUES (?1, ?2, max(0, ?3))
                ON CONFLICT DO UPDATE SET n = n + ?3
                """, .number(key.state), .number(key.group), .number(change))
        }
        counted.removeAll(keepingCapacity: true)
    }

    /// Does what follows until nothing does.
    func drain(_ now: Instant) throws(StoreFault) {
        while let next = consequences.popLast() {
            switch next {
            case .over(let job, let id, let state):
                try release(needing: job, id, state, now)
                try countEnd(of: job, as: state, now)
            case .freed(let lock): try release(lock: lock, now)
            case .left(let slot): try release(slot: slot, now)
            }
        }
    }

    /// Where a job that nobody has, and that is not over, rests.
    func rest(_ row: JobRow, _ now: Instant) throws(StoreFault) -> JobState {
        if row.hold { return .held }
        if row.waits > 0 { return .blocked }
        if let place = row.place, place > 0 { return .blocked }
        if row.due > now.wall || row.every != nil {
            return row.attempt > 0 ? .retrying : .scheduled
        }
        if let lock = row.lock, try isTaken(lock: lock) { return .blocked }
        return .queued
    }

    /// Puts a job that nobody has where it rests now.
    func settle(
        _ old: JobRow, _ changed: JobRow, _ now: Instant, told: Bool = false
    ) throws(StoreFault) {
        var new = changed
        new.state = try rest(new, now)
        try put(old, new, now, told: told || new.state != old.state)
    }

    func isTaken(lock: String) throws(StoreFault) -> Bool {
        try database.has(
            "SELECT 1 FROM jobs WHERE lock = ? AND lock IS NOT NULL AND state IN (4, 7)",
            .text(lock))
    }

    /// The next in line for a lock that is free, of each group in which none before it is queued.
    private func release(lock: String, _ now: Instant) throws(StoreFault) {
        if try isTaken(lock: lock) { return }
        let groups = try database.all(
            """
            SELECT DISTINCT grp FROM jobs WHERE lock = ? AND lock IS NOT NULL AND state = 3 AND state < 8
            AND hold = 0 AND waits = 0 AND (place IS NULL OR place = 0)
            """, .text(lock)
        ) { $0.number(0) }
        for group in groups {
            // One whose time has moved away, since the clock was set back, waits for that instead, and holds up nobody.
            while let job = try next(for: lock, in: group) {
                let row = try row(job)
                try settle(row, row, now)
                if try [.queued, .blocked].contains(self.row(job).state) { break }
            }
        }
    }

    /// The first that waits for nothing else than the lock, unless one before it is queued.
    private func next(for lock: String, in group: Int64) throws(StoreFault) -> Int64? {
        let next = try database.first(
            """
            SELECT job, rank FROM jobs WHERE lock = ? AND lock IS NOT NULL AND grp = ? AND state = 3 AND state < 8
            AND hold = 0 AND waits = 0 AND (place IS NULL OR place = 0) ORDER BY rank, job LIMIT 1
            """, .text(lock), .number(group)
        ) { ($0.number(0), $0.number(1)) }
        guard let next else { return nil }
        let isBehind = try database.has(
            """
            SELECT 1 FROM jobs WHERE lock = ?1 AND lock IS NOT NULL AND grp = ?2 AND state = 0 AND state < 8
            AND (rank < ?3 OR rank = ?3 AND job < ?4)
            """, .text(lock), .number(group), .number(next.1), .number(next.0))
        return isBehind ? nil : next.0
    }

    /// The next in a slot that nobody has.
    private func release(slot: String, _ now: Instant) throws(StoreFault) {
        let next = try database.first(
            """
            SELECT job, place FROM jobs WHERE slot = ? AND slot IS NOT NULL AND state < 8 AND place >= 0
            ORDER BY place LIMIT 1
            """, .text(slot)
        ) { ($0.number(0), $0.number(1)) }
        guard let next, next.1 > 0 else { return }
        let old = try row(next.0)
        var new = old
        new.place = 0
        try settle(old, new, now)
    }

    /// Those that needed a job which is over: one fewer to wait for, or never.
    private func release(
        needing job: Int64, _ id: String, _ state: JobState, _ now: Instant
    ) throws(StoreFault) {
        let waiting = try database.all(
            "SELECT job, want FROM needs WHERE needed = ? AND met = 0 ORDER BY job", .number(job)
        ) { ($0.number(0), Need(rawValue: $0.number(1)) ?? .any) }
        for (waiter, need) in waiting {
            let isMet = need.isMet(by: state)
            try database.run(
                "UPDATE needs SET met = ? WHERE needed = ? AND job = ?", .number(isMet ? 1 : 2),
                .number(job), .number(waiter))
            let old = try row(waiter)
            guard !old.state.isOver else { continue }
            var new = old
            if isMet {
                new.waits -= 1
                try settle(old, new, now)
            } else {
                try end(
                    old, as: .cancelled, now,
                    why: "it needed \(id) to end otherwise than \(state.word)")
            }
        }
    }

    /// A job is over, with what else `changed` says.
    func end(
        _ old: JobRow, _ changed: JobRow? = nil, as state: JobState, _ now: Instant, why: String?
    ) throws(StoreFault) {
        var new = changed ?? old
        new.state = state
        new.finished = now.wall
        new.reason = why
        new.owner = nil
        new.boot = nil
        new.expires = nil
        try put(old, new, now)
        // Whose run ended just now is looked at by who ran it.
        if old.state != .running, new.attempt > 0 { try leaveLog(of: new.job) }
    }
}
