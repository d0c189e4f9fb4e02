import Smelt
import Testing

@testable import Store

/// A file in which a disk, or somebody's hand, has left what the store never writes.
@Suite struct DamageTests {
    /// To add to them would end the process.
    @Test(
        arguments: [
            "UPDATE jobs SET seq = N", "UPDATE jobs SET trimmed = N", "UPDATE jobs SET added = N",
            "UPDATE jobs SET job = N WHERE job = 2", "UPDATE jobs SET token = N",
            "UPDATE jobs SET attempt = N", "UPDATE jobs SET due = N", "UPDATE jobs SET rank = N",
            "UPDATE jobs SET waits = N", "UPDATE jobs SET slot = 's', place = N WHERE job = 2",
            "UPDATE jobs SET started = N", "UPDATE jobs SET spent = N", "UPDATE log SET count = N",
            "UPDATE log SET first = N WHERE first = 2",
            "UPDATE meta SET value = N WHERE key = 'floor'",
            "UPDATE meta SET value = N WHERE key = 'turn'", "UPDATE groups SET pass = N",
            "UPDATE groups SET paused_until = N", "UPDATE requests SET backoff = N",
            "UPDATE attempts SET first = N", "UPDATE attempts SET started = N",
            "UPDATE counts SET n = N",
            "DROP TRIGGER audit_stays; UPDATE audit SET n = N WHERE n = 2",
            "DROP TRIGGER audit_stays; UPDATE audit SET time = N",
        ], [Int64.max, .min])
    func `numbers that nothing has are told of, and end no process`(
        change: String, number: Int64
    ) throws {
        let scratch = try Scratch()
        let backup = "\(scratch.directory)/backup"
        try fill(scratch.file, backUpTo: backup)
        let damage = change.replacing("N", with: "\(number)", maxReplacements: 1)
        for file in [scratch.file, backup] {
            try Database(file, .existing).execute(
                "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; \(damage)")
        }
        #expect(try Store(scratch.file).verify() != [])
        use(try Store(scratch.file))
        let fault = #expect(throws: StoreFault.self) {
            try Store.restore(backup, to: scratch.file, by: someone, moment(9))
        }
        #expect(fault?.code == "damaged")
        #expect(Files.names(in: scratch.directory).filter { $0.contains("restore") } == [])
    }

    private func fill(_ file: String, backUpTo backup: String) throws {
        let store = try Store(file)
        _ = try store.put(job { $0.retries = 3 })
        let claimed = try #require(try store.take())
        try store.append(Array("{}\n".utf8), of: claimed.lease, moment())
        _ = try store.put(job { $0.lock = "l" })
        try store.backUp(to: backup, by: someone, moment())
    }

    /// All that is done every day; what it answers is another matter.
    private func use(_ store: Store) {
        for job in (try? store.list()) ?? [] {
            _ = try? store.show(job.id)
            _ = try? store.attempts(of: job.id)
            _ = try? store.records(of: job.id)
            if let run = job.run { _ = try? store.attempt(ofRun: run) }
            _ = try? store.hold(job.id, by: someone, moment(1))
            _ = try? store.release(job.id, by: someone, moment(1))
            try? store.setPriority(job.id, 5, by: someone, moment(1))
        }
        _ = try? (store.allGroups().map { Timestamp(milliseconds: $0.pausedUntil).description })
        _ = try? (store.audit().map(\.text))
        _ = try? store.verifyAudit()
        _ = try? store.put(job { $0.slot = "s" }, moment(2))
        _ = try? store.advance(moment(3))
        if let claimed = try? store.take(moment(4)) {
            _ = try? store.finish(claimed.lease, Outcome(status: 1), moment(5))
        }
        for lost in (try? store.lapse(moment(60_000))) ?? [] {
            try? store.beginAgainInTime(lost, moment(60_000))
        }
        for job in (try? store.list()) ?? [] {
            _ = try? store.cancel(job.id, by: someone, moment(60_001))
            _ = try? store.retry(job.id, by: someone, moment(60_002))
        }
        _ = try? store.prune(before: .max, by: someone, moment(60_003))
    }

    @Test func `a job whose number is the last that there is has none behind it`() throws {
        let store = try memory()
        _ = try store.put(job())
        try store.database.execute("UPDATE meta SET value = \(Int64.max) WHERE key = 'floor'")
        let fault = #expect(throws: StoreFault.self) { try store.put(job()) }
        #expect(fault?.code == "damaged")
    }

    @Test func `records behind a number that none has are none`() throws {
        let store = try memory()
        #expect(try store.records(of: try store.put(job()), after: .max).records == [])
    }
}
