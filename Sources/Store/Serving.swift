internal import Records
internal import Smelt

/// What a daemon asks of the store besides: several steps as one, and what is to be done when.
extension Store {
    /// All that `body` does is on the disk when this returns, or nothing of it is. A step in it that says `leaseGone` has
    /// changed nothing, and the others may go on.
    package func together<T>(
        _ now: Instant, _ body: () throws(StoreFault) -> T
    ) throws(StoreFault) -> T {
        try step(now, body)
    }

    /// Keeps many leases for so many milliseconds more; answers with those that are gone.
    package func heartbeat(
        _ leases: [Lease], for length: Int64, _ now: Instant
    ) throws(StoreFault) -> [Lease] {
        try step(now) { () throws(StoreFault) in
            var gone: [Lease] = []
            for lease in leases {
                do throws(StoreFault) {
                    _ = try heartbeat(lease, for: length, now)
                } catch .leaseGone { gone.append(lease) }
            }
            return gone
        }
    }

    /// Jobs whose owner is known to be no more are lost at once: nobody need wait for the end of a lease that nobody keeps.
    /// Answers how many.
    @discardableResult
    package func lapse(_ now: Instant, of isGone: (String) -> Bool) throws(StoreFault) -> Int {
        let running = try database.all(
            "SELECT job, owner FROM jobs WHERE state = 4 ORDER BY job"
        ) { ($0.number(0), $0.text(1)) }
        let out = running.filter { isGone($0.1) }
        if out.isEmpty { return 0 }
        return try step(now) { () throws(StoreFault) in
            var lost = 0
            for (job, owner) in out {
                let old = try row(job)
                guard old.state == .running, old.owner == owner else { continue }
                try lose(old, now)
                lost += 1
            }
            return lost
        }
    }

    /// The run is gone, and did not say how it ended; the job waits to be begun again. One that is lost already stays so.
    package func lose(_ lease: Lease, _ now: Instant) throws(StoreFault) {
        try step(now) { () throws(StoreFault) in
            let old = try row(lease)
            if old.state == .running { try lose(old, now) }
        }
    }

    /// As `beginAgain`, and from the second loss on after a pause: a run that dies as soon as it begins is not begun all the time.
    package func beginAgainInTime(
        _ lease: Lease, took: Int64? = nil, _ now: Instant
    ) throws(StoreFault) {
        try step(now) { () throws(StoreFault) in
            let losses = try row(lease).losses
            let state = try beginAgain(lease, took: took, now)
            guard losses > 0, !state.isOver else { return }
            let old = try row(lease.job)
            var new = old
            new.due =
                now.wall
                + RetryRules.pause(
                    first: try policy(of: old.job).backoff, tries: losses - 1, using: &dice)
            try settle(old, new, now)
        }
    }

    /// The jobs of an owner that somebody wants to stop, by their numbers in leases.
    package func askedToStop(of owner: String) throws(StoreFault) -> [Int64] {
        try database.all(
            "SELECT job FROM jobs WHERE state = 4 AND cancel = 1 AND owner = ?", .text(owner)
        ) { $0.number(0) }
    }

    /// Who has a job.
    package struct Holder: Sendable, Equatable {
        package let attempt: Int64
        /// Nil when nobody has it.
        package let owner: String?
    }

    /// Nil when there is no such job.
    package func holder(of lease: Lease) throws(StoreFault) -> Holder? {
        try database.first(
            "SELECT attempt, owner FROM jobs WHERE job = ? AND id = ?", .number(lease.job),
            .text(lease.id.description)
        ) { Holder(attempt: $0.number(0), owner: $0.optionalText(1)) }
    }

    /// The names of all jobs that somebody has, or may have.
    package func takenJobs() throws(StoreFault) -> [String] {
        try database.all("SELECT id FROM jobs WHERE state IN (4, 7) ORDER BY job") { $0.text(0) }
    }

    /// When the first lease of others ends, on the steady clock; nil when they have none.
    package func firstExpiry(besides owner: String, _ now: Instant) throws(StoreFault) -> Int64? {
        try database.number(
            "SELECT min(expires) FROM jobs WHERE state = 4 AND owner <> ? AND boot = ?",
            .text(owner), .text(now.boot))
    }

    /// When the first group with something to run goes on that is paused until a time, in milliseconds since 1970.
    package func firstResumption(_ now: Instant) throws(StoreFault) -> Int64? {
        try database.number(
            """
            SELECT min(g.paused_until) FROM groups g JOIN counts q USING (grp)
            WHERE q.state = 0 AND q.n > 0 AND g.paused = 0 AND g.paused_until > ?
            """, .number(now.wall))
    }

    /// Whether there may be something to claim; asks without keeping anybody from writing.
    package func mayClaim(_ now: Instant) throws(StoreFault) -> Bool {
        try database.has(
            """
            SELECT 1 FROM counts q JOIN groups g USING (grp)
            WHERE q.state = 0 AND q.n > 0 AND g.paused = 0 AND g.paused_until <= ?
            AND (g.parallel = 0 OR g.parallel > (SELECT total(n) FROM counts r WHERE r.state IN (4, 7) AND r.grp = g.grp))
            """, .number(now.wall))
    }
}
