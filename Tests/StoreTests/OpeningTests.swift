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
                == ["smelt.db", "smelt.db-shm", "smelt.db-wal", "smelt.db.lock"])
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
        #expect(Migration.all.map(\.version) == Array(1...Migration.all.count))
        #expect(Set(Migration.all.map(\.digest)).count == Migration.all.count)
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

    /// Each that comes alone reads the log through: it must not grow from one to the next.
    @Test func `commands that come and go keep the log short`() throws {
        let scratch = try Scratch()
        var options = Store.Options()
        options.isBrief = true
        for _ in 0..<40 { _ = try Store(scratch.file, options).put(job()) }
        #expect(try #require(Files.size("\(scratch.file)-wal")) < 64 * 4_120)
        #expect(try Store(scratch.file).list().count == 40)
    }

    /// Whoever reads at this moment keeps the log from being emptied, and nobody waits for him.
    @Test func `a log that somebody reads is left as it is`() throws {
        let scratch = try Scratch()
        let reader = try Store(scratch.file)
        var options = Store.Options()
        options.isBrief = true
        let store = try Store(scratch.file, options)
        try reader.database.read { () throws(StoreFault) in
            _ = try reader.database.number("SELECT count(*) FROM jobs")
            for _ in 0..<20 {
                do { _ = try store.put(job()) } catch { throw .bug("\(error)") }
            }
        }
        #expect(try reader.list().count == 20)
        #expect(try store.verify() == [])
    }

    @Test func `a failing statement changes nothing`() throws {
        let scratch = try Scratch()
        let store = try Store(scratch.file)
        let fault = #expect(throws: StoreFault.self) {
            try store.database.write { () throws(StoreFault) in
                try store.database.run("INSERT INTO groups (name) VALUES ('new')")
                try store.database.run("INSERT INTO groups (name) VALUES ('new')")
            }
        }
        #expect(fault?.exit == .bug)
        #expect(try store.allGroups().map(\.name) == ["default"])
        #expect(try store.put(job()).description.count == 26)
    }

    @Test func `values come back as they went in`() throws {
        let database = try memory().database
        let values: [Value] = [
            .null, .number(.min), .number(.max), .text(""), .text("a\u{0}b ü"), .bytes([]),
            .bytes([0, 255, 10]),
        ]
        for value in values {
            let back = try database.first("SELECT ?1, typeof(?1)", value) { (row) -> Value in
                switch row.text(1) {
                case "null": Value.null
                case "integer": .number(row.number(0))
                case "text": .text(row.text(0))
                default: .bytes(row.bytes(0))
                }
            }
            #expect(back == value)
        }
    }

    @Test func `who finds the file busy waits, and says so when it lasts`() throws {
        let scratch = try Scratch()
        let one = try Store(scratch.file)
        let other = try Database(scratch.file, .existing, patience: 40)
        try one.database.execute("BEGIN IMMEDIATE")
        #expect(throws: StoreFault.busy(scratch.file)) {
            try other.write { () throws(StoreFault) in }
        }
        #expect(StoreFault.busy("x").exit == .later)
        try one.database.execute("ROLLBACK")
        try other.write { () throws(StoreFault) in }
    }
}
