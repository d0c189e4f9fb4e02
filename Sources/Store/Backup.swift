internal import CSQLite
internal import Glibc
internal import Smelt

/// Copies of the whole file.
extension Store {
    /// Writes a copy of this moment to a new file, on the disk when it returns. Others go on writing meanwhile.
    package func backUp(to target: String, by actor: Actor, _ now: Instant) throws(StoreFault) {
        guard !Files.exists(target) else { throw .occupied(target) }
        // First, so that the copy says of itself that it is one.
        try step(now) { () throws(StoreFault) in try note(actor, "backup", target, [], now) }
        try StoreFile.place(target) { (temporary) throws(StoreFault) in
            let copy = try Database(temporary, .making)
            try Self.copy(database, into: copy)
        }
    }

    /// Puts a backup in the place of the store at `path`, where nobody may have it open; what was there stays beside it. What
    /// was running in the backup is lost: whoever still runs it is nobody now.
    @discardableResult
    package static func restore(
        _ backup: String, to path: String, by actor: Actor, _ now: Instant
    ) throws(StoreFault) -> Restored {
        guard let alone = try UseLock.alone(path) else { throw .served(path) }
        defer { withExtendedLifetime(alone) {} }
        let source = try Database(backup, .reading)
        let version = try StoreFile.recognise(source).version
        let temporary = "\(path).\(getpid()).restore"
        defer { for end in ["", "-wal", "-shm", "-journal"] { unlink("\(temporary)\(end)") } }
        unlink(temporary)
        try StoreFile.place(temporary) { (name) throws(StoreFault) in
            let copy = try Database(name, .making)
            try Self.copy(source, into: copy)
        }
        let isWhole = Self.takeInLast(of: path, now)
        let before = isWhole ? Restored.compare(path, with: temporary) : nil
        try begin(
            anew: temporary, from: version, backup: backup, before, by: actor, now
        )
        let old = try moveAside(path)
        guard rename(temporary, path) == 0 else {
            throw .failed(SystemFault(errno, "put in place", path))
        }
        try sync(path)
        return Restored(
            old: old, gone: before?.gone, behind: before?.behind ?? 0, again: before?.again ?? [])
    }

    private static func sync(_ path: String) throws(StoreFault) {
        do throws(SystemFault) { try Files.syncDirectory(Files.parent(of: path)) } catch {
            throw .failed(error)
        }
    }

    /// Another epoch; tokens that no lease has; nobody has any job.
    private static func begin(
        anew path: String, from version: Int, backup: String, _ before: Restored.Difference?,
        by actor: Actor,
        _ now: Instant
    ) throws(StoreFault) {
        let store = try Store(restoring: path, now: now.wall)
        guard try store.verify().isEmpty else {
            throw .damaged(backup, what: "it does not stand up to a check")
        }
        try store.step(now) { () throws(StoreFault) in
            try store.database.run(
                "UPDATE meta SET value = ? WHERE key = 'epoch'", .text(RunID.make().description))
            try store.database.run("UPDATE jobs SET token = token + 1000000 WHERE state < 8")
            let running = try store.database.all(
                "SELECT job FROM jobs WHERE state = 4 ORDER BY job"
            ) { $0.number(0) }
            for job in running {
                try store.lose(try store.row(job), now)
            }
            let again = before?.again.count ?? 0
            try store.note(
                actor, "restore", backup,
                [
                    ("again", again > 0 ? "\(again)" : nil),
                    ("gone", before.map { "\($0.gone.count)" }),
                ], now)
        }
        try store.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    /// What was added last belongs to what was there. False where that cannot take it in: it stays in the spool, and nobody
    /// knows all that was there.
    private static func takeInLast(of path: String, _ now: Instant) -> Bool {
        do throws(StoreFault) {
            guard try Spool.state(beside: path) == .waiting else { return true }
            guard Files.exists(path) else { return false }
            return try Store(restoring: path, now: now.wall).takeIn(now, patience: 0)
        } catch { return false }
    }

    /// Gives what is there another name: the store, and its log of writes and its spool, whether it has them or is gone itself.
    /// Beside the new file they would be taken for that one's. Answers the first of the names.
    private static func moveAside(_ path: String) throws(StoreFault) -> String? {
        let aside = "\(path).\(Timestamp.now.milliseconds).old"
        // What is damaged may refuse: that is why people restore.
        try? Database(path, .existing).execute("PRAGMA wal_checkpoint(TRUNCATE)")
        var kept: String?
        var ends = ["", "-wal"].filter { Files.size("\(path)\($0)") ?? 0 > 0 }
        if try Spool.state(beside: path) == .waiting { ends.append("-spool") }
        for end in ends {
            guard link("\(path)\(end)", "\(aside)\(end)") == 0 else {
                throw .failed(SystemFault(errno, "move aside", path))
            }
            kept = kept ?? "\(aside)\(end)"
        }
        // Each step is on the disk before the next: a power cut leaves the file with its log, or no log beside the next file.
        try sync(path)
        for end in ["-wal", "-shm", "-spool"] { unlink("\(path)\(end)") }
        try sync(path)
        return kept
    }

    private static func copy(
        _ source: Database, into target: Database
    ) throws(StoreFault) {
        guard let copying = sqlite3_backup_init(target.pointer, "main", source.pointer, "main")
        else { throw target.fault(sqlite3_errcode(target.pointer), "backup") }
        // In one step: between two it would begin anew whenever somebody has written.
        let code = sqlite3_backup_step(copying, -1)
        sqlite3_backup_finish(copying)
        guard code == SQLITE_DONE else { throw target.fault(code, "backup") }
    }
}
