internal import Smelt

/// Times that were reckoned from a clock which has been set back since. What people name is meant as they name it; but a pause
/// that begins with a failure, and a schedule's next time, would come as much too late as the clock was set.
///
/// Nothing is kept for that: a failure that lies ahead, or a next time behind another that is still to come, says it. Such a
/// failure is taken to be now.
extension Store {
    /// As with cron(8): behind a clock that was set back by less, a schedule waits until it has come there again, and does
    /// nothing twice. Milliseconds.
    private static let patience: Int64 = 3 * 3_600_000

    /// Where a job has a time that may lie ahead: also behind what keeps it from beginning meanwhile.
    private static let timed: [JobState] = [.held, .scheduled, .blocked, .retrying]

    /// To be called when the clock was set, and by who did not look before.
    package func clockWasSet(_ now: Instant) throws(StoreFault) {
        let doubtful = try self.doubtful(now)
        if doubtful.isEmpty { return }
        try step(now) { () throws(StoreFault) in
            for job in doubtful {
                let old = try row(job)
                guard Self.timed.contains(old.state), old.due > now.wall,
                    let due = try mended(old, now)
                else { continue }
                var new = old
                new.due = due
                if old.every == nil { try movePause(of: old, to: due, now) }
                try settle(old, new, now, told: true)
            }
        }
    }

    /// The failure is now, so that its pause is found again when the clock is set back once more; and a group that waits for what
    /// limits this job waits no longer than it.
    private func movePause(
        of row: JobRow, to due: Int64, _ now: Instant
    ) throws(StoreFault) {
        try database.run(
            "UPDATE attempts SET finished = ? WHERE job = ? AND attempt = ?", .number(now.wall),
            .number(row.job), .number(row.attempt))
        try database.run(
            "UPDATE groups SET paused_until = ? WHERE grp = ? AND paused_until = ?", .number(due),
            .number(row.group), .number(row.due))
    }

    private func doubtful(_ now: Instant) throws(StoreFault) -> [Int64] {
        let waiting = try database.all(
            """
            SELECT job FROM jobs WHERE state IN (1, 2, 3, 6) AND due > ? AND (attempt > 0 OR every IS NOT NULL) ORDER BY job
            """, .number(now.wall)
        ) { $0.number(0) }
        var found: [Int64] = []
        for job in waiting where try mended(try row(job), now) != nil { found.append(job) }
        return found
    }

    /// When it is due by the clock as it stands now; nil where that is what the job says.
    private func mended(_ row: JobRow, _ now: Instant) throws(StoreFault) -> Int64? {
        if let cron = row.every.flatMap({ Cron($0) }) {
            guard let later = cron.next(after: now.wall + Self.patience), later < row.due else {
                return nil
            }
            return cron.next(after: now.wall)
        }
        // Only who names a time moves a job in the order by it.
        if row.due == row.rank + row.priority * JobRow.point { return nil }
        let failed = try database.number(
            "SELECT finished FROM attempts WHERE job = ? AND attempt = ?", .number(row.job),
            .number(row.attempt))
        guard let failed, failed > now.wall else { return nil }
        let pause = row.due - failed
        // Longer than any of ours: whoever limits the job has named the time. None at all: it was mended in a former way.
        let longest = max(try policy(of: row.job).backoff, RetryRules.longestPause)
        return (0...longest).contains(pause) ? now.wall + pause : nil
    }
}
