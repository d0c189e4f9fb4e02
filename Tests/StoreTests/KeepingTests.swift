import Glibc
import Records
import Smelt
import Testing

@testable import Store

@Suite struct KeepingTests {
    private func lines(_ range: Range<Int>) -> [UInt8] {
        Array(range.map { "{\"n\":\($0)}\n" }.joined().utf8)
    }

    @Test func `records have numbers without holes across attempts`() throws {
        let store = try memory()
        let id = try store.put(job { $0.retries = 1 })
        let first = try #require(try store.take())
        #expect(first.seq == 2)
        #expect(try store.append([LogBatch(first.lease, lines: lines(0..<3))], moment()) == [5])
        try store.finish(first.lease, Outcome(status: 1), moment())
        try store.advance(moment(400_000))
        let second = try #require(try store.take(moment(400_000)))
        #expect(try store.append([LogBatch(second.lease, lines: lines(3..<5))], moment()) == [10])
        let page = try store.records(of: id)
        #expect(page.records.map(\.seq) == Array(1...10))
        #expect(String(decoding: page.records[9].line, as: UTF8.self) == "{\"n\":4}")
        #expect(try store.records(of: id, after: 4).records.map(\.seq) == Array(5...10))
        #expect(try store.records(of: id, after: 10).records.isEmpty)
        #expect(try store.records(of: id, after: 2, most: 1).records.map(\.seq) == [3])
        #expect(try store.attempt(ofRun: first.run)?.to == 7)
        #expect(try store.attempt(ofRun: second.run)?.from == 8)
        #expect(try store.verify() == [])
    }

