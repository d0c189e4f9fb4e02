import Smelt
import Testing

@testable import Store

/// The connection to the file, and the log of writes beside it.
@Suite struct DatabaseTests {
    /// Each that comes alone reads the log through: it must not grow from one to the next.
    @Test func `commands that come and go keep the log short`() throws {
        let scratch = try Scratch()
        var options = Store.Options()
        options.isBrief = true
        for _ in 0..<40 { _ = try Store(scratch.file, options).put(job()) }
        #expect(try #require(Files.size("\(scratch.file)-wal")) < 64 * 4_120)
        #expect(try Store(scratch.file).list().count == 40)
    }

    /// Whatever was written at once.
    @Test(arguments: [true, false]) func `a log that became long is cut when it is begun anew`(
        isBrief: Bool
    ) throws {
        let scratch = try Scratch()
        var options = Store.Options()
        options.isBrief = true
        let large = job { $0.body = [UInt8](repeating: 32, count: NewJob.longestBody) }
        _ = try Store(scratch.file, options).add(
            Array(repeating: large, count: 12), by: someone, moment())
        #expect(try #require(Files.size("\(scratch.file)-wal")) > 12 << 20)
        options.isBrief = isBrief
        let store = try Store(scratch.file, options)
        for _ in 0..<2 { _ = try store.put(job()) }
        #expect(try #require(Files.size("\(scratch.file)-wal")) <= 8 << 20)
        #expect(try store.list().count == 14)
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
