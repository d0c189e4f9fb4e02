import Glibc
import Smelt
import Testing

@testable import Store

@Suite struct OpeningTests {
    @Test func `a new store is its owner's alone and written through a log`() throws {
        let scratch = try Scratch()
        let store = try Store(scratch.file)
        var facts = stat()
        for name in ["", "-wal", "-shm"] {
            #expect(stat("\(scratch.file)\(name)", &facts) == 0)
            #expect(facts.st_mode & 0o777 == 0o600)
        }
        #expect(try store.database.number("PRAGMA synchronous") == 2)
        #expect(try store.database.number("PRAGMA foreign_keys") == 1)
        #expect(try store.database.number("PRAGMA trusted_schema") == 0)
        #expect(try store.database.first("PRAGMA journal_mode") { $0.text(0) } == "wal")
        #expect(try store.database.number("PRAGMA application_id") == Migrations.application)
        #expect(try store.verify() == [])
        // Nothing is left of making it.
        #expect(
            Files.names(in: scratch.directory)
                == ["smelt.db", "smelt.db-shm", "smelt.db-spool", "smelt.db-wal", "smelt.db.lock"])
    }

    @Test func `what is there stays when it is opened again`() throws {
        let scratch = try Scratch()
        let id = try Store(scratch.file).put(job())
        let store = try Store(scratch.file)
        #expect(try store.state(id) == .queued)
        #expect(try store.epoch().count == 26)
    }

    @Test(arguments: [
        "",
        "no database at all, but long enough to have the head that one would have, if it were one, which it is not, so",
    ])
    func `a file of another kind is refused and stays as it is`(text: String) throws {
        let scratch = try Scratch()
        try Files.replace(scratch.file, with: Array(text.utf8))
        let fault = #expect(throws: StoreFault.self) { try Store(scratch.file) }
        #expect(fault?.exit == .misconfigured)
        #expect(try Files.readText(scratch.file) == text)
        #expect(Files.names(in: scratch.directory) == ["smelt.db", "smelt.db.lock"])
    }

    /// In WAL mode merely reading it would make files beside it.
    @Test func `another program's database is refused and stays as it is`() throws {
        let scratch = try Scratch()
        try Database(scratch.file, .making).execute(
            "CREATE TABLE jobs (id INTEGER PRIMARY KEY); PRAGMA user_version = 1; PRAGMA journal_mode = WAL"
        )
        unlink("\(scratch.file)-wal")
        unlink("\(scratch.file)-shm")
        let before = try Files.read(scratch.file)
        let fault = #expect(throws: StoreFault.self) { try Store(scratch.file) }
        #expect(fault?.description.contains("another program's database") == true)
        #expect(try Files.read(scratch.file) == before)
        #expect(Files.names(in: scratch.directory) == ["smelt.db", "smelt.db.lock"])
    }

    @Test func `a later smelt's file is refused`() throws {
        let scratch = try Scratch()
        let later = Migration.latest + 1
        try Store(scratch.file).database.execute("PRAGMA user_version = \(later)")
        // As long as the log has it, and when the file itself has.
        #expect(throws: StoreFault.newer(scratch.file, version: later, ours: Migration.latest)) {
            try Store(scratch.file)
        }
        try Database(scratch.file, .existing).execute("PRAGMA wal_checkpoint(TRUNCATE)")
        let before = try Files.read(scratch.file)
        #expect(throws: StoreFault.newer(scratch.file, version: later, ours: Migration.latest)) {
            try Store(scratch.file)
        }
        #expect(try Files.read(scratch.file) == before)
    }

    @Test(arguments: 1...Migration.latest)
    func `every earlier version becomes the latest`(version: Int) throws {
        let scratch = try Scratch()
        try StoreFile.make(scratch.file, version: version, now: 0)
        let store = try Store(scratch.file)
        #expect(try store.database.number("PRAGMA user_version") == Int64(Migration.latest))
        #expect(
            try store.database.number("SELECT count(*) FROM migrations") == Int64(Migration.latest))
        let id = try store.put(job())
        #expect(try store.take()?.lease.id == id)
        #expect(try store.verify() == [])
        // However it came there, the tables are the same.
        let tables = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
        let fresh = try memory()
        #expect(
            try store.database.query(tables, []) { $0.text(0) }
                == fresh.database.query(tables, []) { $0.text(0) })
    }

    @Test func `a file that came to its version in another way is refused`() throws {
        let scratch = try Scratch()
        try StoreFile.make(scratch.file, version: 1, now: 0)
        try Database(scratch.file, .existing).execute("UPDATE migrations SET digest = 'other'")
        #expect(throws: StoreFault.otherHistory(scratch.file, version: 1)) {
            try Store(scratch.file)
        }
    }

    /// Where a text changed, files that are out there could not be opened any more.
    @Test func `the migrations are those that were released`() {
        #expect(
            Migration.all.map { "\($0.version) \($0.digest)" } == [
                "1 51de1d02e1939971e2db546c0adcdb47578afd6148fd48b12995a3a348889078",
                "2 f332193ee00eee62d1137f439d9a98529225e29cffe27e0b3583ee454e3ddd63",
                "3 4cac765d267ef78067c26a976a01d110c8e09abd8b4bd5f5e7988e9cd382fa1a",
                "4 2d12b747d401b60e37d1ec6c9c364b1a6266d3f63e78643430479e4f0986c1a8",
                "5 dda7f56c0345fbb308090f35a7bd3f63a7755995edbe5b7bec1c6c9bcdd97869",
            ])
    }

    @Test func `a directory that is not there is missing`() {
        let fault = #expect(throws: StoreFault.self) { try Store("/nowhere/at/all/smelt.db") }
        #expect(fault?.exit == .missing)
        #expect(fault?.description.contains("/nowhere/at/all") == true)
    }

    @Test func `a damaged file is told from a bug, and is nobody's fault but the disk's`() throws {
        let scratch = try Scratch()
        do {
            let store = try Store(scratch.file)
            for _ in 0..<200 { _ = try store.put(job()) }
            try store.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        }
        // Everything behind the tables' descriptions.
        var bytes = try Files.read(scratch.file)
        for index in bytes.count / 2..<bytes.count { bytes[index] = 0xAA }
        try Files.replace(scratch.file, with: bytes)
        let fault = #expect(throws: StoreFault.self) {
            let store = try Store(scratch.file)
            for job in try store.list(most: 1_000) { _ = try store.records(of: job.id) }
        }
        #expect(fault?.exit == .io)
        #expect(fault?.description.contains("is damaged") == true)
        #expect(try Store(scratch.file).verify() != [])
    }

}
