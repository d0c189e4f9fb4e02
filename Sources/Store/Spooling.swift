internal import Glibc
internal import Smelt

/// Jobs that are on the disk and not in the tables yet: see `Spool`.
extension Store {
    /// Adds a job to the store at `path` without opening it. Not for who has it open: whoever closes a file lets go of all locks
    /// that he has on it. Nil where that cannot be done, and nothing has been: what lets the job in is only in the store, or there
    /// is no store, or one of another version, or no room, or somebody else at the spool.
    package static func spool(
        _ job: NewJob, to path: String, by actor: Actor, _ now: Instant
    ) throws(StoreFault) -> Admission? {
        try check(job)
        guard job.standsAlone, SpooledJob.fits(job), Files.exists(Spool.path(of: path)) else {
            return nil
        }
        let use = try UseLock(path)
        defer { withExtendedLifetime(use) {} }
        guard try StoreFile.isCurrent(path), let spool = try Spool(of: path) else { return nil }
        let id = RunID.make(at: Timestamp(milliseconds: now.wall))
        let entry = SpooledJob(job, id: id, at: now.wall, by: actor)
        guard try spool.append(entry.text) else { return nil }
        Bell(path).ring()
        return .added(id, job.hold ? .held : job.due ?? 0 > now.wall ? .scheduled : .queued)
    }

    /// Takes in what lies in the spool, and sees to it that there is one; false when somebody else has it and does not let go
    /// in `patience` milliseconds. Whoever adds rings the bell behind that, as does whoever takes in.
    @discardableResult
    package func takeIn(
        _ now: Instant = .now(), patience: Int32 = Database.patience
    ) throws(StoreFault) -> Bool {
        switch try Spool.state(beside: path) {
        case .missing:
            // Without one, jobs are added the longer way.
            do throws(SystemFault) { try Spool.make(of: path) } catch { return true }
        case .empty:
            leftOut = nil
            return true
        case .headless, .waiting: break
        }
        guard let spool = try Spool(of: path, patience: patience) else { return false }
        // Who cannot begin it anew has lost nothing: what is in the tables is known by number and place.
        if let generation = spool.generation {
            try takeIn(spool, Int64(clamping: generation), now)
        } else {
            // It may have been made by somebody who did not live to see to it that its name stays.
            do throws(SystemFault) { try Files.syncDirectory(Files.parent(of: path)) } catch {
                throw .failed(error)
            }
        }
        try spool.clear()
        leftOut = nil
        return true
    }

    /// What to say of a job that is not in the tables: it may be among those that could not be taken in.
    package func unknown(_ id: some CustomStringConvertible) -> StoreFault {
        leftOut ?? .unknownJob(id.description)
    }

    private func takeIn(
        _ spool: Spool, _ generation: Int64, _ now: Instant
    ) throws(StoreFault) {
        let known = try meta("spool") == generation ? try meta("spooled") : 0
        let (texts, end) = spool.entries(from: Int(known))
        if texts.isEmpty { return }
        var jobs: [SpooledJob] = []
        for text in texts {
            guard let job = SpooledJob(spool.bytes[text]) else {
                throw .foreignEntry(spool.path, at: text.lowerBound)
            }
            jobs.append(job)
        }
        // What is known as taken in must not be gone from the spool behind a power cut, or another would come to its place.
        try spool.sync()
        try step(now) { () throws(StoreFault) in
            var next = try nextJob()
            for entry in jobs {
                // Somebody may have put another store in the place of the one that had taken it in.
                if try database.has("SELECT 1 FROM jobs WHERE id = ?", .text(entry.id.description))
                {
                    continue
                }
                var then = now
                then.wall = entry.time
                let answer = try admit(entry.job, named: entry.id, as: &next, then)
                try note([answer], by: entry.actor, then)
            }
            for (key, value) in [("spool", generation), ("spooled", Int64(end))] {
                try database.run(
                    "UPDATE meta SET value = ? WHERE key = ?", .number(value), .text(key))
            }
        }
    }

    private func meta(_ key: String) throws(StoreFault) -> Int64 {
        try database.number("SELECT value FROM meta WHERE key = ?", .text(key)) ?? 0
    }
}
