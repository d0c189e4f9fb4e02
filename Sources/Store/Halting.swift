internal import Records
internal import Smelt

/// Groups that stop by themselves. An end is counted in the transaction that makes it one: whoever dies before has ended nothing,
/// and of two daemons one has the job.
extension Store {
    /// A job is over: where its group has a rule, it counts if it ended by itself, and the group is paused when that makes
    /// enough. What was cancelled counts for nothing, and a schedule is no job that ends.
    func countEnd(
        of job: Int64, as state: JobState, _ now: Instant
    ) throws(StoreFault) {
        let isSuccess = state == .succeeded
        guard isSuccess || Need.failed.isMet(by: state) else { return }
        let found = try database.first(
            """
            SELECT g.grp, g.name, g.halt, g.halted, g.failures, g.successes FROM jobs j JOIN groups g USING (grp)
            WHERE j.job = ? AND j.every IS NULL AND g.halt IS NOT NULL
            """, .number(job)
        ) { (row) throws(StoreFault) in
            (
                group: row.number(0), name: row.text(1), rule: row.text(2),
                isHalted: row.number(3) != 0, failures: try row.sound(4),
                successes: try row.sound(5)
            )
        }
        guard let found else { return }
        let rule = try rule(found.rule, of: found.name)
        guard found.failures >= 0, found.successes >= 0 else {
            throw .damaged(path, what: Self.endsBelowZero(found.name))
        }
        let failures = found.failures + (isSuccess ? 0 : 1)
        let successes = found.successes + (isSuccess ? 1 : 0)
        try database.run(
            "UPDATE groups SET failures = ?, successes = ? WHERE grp = ?", .number(failures),
            .number(successes), .number(found.group))
        guard !found.isHalted,
            let reason = rule.reason(failures: failures, successes: successes)
        else { return }
        try database.run(
            "UPDATE groups SET halted = 1, paused = 1, reason = ? WHERE grp = ?", .text(reason),
            .number(found.group))
        let asked = rule.when == .now ? try stopAll(of: found.group, why: reason, now) : 0
        try tellHalt(
            GroupHalted(
                cancelled: asked, group: found.name, reason: reason, rule: rule.text),
            because: job, now)
    }

    /// What the file says of a group: no rule is no damage, but another text is.
    func rule(_ text: String, of group: String) throws(StoreFault) -> HaltRule {
        guard let rule = HaltRule(text) else {
            throw .damaged(path, what: Self.noRule(text, group))
        }
        return rule
    }

    private static func noRule(_ text: String, _ group: String) -> String {
        "group '\(Visible.line(group))' has a rule that is none, '\(Visible.line(text))': say another with group set"
    }

    private static func endsBelowZero(_ group: String) -> String {
        "group '\(Visible.line(group))' has ends below zero"
    }

    /// Asks all to stop that somebody has of the group; answers how many.
    private func stopAll(
        of group: Int64, why reason: String, _ now: Instant
    ) throws(StoreFault) -> Int {
        let jobs = try database.all(
            "SELECT job FROM jobs WHERE state IN (4, 7) AND cancel = 0 AND grp = ? ORDER BY job",
            .number(group)
        ) { $0.number(0) }
        for job in jobs {
            let old = try row(job)
            var asked = old
            asked.cancel = true
            asked.reason = reason
            try put(old, asked, now)
        }
        return jobs.count
    }

    /// Into the log of the job by whose end it was, and into the audit.
    private func tellHalt(
        _ record: GroupHalted, because job: Int64, _ now: Instant
    ) throws(StoreFault) {
        let row = try row(job)
        guard let id = RunID(row.id) else { throw .damaged(path, what: "a job has no name") }
        let line: [UInt8]
        do throws(RecordFault) {
            line = try RecordJSON.line(record, run: id, at: Timestamp(milliseconds: now.wall))
        } catch { throw .bug("\(error)") }
        try append(line, count: 1, first: row.seq + 1, job: job)
        try database.run("UPDATE jobs SET seq = seq + 1 WHERE job = ?", .number(job))
        try note(
            .caller, "halt", record.group,
            [
                ("because", row.id), ("cancelled", "\(record.cancelled)"),
                ("reason", record.reason),
            ], now)
    }

    /// Rules that are none, and counts that nobody can have counted.
    func verifyHalts() throws(StoreFault) -> [String] {
        let groups = try database.all(
            "SELECT name, halt, failures < 0 OR successes < 0 FROM groups ORDER BY grp"
        ) { (name: $0.text(0), rule: $0.optionalText(1), isLow: $0.number(2) != 0) }
        return groups.flatMap { group in
            var wrong: [String] = []
            if let rule = group.rule, HaltRule(rule) == nil {
                wrong.append(Self.noRule(rule, group.name))
            }
            if group.isLow { wrong.append(Self.endsBelowZero(group.name)) }
            return wrong
        }
    }

    /// What ended before counts no more.
    func countAnew(_ group: Int64) throws(StoreFault) {
        try database.run(
            "UPDATE groups SET halted = 0, failures = 0, successes = 0 WHERE grp = ?",
            .number(group))
    }
}
