internal import Smelt

extension Store {
    /// Adds jobs, all or none. When it returns they are on the disk, and what became of each is decided.
    package func add(
        _ jobs: [NewJob], by actor: Actor, _ now: Instant
    ) throws(StoreFault) -> [Admission] {
        for (index, job) in jobs.enumerated() {
            try Self.naming(index, of: jobs) { () throws(StoreFault) in try Self.check(job) }
        }
        return try step(now) { () throws(StoreFault) in
            var next = try nextJob()
            var answers: [Admission] = []
            var isStale = false
            answers.reserveCapacity(jobs.count)
            for (index, job) in jobs.enumerated() {
                try Self.naming(index, of: jobs) { () throws(StoreFault) in
                    answers.append(try admit(job, as: &next, now))
                    // A job may need one that was added, or superseded, a line before.
                    if !consequences.isEmpty {
                        try drain(now)
                        isStale = true
                    }
                    if case .added(let id, _)? = answers.last, job.admission == .replace {
                        try checkPlace(of: id, job)
                    }
                }
            }
            if isStale {
                answers = try answers.map { answer throws(StoreFault) in try current(answer) }
            }
            try note(answers, by: actor, now)
            return answers
        }
    }

    /// A fault of one of many says of which.
    private static func naming(
        _ index: Int, of jobs: [NewJob], _ body: () throws(StoreFault) -> Void
    ) throws(StoreFault) {
        do throws(StoreFault) { try body() } catch {
            switch error {
            case .invalid, .unknownJob, .cannotNeed:
                guard let source = jobs[index].source else { throw error }
                throw .inBatch(source, error)
            default: throw error
            }
        }
    }

    /// Whoever takes another's place in a slot comes before those who wait there already, and can need none of them.
    private func checkPlace(of id: RunID, _ job: NewJob) throws(StoreFault) {
        guard let slot = job.slot, !job.after.isEmpty else { return }
        let row = try row(named: id.description)
        guard !row.state.isOver else { return }
        let needed = try database.all(
            "SELECT needed, id FROM needs n JOIN jobs o ON o.job = n.needed WHERE n.job = ? AND met = 0",
            .number(row.job)
        ) { ($0.number(0), $0.text(1)) }
        for (other, name) in needed where try waits(other, for: row.job) {
            throw .invalid(
                "a job in the place of another in slot '\(Visible.line(slot))' cannot need '\(name)', "
                    + "which would wait for it")
        }
    }

    /// The answer with the state that the job came to by what was added behind it.
    private func current(_ answer: Admission) throws(StoreFault) -> Admission {
        guard case .added(let id, _) = answer else { return answer }
        return .added(id, try row(named: id.description).state)
    }

    /// Numbers are for the file's own order; only names are for ever.
    func nextJob() throws(StoreFault) -> Int64 {
        let last = try database.number("SELECT max(job) FROM jobs") ?? 0
        let floor = try database.number("SELECT value FROM meta WHERE key = 'floor'") ?? 0
        return max(last, floor) + 1
    }