    @Test func `a batch becomes chunks of whole lines, empty ones and long ones too`() throws {
        let store = try memory()
        let id = try store.put(job())
        let claimed = try #require(try store.take())
        let long = [UInt8](repeating: 120, count: 100_000) + [10]
        let many = Array(repeating: lines(0..<1), count: 20_000).flatMap { $0 }
        let batch = [10] + long + many + long + [10, 10]
        #expect(try store.append([LogBatch(claimed.lease, lines: batch)], moment()) == [20_007])
        var seq: Int64 = 0
        var back: [UInt8] = []
        while true {
            let page = try store.records(of: id, after: seq, most: 50_000)
            guard let last = page.records.last else { break }
            #expect(page.records.map(\.seq) == Array(seq + 1...last.seq))
            for record in page.records where record.seq > 2 { back += record.line + [10] }
            seq = last.seq
        }
        #expect(back == batch)
        #expect(try store.verify() == [])
        #expect(throws: StoreFault.self) {
            try store.append([LogBatch(claimed.lease, lines: [65])], moment())
        }
        #expect(Store.chunks(of: lines(0..<2)).map(\.count) == [2])
    }

    @Test func `a log that was trimmed says from where it is kept`() throws {
        let store = try memory()
        let id = try store.put(job())
        let claimed = try #require(try store.take())
        for part in 0..<10 {
            _ = try store.append(
                [LogBatch(claimed.lease, lines: lines(part * 10..<part * 10 + 10))], moment())
        }
        try store.trim(id, to: 200, moment())
        let page = try store.records(of: id)
        #expect(page.trimmed > 0 && page.records.first?.seq == page.trimmed + 1)
        #expect(page.last == 102 && page.records.last?.seq == 102)
        #expect(try store.verify() == [])
        try store.trim(id, to: 0, moment())
        #expect(try store.records(of: id).records.count == 10)
    }

    @Test func `records of a job's changes are such records`() throws {
        let store = try memory()
        let id = try store.put(job { $0.due = moment(5).wall })
        try store.cancel(id, by: someone, why: "a \"reason\"\n", moment(1))
        for record in try store.records(of: id).records {
            let changed = try RecordJSON.decode(JobChanged.self, from: record.line)
            #expect(
                try RecordJSON.line(changed, run: id, at: moment(record.seq - 1).time).dropLast()
                    == record.line[...])
        }
    }

    @Test func `a follower is told of a commit, of another file, and of nothing else`() throws {
        let scratch = try Scratch()
        let store = try Store(scratch.file)
        let follower = try Follower(scratch.file)
        #expect(follower.wait(0) == .nothing)
        _ = try store.put(job())
        #expect(follower.wait(5) == .committed)
        // The writes that came before the bell are no second news.
        #expect(follower.wait(0) == .nothing)
        _ = try Store(scratch.file).list()
        #expect(follower.wait(0) == .nothing)
        rename(scratch.file, "\(scratch.file).old")
        #expect(follower.wait(5) == .replaced)
    }

    @Test func `a commit without a bell is noticed a little later`() throws {
        let scratch = try Scratch()
        let store = try Store(scratch.file)
        let follower = try Follower(scratch.file)
        try store.database.run("UPDATE groups SET parallel = 3")
        #expect(follower.wait(5) == .committed)
    }

    @Test func `the audit says who did what, and notices every change`() throws {
        let store = try memory()
        let id = try store.put(job())
        try store.hold(id, by: Actor(uid: 7, host: "h", token: "abc"), moment(1))
        try store.cancel(id, by: someone, why: "why \"not\"", moment(2))
        let entries = try store.audit()
        #expect(entries.map(\.action) == ["add", "hold", "cancel"])
        #expect(entries[1].actor == "uid 7 on h with token abc")
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

    @Test func `a backup is whole, and takes no other's place`() throws {
        let scratch = try Scratch()
        let store = try Store(scratch.file)
        let id = try store.put(job())
        let target = "\(scratch.directory)/backup"
        try store.backUp(to: target, by: someone, moment())
        #expect(throws: StoreFault.occupied(target)) {
            try store.backUp(to: target, by: someone, moment())
        }
        let copy = try Store(target)
        #expect(try copy.state(id) == .queued)
        #expect(try copy.verify() == [])
        #expect(try copy.epoch() == store.epoch())
        #expect(Files.names(in: scratch.directory).filter { $0.hasSuffix(".new") } == [])
    }

    @Test func `a restored store is another epoch in which nobody has a job`() throws {
        let scratch = try Scratch()
        let target = "\(scratch.directory)/backup"
        let (id, late, epoch) = try {
            let store = try Store(scratch.file)
            let id = try store.put(job())
            let claimed = try #require(try store.take())
            try store.backUp(to: target, by: someone, moment())
            try store.finish(claimed.lease, Outcome(status: 0), moment(1))
            #expect(throws: StoreFault.served(scratch.file)) {
                try Store.restore(target, to: scratch.file, by: someone, moment(2))
            }
            return (id, claimed.lease, try store.epoch())
        }()
        let old = try #require(try Store.restore(target, to: scratch.file, by: someone, moment(2)))
        let store = try Store(scratch.file)
        #expect(try store.epoch() != epoch)
        #expect(try store.state(id) == .lost)
        #expect(throws: StoreFault.self) { try store.finish(late, Outcome(status: 0), moment(3)) }
        #expect(try store.audit().last?.action == "restore")
        #expect(try store.verify() == [])
        // What was there has not gone.
        #expect(try Store(old).state(id) == .succeeded)
    }

    @Test func `what is no backup is not restored`() throws {
        let scratch = try Scratch()
        let id = try Store(scratch.file).put(job())
        let other = "\(scratch.directory)/other"
        try Database(other, .making).execute("CREATE TABLE t (x)")
        #expect(throws: StoreFault.self) {
            try Store.restore(other, to: scratch.file, by: someone, moment())
        }
        let damaged = "\(scratch.directory)/damaged"
        try Store(scratch.file).backUp(to: damaged, by: someone, moment())
        try Database(damaged, .existing).execute("UPDATE jobs SET seq = 7")
        #expect(throws: StoreFault.self) {
            try Store.restore(damaged, to: scratch.file, by: someone, moment())
        }
        #expect(try Store(scratch.file).state(id) == .queued)
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

extension Instant {
    var time: Timestamp { Timestamp(milliseconds: wall) }
}
