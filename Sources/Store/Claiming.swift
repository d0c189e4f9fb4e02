package import Smelt

/// A job that somebody has to run.
package struct Claimed: Sendable {
    package let lease: Lease
    package let kind: JobKind
    package let name: String
    package let body: [UInt8]
    /// The file it came from, or the directory of a command or task.
    package let origin: String?
    package let group: String
    /// Of this attempt.
    package let run: RunID
    /// Milliseconds.
    package let timeout: Int64?
    /// To go on from where the last attempt failed.
    package let resume: Bool
    /// Of the last record in the job's log.
    package let seq: Int64
    /// What the owner before said of the run; only of one that is adopted.
    package let process: String?
    /// Milliseconds on the clock that does not jump, of that owner's start of the machine: when his lease would have been over.
    package let expires: Int64?
}

/// Who asks for a job, and for how long he gets it.
package struct Claimant: Sendable {
    /// Unique to the process.
    package let owner: String
    /// The machine that would run it; empty is this one.
    package let worker: String
    /// Milliseconds until the lease is over unless a heartbeat comes.
    package let lease: Int64
    package let kinds: Kinds
    /// All machines that there are for such jobs: one that has refused a job gets it again where all of them have.
    package let fleet: Set<String>

    /// Which jobs it can run: manifests are those that begin. What goes on behind a result needs no sessions, and so no worker.
    package enum Kinds: Sendable {
        case all, manifests, others
    }

    package init(
        owner: String, worker: String = "", lease: Int64 = 30_000, kinds: Kinds = .all,
        fleet: Set<String> = []
    ) {
        self.owner = owner
        self.worker = worker
        self.lease = lease
        self.kinds = kinds
        self.fleet = fleet
    }
}

extension Store {
    /// The next job; nil when there is none that this worker may run now.
    package func claim(_ claimant: Claimant, _ now: Instant) throws(StoreFault) -> Claimed? {
        // Most of the time there is nothing, and then nobody need be kept from writing.
        guard try !turns(now).isEmpty else { return nil }
        return try step(now) { () throws(StoreFault) in
            for turn in try turns(now) {
                guard let job = try next(in: turn.group, for: claimant, now) else {
                    continue
                }
                try database.run(
                    "UPDATE groups SET pass = ? WHERE grp = ?", .number(turn.pass + 1),
                    .number(turn.group))
                try database.run(
                    "UPDATE meta SET value = ? WHERE key = 'turn'", .number(turn.pass))
                return try take(job, claimant, now)
            }
            return nil
        }
    }

    private struct Turn {
        let group: Int64
        let pass: Int64
    }

    /// Groups with something to run and leave to run it, who is next first. One that was idle begins where the turn is now.
    private func turns(_ now: Instant) throws(StoreFault) -> [Turn] {
        try database.all(
            """
            SELECT g.grp, max(g.pass, (SELECT value FROM meta WHERE key = 'turn')) AS turn FROM counts q JOIN groups g USING (grp)
            WHERE q.state = 0 AND q.n > 0 AND g.paused = 0 AND g.paused_until <= ?
            AND (g.parallel = 0 OR g.parallel > (SELECT total(n) FROM counts r WHERE r.state IN (4, 7) AND r.grp = g.grp))
            ORDER BY turn, g.grp
            """, .number(now.wall)
        ) { (row) throws(StoreFault) in Turn(group: row.number(0), pass: try row.sound(1)) }
    }

    /// The first by rank that this worker may run and whose lock is free. Those whose lock is taken are set aside.
    private func next(
        in group: Int64, for claimant: Claimant, _ now: Instant
    ) throws(StoreFault) -> JobRow? {
        var aside: [Int64] = []
        var found: Int64?
        let statement = try ready(for: claimant.kinds)
        try statement.begin([.number(group)])
        do throws(StoreFault) {
            while found == nil, try statement.step() {
                let job = statement.number(0)
                if let avoid = statement.optionalText(2) {
                    let avoided = Set(
                        avoid.split(separator: "\n", omittingEmptySubsequences: false)
                            .map(String.init))
                    let areAll = !claimant.fleet.isEmpty && claimant.fleet.isSubset(of: avoided)
                    if avoided.contains(claimant.worker), !areAll { continue }
                }
                if let lock = statement.optionalText(1), try isTaken(lock: lock) {
                    aside.append(job)
                } else {
                    found = job
                }
            }
        } catch {
            statement.end()
            throw error
        }
        statement.end()
        for job in aside {
            let row = try row(job)
            try settle(row, row, now)
        }
        return try found.map { job throws(StoreFault) in try row(job) }
    }

    private func ready(for kinds: Claimant.Kinds) throws(StoreFault) -> Statement {
        switch kinds {
        case .all:
            try database.prepare(
                "SELECT job, lock, avoid FROM jobs WHERE grp = ? AND state = 0 ORDER BY rank, job")
        case .manifests:
            try database.prepare(
                """
                SELECT job, lock, avoid FROM jobs WHERE grp = ? AND state = 0
                AND resume = 0 AND (SELECT kind FROM requests r WHERE r.job = jobs.job) = 0 ORDER BY rank, job
                """)
        case .others:
            try database.prepare(
                """
                SELECT job, lock, avoid FROM jobs WHERE grp = ? AND state = 0
                AND (resume = 1 OR (SELECT kind FROM requests r WHERE r.job = jobs.job) <> 0) ORDER BY rank, job
                """)
        }
    }

    private func take(
        _ old: JobRow, _ claimant: Claimant, _ now: Instant
    ) throws(StoreFault) -> Claimed {
        let run = RunID.make(at: Timestamp(milliseconds: now.wall))
        // What is begun anew has another result to ask about.
        if !old.resume { try leaveReview(of: old.job) }
        var new = old
        new.state = .running
        new.attempt += 1
        new.token += 1
        new.owner = claimant.owner
        new.worker = claimant.worker
        new.boot = now.boot
        new.expires = now.steady + claimant.lease
        new.run = run.description
        new.process = nil
        new.started = now.wall
        new.status = nil
        new.reason = nil
        try put(old, new, now)
        try database.run(
            "INSERT INTO attempts (job, attempt, run, worker, first, started) VALUES (?, ?, ?, ?, ?, ?)",
            .number(new.job), .number(new.attempt), .text(run.description),
            .text(claimant.worker), .number(old.seq + 1), .number(now.wall))
        return try describe(try row(new.job))
    }

    /// A taken job as its owner sees it.
    func describe(_ row: JobRow) throws(StoreFault) -> Claimed {
        let found = try database.first(
            """
            SELECT kind, r.name, body, timeout, g.name, origin FROM requests r JOIN jobs j USING (job) JOIN groups g USING (grp)
            WHERE job = ?
            """, .number(row.job)
        ) { (row) throws(StoreFault) in
            (
                row.number(0), row.text(1), row.bytes(2), try row.soundOptional(3), row.text(4),
                row.optionalText(5)
            )
        }
        guard let found, let id = RunID(row.id), let run = row.run.flatMap({ RunID($0) }) else {
            throw .damaged(path, what: "job \(row.id) has no request")
        }
        return Claimed(
            lease: Lease(job: row.job, id: id, attempt: row.attempt, token: row.token),
            kind: JobKind(rawValue: found.0) ?? .command, name: found.1, body: found.2,
            origin: found.5, group: found.4, run: run, timeout: found.3, resume: row.resume,
            seq: row.seq,
            process: row.process, expires: row.expires)
    }
}
