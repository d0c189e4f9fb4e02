internal import CSQLite
internal import Glibc
internal import Smelt

/// The file `smelt.db` itself: made whole or not at all, and told from others before anything of it is touched.
enum StoreFile {
    /// A connection to the file, which is made where there is none.
    static func open(_ path: String, now: Int64) throws(StoreFault) -> Database {
        if !Files.exists(path) { try make(path, now: now) }
        let database = try Database(path, .existing)
        let (version, hasLog) = try recognise(database)
        if !hasLog { try database.execute("PRAGMA journal_mode = WAL") }
        // Explicit, for a library may have been built with another default.
        try database.execute("PRAGMA synchronous = FULL")
        // The head may be older than the log of writes beside it.
        let here = Int(try database.number("PRAGMA user_version") ?? 0)
        guard here <= Migration.latest else {
            throw .newer(path, version: here, ours: Migration.latest)
        }
        if min(here, version) < Migration.latest { try Migrations.run(database, now: now) }
        return database
    }

    /// The version that the head of the file says, and whether it is written through a log; refuses what is not ours. Nothing
    /// is locked, written or made.
    @discardableResult
    static func recognise(_ database: Database) throws(StoreFault) -> (version: Int, hasLog: Bool) {
        try recognise(try database.head(), of: database.path)
    }

    /// Whether the file at `path` is one that this smelt made or brought up, as far as its head says. Not for who has it open.
    static func isCurrent(_ path: String) throws(StoreFault) -> Bool {
        var head = [UInt8](repeating: 0, count: 100)
        do throws(SystemFault) {
            let file = try Descriptor(opening: path, O_RDONLY)
            guard retrying({ pread(file.number, &head, 100, 0) }) >= 0 else {
                throw SystemFault(errno, "read", path)
            }
        } catch {
            if error.number == ENOENT { return false }
            throw .failed(error)
        }
        return try recognise(head, of: path) == (Migration.latest, true)
    }

    private static func recognise(
        _ head: [UInt8], of path: String
    ) throws(StoreFault) -> (version: Int, hasLog: Bool) {
        guard head.contains(where: { $0 != 0 }) else {
            throw .notOurs(path, why: "it is empty")
        }
        guard head.starts(with: Array("SQLite format 3".utf8) + [0]) else {
            throw .notOurs(path, why: "it is no SQLite database")
        }
        func number(at index: Int) -> Int64 {
            head[index..<index + 4].reduce(0) { $0 << 8 | Int64($1) }
        }
        guard number(at: 68) == Migrations.application else {
            throw .notOurs(path, why: "it is another program's database")
        }
        let version = Int(number(at: 60))
        guard version <= Migration.latest else {
            throw .newer(path, version: version, ours: Migration.latest)
        }
        return (version, head[18] == 2)
    }

    /// Makes the file. Of two processes that do it at once, one's stays.
    static func make(
        _ path: String, version: Int = Migration.latest, now: Int64
    ) throws(StoreFault) {
        // The log of one that is gone would be replayed over this one, and its jobs would be this one's. Of one that somebody
        // else has just made they are no more than that one's, hence the second look.
        let log = "\(path)-wal"
        if Files.size(log) ?? 0 > 0, !Files.exists(path) { throw .logLeft(log, of: path) }
        if try Spool.state(beside: path) == .waiting, !Files.exists(path) {
            throw .logLeft(Spool.path(of: path), of: path)
        }
        do throws(StoreFault) {
            try place(path) { (temporary) throws(StoreFault) in
                try fill(temporary, version: version, now: now)
            }
        } catch .occupied {}
    }

    /// Has `fill` write a file under another name, and gives it its own when all is on the disk. One that is there stays, and
    /// is told by `occupied`.
    static func place(
        _ path: String, fill: (String) throws(StoreFault) -> Void
    ) throws(StoreFault) {
        let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max)).new"
        // SQLite would make it readable for others.
        do throws(SystemFault) {
            _ = try Descriptor(opening: temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        } catch { throw .failed(error) }
        defer { for end in ["", "-wal", "-shm", "-journal"] { unlink("\(temporary)\(end)") } }
        try fill(temporary)
        do throws(SystemFault) {
            try Descriptor(opening: temporary, O_RDONLY).sync(name: path)
            guard link(temporary, path) == 0 else { throw SystemFault(errno, "make", path) }
            guard unlink(temporary) == 0 else { throw SystemFault(errno, "remove", temporary) }
            try Files.syncDirectory(Files.parent(of: path))
        } catch { throw error.number == EEXIST ? .occupied(path) : .failed(error) }
    }

    private static func fill(_ path: String, version: Int, now: Int64) throws(StoreFault) {
        let database = try Database(path, .making)
        // Nobody sees the file before it is whole, so that nothing in it need be undone.
        try database.execute(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA application_id = \(Migrations.application)"
        )
        try Migrations.run(database, to: version, now: now)
        try begin(database)
        try database.execute("PRAGMA journal_mode = WAL")
    }

    /// What a file begins with besides its tables.
    static func begin(_ database: Database) throws(StoreFault) {
        try database.run(
            "INSERT INTO meta (key, value) VALUES ('epoch', ?), ('floor', 0), ('turn', 0)",
            .text(RunID.make().description))
    }
}
