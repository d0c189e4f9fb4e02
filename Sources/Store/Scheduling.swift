internal import Smelt

extension Store {
    /// Lets jobs begin whose time has come, up to so many, and makes the next ones of schedules. Answers when the next is due,
    /// in milliseconds since 1970; nil when none is. Asked once nobody else can write, `isNow` says that the clock was not set since
    /// that moment: what somebody else has set right by a clock that was set back would seem to be due.
    @discardableResult
    package func advance(
        _ now: Instant, most: Int64 = 500, while isNow: () -> Bool = { true }
    ) throws(StoreFault) -> Int64? {
        let next = "SELECT min(due) FROM jobs WHERE state IN (2, 6)" as StaticString
        guard let first = try database.number(next) else { return nil }
        if first > now.wall { return first }
        try step(now) { () throws(StoreFault) in
            guard isNow() else { return }
            let due = try database.all(
                "SELECT job FROM jobs WHERE state IN (2, 6) AND due <= ? ORDER BY due, job LIMIT ?",
                .number(now.wall), .number(most)
            ) { $0.number(0) }
            for job in due {
                let old = try row(job)
                guard old.state == .scheduled || old.state == .retrying else { continue }
                if let cron = old.every.flatMap({ Cron($0) }) {
                    try make(from: old, cron, now)
                } else {
                    try settle(old, old, now)
                }
                if !consequences.isEmpty { try drain(now) }
            }
        }
        return try database.number(next)
    }

    /// One job of a schedule, however many of its times went by while nobody looked; then the schedule waits for its next time.
    private func make(
        from schedule: JobRow, _ cron: Cron, _ now: Instant
    ) throws(StoreFault) {
        var job = try request(of: schedule)
        job.every = nil
        job.hold = false
        job.priority = schedule.priority
        var number = try nextJob()
        let answer = try admit(job, as: &number, now)
        var new = try row(schedule.job)
        let old = new
        new.reason = answer.sentence
        guard let time = cron.next(after: now.wall) else {
            try end(old, as: .succeeded, now, why: "its line names no later time")
            return
        }
        new.due = time
        try put(old, new, now)
    }

    /// What was asked for when the job was added.
    func request(of row: JobRow) throws(StoreFault) -> NewJob {
        let found = try database.first(
            """
            SELECT kind, r.name, labels, admission, retries, backoff, budget, timeout, body, g.name, r.unique_key, origin
            FROM requests r JOIN jobs j USING (job) JOIN groups g USING (grp) WHERE job = ?
            """, .number(row.job)
        ) { (line) throws(StoreFault) in
            var job = NewJob(
                JobKind(rawValue: line.number(0)) ?? .command, name: line.text(1),
                body: line.bytes(8))
            job.labels = line.optionalText(2).map(Labels.read) ?? []
            job.admission = SlotAdmission(rawValue: line.number(3)) ?? .queue
            job.retries = line.number(4)
            job.backoff = line.number(5)
            job.budget = line.optional(6)
            job.timeout = line.optional(7)
            job.group = line.text(9)
            job.unique = line.optionalText(10)
            job.origin = line.optionalText(11)
            return job
        }
        guard var job = found else {
            throw .damaged(path, what: "job \(row.id) has no request")
        }
        job.priority = row.priority
        job.every = row.every
        job.slot = row.slot
        job.lock = row.lock
        job.hold = row.hold
        return job
    }
}

extension Admission {
    /// For people.
    package var sentence: String {
        switch self {
        case .added(let id, let state): "\(id) added, \(state.word)"
        case .existing(let id, let state): "\(id) is there already, \(state.word)"
        case .dropped(let id): "dropped: its slot is taken by \(id)"
        case .full(let slot): "dropped: as many as may wait for slot '\(Visible.line(slot))' do"
        }
    }
}
