package import Smelt

/// The right to say how a job goes on. Whoever got the job later has a larger token.
package struct Lease: Sendable, Equatable {
    package let job: Int64
    package let id: RunID
    package let attempt: Int64
    package let token: Int64
}

/// What a heartbeat is answered with.
package enum Heartbeat: Sendable, Equatable {
    case kept
    /// Somebody wants the job to stop; why, if he said.
    case cancel(String?)
}

extension Store {
    /// Keeps the lease for so many milliseconds more, also one that has just run out and that nobody took over.
    package func heartbeat(
        _ lease: Lease, for length: Int64, _ now: Instant
    ) throws(StoreFault) -> Heartbeat {
        try step(now) { () throws(StoreFault) in
            let old = try row(lease)
            var new = old
            new.state = .running
            new.boot = now.boot
            new.expires = now.steady + length
            try put(old, new, now, told: old.state != .running)
            return new.cancel ? .cancel(new.reason) : .kept
        }
    }

    /// Keeps what another owner would have to know to adopt the run: process, its start, where its output is.
    package func remember(
        _ process: String, of lease: Lease, _ now: Instant
    ) throws(StoreFault) {
        try step(now) { () throws(StoreFault) in
            let old = try row(lease)
            var new = old
            new.process = process
            try put(old, new, now, told: false)
        }
    }

    /// Jobs whose lease has run out are lost from now on, and so are all of before the machine's start. Whoever asks then
    /// adopts each or begins it again.
    package func lapse(_ now: Instant) throws(StoreFault) -> [Lease] {
        let out = try database.all(
            "SELECT job FROM jobs WHERE state = 4 AND (boot <> ? OR expires <= ?) ORDER BY job",
            .text(now.boot), .number(now.steady)
        ) { $0.number(0) }
        if out.isEmpty { return [] }
        return try step(now) { () throws(StoreFault) in
            var lost: [Lease] = []
            for job in out {
                let old = try row(job)
                // A heartbeat may have come since.
                guard old.state == .running, let expires = old.expires, let id = RunID(old.id),
                    old.boot != now.boot || expires <= now.steady
                else { continue }
                try lose(old, now)
                lost.append(Lease(job: job, id: id, attempt: old.attempt, token: old.token))
            }
            return lost
        }
    }

    /// Nobody keeps its lease any more, and what became of its run is not known.
    func lose(_ old: JobRow, _ now: Instant) throws(StoreFault) {
        var new = old
        new.state = .lost
        try put(old, new, now)
    }

    /// All that are lost, with what their owners said of their runs.
    package func lost() throws(StoreFault) -> [Claimed] {
        let jobs = try database.all("SELECT job FROM jobs WHERE state = 7 ORDER BY job") {
            $0.number(0)
        }
        var found: [Claimed] = []
        for job in jobs { found.append(try describe(try row(job))) }
        return found
    }

    /// Takes over a lost job whose run is still alive: the attempt stays, the former owner is out.
    package func adopt(
        _ lease: Lease, by claimant: Claimant, _ now: Instant
    ) throws(StoreFault) -> Claimed {
        try step(now) { () throws(StoreFault) in
            let old = try row(lease)
            guard old.state == .lost else { throw .leaseGone(job: old.id) }
            var new = old
            new.state = .running
            new.token += 1
            new.owner = claimant.owner
            new.boot = now.boot
            new.expires = now.steady + claimant.lease
            try put(old, new, now)
            return try describe(try row(old.job))
        }
    }

    /// Takes over a lost job whose run is not alive: it is begun again, unless it was to be cancelled, or has been lost as often
    /// as a job may be tried.
    @discardableResult
    package func beginAgain(
        _ lease: Lease, took: Int64? = nil, _ now: Instant
    ) throws(StoreFault) -> JobState {
        try step(now) { () throws(StoreFault) in
            let old = try row(lease)
            guard old.state == .lost else { throw .leaseGone(job: old.id) }
            var changed = old
            changed.losses += 1
            changed.tries += 1
            spend(took, of: &changed, now)
            guard var new = try letGo(old, changed, why: "its lease ran out", now) else {
                return .cancelled
            }
            let policy = try policy(of: old.job)
            let most = max(RetryRules.mostTries, policy.retries)
            if new.tries > most || new.spent >= policy.budget ?? .max {
                let why = new.tries > most ? "its lease ran out too often" : "its budget is spent"
                try end(old, new, as: .failed, now, why: why)
                return .failed
            }
            new.due = 0
            new.state = try rest(new, now)
            try put(old, new, now)
            return new.state
        }
    }

    /// Gives a job back as if it had not been begun, such as when the daemon is stopped.
    @discardableResult
    package func giveBack(
        _ lease: Lease, why: String, _ now: Instant
    ) throws(StoreFault) -> JobState {
        try step(now) { () throws(StoreFault) in
            let old = try row(lease)
            guard var new = try letGo(old, old, why: why, now) else { return .cancelled }
            new.due = 0
            new.state = try rest(new, now)
            try put(old, new, now)
            return new.state
        }
    }

    /// The job without its owner, whose attempt is over; nil where somebody wanted it to stop, and so it has ended.
    func letGo(
        _ old: JobRow, _ changed: JobRow, why: String, _ now: Instant
    ) throws(StoreFault) -> JobRow? {
        try close(old, status: nil, why: why, now)
        var new = changed
        free(&new)
        new.token += 1
        new.reason = why
        guard old.cancel else { return new }
        try end(old, new, as: .cancelled, now, why: old.reason)
        return nil
    }

    /// Nobody has it any more.
    func free(_ row: inout JobRow) {
        (row.owner, row.boot, row.expires, row.process) = (nil, nil, nil, nil)
    }

    /// Writes down how the attempt ended.
    func close(
        _ row: JobRow, status: Int64?, why: String?, _ now: Instant
    ) throws(StoreFault) {
        try database.run(
            "UPDATE attempts SET finished = ?, status = ?, reason = ? WHERE job = ? AND attempt = ?",
            .number(now.wall), Value(status), Value(why), .number(row.job), .number(row.attempt))
    }
}
