import Smelt
import Testing

@testable import Store

/// The audit, what is pruned, and what `verify` finds.
@Suite struct KeepingTests {
    @Test func `the audit says who did what, and notices every change`() throws {
        let store = try memory()
        let id = try store.put(job())
        try store.hold(id, by: Actor(uid: 7, host: "h"), moment(1))
        try store.cancel(id, by: someone, why: "why \"not\"", moment(2))
        let entries = try store.audit()
        #expect(entries.map(\.action) == ["add", "hold", "cancel"])
        #expect(entries[1].actor == "uid 7 on h")
        #expect(entries[2].detail == "{\"why\":\"why \\\"not\\\"\"}")
        #expect(try store.verifyAudit() == [])
        let head = try store.auditHead()
        #expect(head.number == 3 && head.hash == entries[2].hash)
        #expect(throws: StoreFault.self) { try store.database.run("UPDATE audit SET actor = 'me'") }
        #expect(throws: StoreFault.self) { try store.database.run("DELETE FROM audit") }
        try store.database.execute("DROP TRIGGER audit_stays; DROP TRIGGER audit_keeps")
        for (change, words) in [
            ("UPDATE audit SET actor = 'me' WHERE n = 2", "entry 2"),
            ("UPDATE audit SET n = 9 WHERE n = 3", "lacks entry 3"),
            ("DELETE FROM audit WHERE n = 2", "lacks entry 2"),
            ("UPDATE audit SET time = time + 1 WHERE n = 1", "entry 1"),
        ] {
            try store.database.execute("SAVEPOINT s; \(change)")
            #expect(try store.verifyAudit().first?.contains(words) == true)
            try store.database.execute("ROLLBACK TO s; RELEASE s")
        }
        // The end alone cannot be missed without a head that was kept.
        try store.database.execute("DELETE FROM audit WHERE n = 3")
        #expect(try store.verifyAudit() == [])
        #expect(try store.verifyAudit(head: head) != [])
        #expect(try store.verifyAudit(head: (2, entries[1].hash)) == [])
        #expect(try store.verifyAudit(head: (2, head.hash)) != [])
    }

    @Test func `pruning removes whole jobs that are over, and the audit stays`() throws {
        let store = try memory()
        var ids: [RunID] = []
        for number in 0..<1_200 as Range<Int64> {
            ids.append(try store.put(job { $0.labels = [NewJob.Label("a", "b")] }, moment(number)))
        }
        for id in ids.prefix(1_100) { try store.cancel(id, by: someone, moment(5_000)) }
        let waits = try store.put(job { $0.after = [NewJob.After(ids[3], .any)] }, moment(6_000))
        #expect(try store.prune(before: moment(5_000).wall, by: someone, moment(7_000)) == 0)
        #expect(
            try store.prune(before: moment(5_001).wall, keep: 50, by: someone, moment(7_000))
                == 1_050)
        #expect(try store.list(most: 10_000).count == 151)
        #expect(try store.database.number("SELECT count(*) FROM log") == 201)
        #expect(try store.state(waits) == .queued)
        #expect(try store.audit(most: 10_000).filter { $0.action == "prune" }.count == 3)
        #expect(try store.verify() == [])
    }

    @Test(arguments: [
        ("UPDATE counts SET n = n + 1", "counted"), ("UPDATE jobs SET seq = 9", "ends at"),
        ("DELETE FROM log WHERE first = 1", "hole"), ("UPDATE log SET bytes = x'0a0a'", "lines"),
        ("UPDATE jobs SET waits = 1", "waits for another"),
        ("PRAGMA foreign_keys = OFF; DELETE FROM requests", "request"),
        ("UPDATE jobs SET slot = 's', place = 5", "slot"),
        ("UPDATE jobs SET lock = 'l', state = 3", "lock"),
    ])
    func `verify finds what is wrong`(change: String, word: String) throws {
        let store = try memory()
        let id = try store.put(job())
        try store.hold(id, by: someone, moment())
        #expect(try store.verify() == [])
        try store.database.execute(change)
        #expect(try store.verify().contains { $0.contains(word) })
    }
}
