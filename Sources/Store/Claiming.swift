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
    /// The machine that is to run it; empty is this one.
    package let worker: String
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
    /// The machines with room for a manifest that begins, the first to be given one first; empty is this one.
    package let workers: [String]
    /// The machine with room for everything else: commands, tasks, and what goes on with a run that there was. Nil where there is
    /// none.
    package let here: String?
    /// Milliseconds until the lease is over unless a heartbeat comes.
    package let lease: Int64
    /// All machines that there are for manifests: one that has refused a job gets it again where all of them have.
    package let fleet: Set<String>

    /// One machine for all.
    package init(owner: String, worker: String = "", lease: Int64 = 30_000) {
        self.init(owner: owner, workers: [worker], here: worker, lease: lease, fleet: [])
    }

    package init(
        owner: String, workers: [String], here: String?, lease: Int64 = 30_000, fleet: Set<String>
    ) {
        self.owner = owner
        self.workers = workers
        self.here = here
        self.lease = lease
        self.fleet = fleet
    }
}

extension Store {
    /// The next job, by the groups' turns and the jobs' ranks whatever machine it is for; nil when there is none for those that
    /// have room.
    package func claim(_ claimant: Claimant, _ now: Instant) throws(StoreFault) -> Claimed? {
        // Most of the time there is nothing, and then nobody need be kept from writing.
        guard try !turns(now).isEmpty else { return nil }
        return try step(now) { () throws(StoreFault) in
            for turn in try turns(now) {
                guard let (job, worker) = try next(in: turn.group, for: claimant, now) else {
                    continue
                }
                try database.run(
                    "UPDATE groups SET pass = ? WHERE grp = ?", .number(turn.pass + 1),
                    .number(turn.group))
                try database.run(
                    "UPDATE meta SET value = ? WHERE key = 'turn'", .number(turn.pass))
                return try take(job, on: worker, claimant, now)
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

    /// The first by rank that may be run and whose lock is free, and where. Those whose lock is taken are set aside.
    private func next(
        in group: Int64, for claimant: Claimant, _ now: Instant
    ) throws(StoreFault) -> (job: JobRow, worker: String)? {
        var aside: [Int64] = []
        var found: (job: Int64, worker: String)?
        let statement = try ready(in: group, for: claimant)
        do throws(StoreFault) {
            while found == nil, try statement.step() {
                let job = statement.number(0)
                let machines =
                    statement.number(3) != 0
                    ? claimant.here.map { [$0] } ?? [] : claimant.workers
                let avoided = statement.optionalText(2)
                guard let worker = Self.machine(of: machines, but: avoided, claimant.fleet) else {
                    continue
                }
                if let lock = statement.optionalText(1), try isTaken(lock: lock) {
                    aside.append(job)
                } else {
                    found = (job, worker)
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
        return try found.map { found throws(StoreFault) in (try row(found.job), found.worker) }
    }

    /// The first that has not refused the job, or the first where all that there are have.
    private static func machine(
        of machines: [String], but avoided: String?, _ fleet: Set<String>
    ) -> String? {
        guard let avoided else { return machines.first }
        let refused = Set(
            avoided.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        if !fleet.isEmpty, fleet.isSubset(of: refused) { return machines.first }
        return machines.first { !refused.contains($0) }
    }

    /// Jobs by rank, and whether each is for `here` rather than for the workers.
    private func ready(
        in group: Int64, for claimant: Claimant
    ) throws(StoreFault) -> Statement {
        let statement: Statement
        if let here = claimant.here, claimant.workers == [here] {
            statement = try database.prepare(
                """
                SELECT job, lock, avoid, 0 FROM jobs WHERE grp = ? AND state = 0 ORDER BY rank, job
                """)
            try statement.begin([.number(group)])
        } else {
            statement = try database.prepare(
                """
                SELECT job, lock, avoid, other FROM (SELECT job, lock, avoid, rank,
                resume = 1 OR (SELECT kind FROM requests r WHERE r.job = jobs.job) <> 0 AS other
                FROM jobs WHERE grp = ? AND state = 0) WHERE CASE other WHEN 0 THEN ? ELSE ? END ORDER BY rank, job
                """)
            try statement.begin([
                .number(group), .number(claimant.workers.isEmpty ? 0 : 1),
                .number(claimant.here == nil ? 0 : 1),
            ])
        }
        return statement
    }

    private func take(
        _ old: JobRow, on worker: String, _ claimant: Claimant, _ now: Instant
    ) throws(StoreFault) -> Claimed {
        let run = RunID.make(at: Timestamp(milliseconds: now.wall))
        // What is begun anew has another result to ask about.
        if !old.resume { try leaveReview(of: old.job) }
        var new = old
        new.state = .running
        new.attempt += 1
        new.token += 1
        new.owner = claimant.owner
        new.worker = worker
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
            .text(worker), .number(old.seq + 1), .number(now.wall))
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
            origin: found.5, group: found.4, run: run, worker: row.worker ?? "",
            timeout: found.3, resume: row.resume,
            seq: row.seq,
            process: row.process, expires: row.expires)
    }
}