    /// What the tables would not refuse, or not in words.
    static func check(_ job: NewJob) throws(StoreFault) {
        guard job.body.count <= NewJob.longestBody else {
            throw .invalid("a job of \(job.body.count) bytes is longer than \(NewJob.longestBody)")
        }
        guard NewJob.priorities.contains(job.priority) else {
            throw .invalid(
                "priority \(job.priority) is not from \(NewJob.priorities.lowerBound) to "
                    + "\(NewJob.priorities.upperBound)")
        }
        guard NewJob.retries.contains(job.retries) else {
            throw .invalid(
                "\(job.retries) retries are not from \(NewJob.retries.lowerBound) to "
                    + "\(NewJob.retries.upperBound)")
        }
        guard job.backoff > 0, job.budget ?? 1 > 0, job.timeout ?? 1 > 0 else {
            throw .invalid("back-off, budget and time-out of a job must be positive")
        }
        let names = [job.group, job.slot, job.unique, job.lock].compactMap { $0 }
        guard names.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 255 }) else {
            throw .invalid("names of groups, slots, locks and keys have from 1 to 255 bytes")
        }
        guard job.name.utf8.count <= 4096, job.labels.count <= 100,
            job.labels.allSatisfy({ $0.key.utf8.count <= 255 && $0.value.utf8.count <= 4096 })
        else {
            throw .invalid(
                "a job has a name of up to 4096 bytes and up to 100 labels, of 255 and 4096 bytes")
        }
        guard let every = job.every else { return }
        guard Cron(every) != nil else {
            throw .invalid(
                "'\(Visible.line(every))' is no cron line: \(Cron.complaint(about: every)), such as '0 3 * * mon-fri'"
            )
        }
        guard job.due == nil, job.after.isEmpty else {
            throw .invalid("a job with 'every' can neither have a time nor need other jobs")
        }
    }

    /// Adds one, if its key and its slot let it in; with that name, where it has been told already.
    func admit(
        _ job: NewJob, named name: RunID? = nil, as next: inout Int64, _ now: Instant
    ) throws(StoreFault) -> Admission {
        let needs = try needs(of: job)
        let doom = needs.first { one in one.ended.map { !one.need.isMet(by: $0) } ?? false }
        var place: Int64?
        // What can never begin takes no place, and a schedule takes none itself; what it makes does.
        if doom == nil {
            if let key = job.uniqueness, let there = try holder(ofKey: key) { return there }
            if job.every == nil, let slot = job.slot {
                switch try enter(slot: slot, job.admission, now) {
                case .refused(let answer): return answer
                case .place(let number): place = number
                }
            }
        }
        let id = name ?? RunID.make(at: Timestamp(milliseconds: now.wall))
        var row = JobRow(
            number: next, id: id.description, job, group: try number(ofGroup: job.group),
            place: place, at: now.wall)
        next += 1
        if let every = job.every { row.due = try nextTime(of: every, now) }
        row.waits = Int64(needs.count { $0.ended == nil })
        if let doom, let end = doom.ended {
            row.state = .cancelled
            row.finished = now.wall
            row.reason = "it needed \(doom.id) to end otherwise than \(end.word)"
        } else {
            row.state = try rest(row, now)
        }
        try insert(row, job)
        for need in needs { try insert(need, of: row.job) }
        count(row.state, row.group, 1)
        try tell(row, from: nil, now)
        return .added(id, row.state)
    }

    private func insert(_ row: JobRow, _ job: NewJob) throws(StoreFault) {
        try database.run(
            """
            INSERT INTO jobs (job, id, state, grp, rank, priority, seq, added, due, hold, waits, lock, slot, place, unique_key,
            every, finished, reason) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .number(row.job), .text(row.id), .number(row.state.rawValue), .number(row.group),
            .number(row.rank), .number(row.priority), .number(row.added), .number(row.due),
            .number(row.hold ? 1 : 0), .number(row.waits), Value(row.lock), Value(row.slot),
            Value(row.place), Value(row.unique), Value(row.every), Value(row.finished),
            Value(row.reason))
        try database.run(
            """
            INSERT INTO requests (job, kind, name, labels, unique_key, admission, retries, backoff, budget, timeout, origin, body)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .number(row.job), .number(job.kind.rawValue), .text(job.name),
            job.labels.isEmpty ? .null : .text(Labels.write(job.labels)),
            Value(job.unique), .number(job.admission.rawValue), .number(job.retries),
            .number(job.backoff),
            Value(job.budget), Value(job.timeout), Value(job.origin), .bytes(job.body))
        try insertLabels(of: job, row.job)
    }

    func insertLabels(of job: NewJob, _ number: Int64) throws(StoreFault) {
        for label in job.labels {
            try database.run(
                "INSERT OR IGNORE INTO labels (key, value, job) VALUES (?, ?, ?)", .text(label.key),
                .text(label.value), .number(number))
        }
    }

    func insert(_ need: NeededJob, of job: Int64) throws(StoreFault) {
        let met: Int64 = need.ended.map { need.need.isMet(by: $0) ? 1 : 2 } ?? 0
        try database.run(
            "INSERT INTO needs (needed, job, want, met) VALUES (?, ?, ?, ?)",
            .number(need.job), .number(job), .number(need.need.rawValue), .number(met))
    }

    struct NeededJob {
        let job: Int64
        let id: RunID
        let need: Need
        /// Nil while it is not over.
        let ended: JobState?
    }

    /// What a job needs, each once; the last word on each counts.
    func needs(of job: NewJob) throws(StoreFault) -> [NeededJob] {
        guard !job.after.isEmpty else { return [] }
        var found: [NeededJob] = []
        for after in job.after {
            let there = try database.first(
                "SELECT job, state FROM jobs WHERE id = ?", .text(after.job.description)
            ) { ($0.number(0), JobState(rawValue: $0.number(1)) ?? .failed) }
            guard let there else { throw unknown(after.job) }
            found.removeAll { $0.job == there.0 }
            found.append(
                NeededJob(
                    job: there.0, id: after.job, need: after.need,
                    ended: there.1.isOver ? there.1 : nil))
        }
        return found
    }

    /// When a schedule makes its next job.
    func nextTime(of every: String, _ now: Instant) throws(StoreFault) -> Int64 {
        guard let time = Cron(every)?.next(after: now.wall) else {
            throw .invalid("'\(Visible.line(every))' names a day that never comes")
        }
        return time
    }

    /// Who has the key, as an answer to another who wants it.
    func holder(ofKey key: String) throws(StoreFault) -> Admission? {
        let there = try database.first(
            "SELECT id, state FROM jobs WHERE unique_key = ? AND unique_key IS NOT NULL AND state < 8",
            .text(key)
        ) { ($0.text(0), $0.number(1)) }
        guard let there, let id = RunID(there.0), let state = JobState(rawValue: there.1) else {
            return nil
        }
        return .existing(id, state)
    }
}
