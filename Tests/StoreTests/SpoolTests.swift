import Glibc
import Smelt
import Testing

@testable import Store

/// Jobs that are added without opening the store.
struct SpoolTests {
    /// A store that is there, and closed again.
    private func closed() throws -> Scratch {
        let scratch = try Scratch()
        _ = try Store(scratch.file)
        return scratch
    }

    private func spool(
        _ new: NewJob, _ scratch: Scratch, _ now: Instant = moment()
    ) throws -> RunID? {
        guard case .added(let id, _)? = try Store.spool(new, to: scratch.file, by: someone, now)
        else { return nil }
        return id
    }

    private func names(_ scratch: Scratch) throws -> [String] {
        try Store(scratch.file).list().reversed().map(\.name)
    }

    @Test func `what is put there is as if it had been added`() throws {
        let scratch = try closed()
        let whole = job("naïve \"name\"\n\u{1F600}\u{0}") {
            $0.labels = [
                NewJob.Label("a=b", "c\nd"), NewJob.Label("e", ""), NewJob.Label("f", "g\r"),
                NewJob.Label("h", "\u{301}i"), NewJob.Label("j", "\\n"),
            ]
            ($0.group, $0.priority, $0.hold, $0.origin) = ("night", -7, true, "/some where")
            ($0.lock, $0.retries, $0.backoff, $0.budget) = ("branch", 3, 9, 10)
            ($0.timeout, $0.due) = (11, moment(1_000_000).wall)
        }
        for new in [job(), whole, job { $0.due = moment(-5).wall }] {
            let one = try #require(try spool(new, scratch))
            let store = try Store(scratch.file)
            let two = try store.put(new)
            let (shown, other) = (try store.show(one), try store.show(two))
            #expect(shown.state == other.state && shown.added == other.added)
            #expect(try store.request(one) == (try store.request(two)))
            let audit = try store.audit().suffix(2)
            #expect(
                audit.first?.actor == audit.last?.actor && audit.first?.time == audit.last?.time)
            #expect(audit.map(\.object) == [one.description, two.description])
            #expect(try store.records(of: one).records.count == 1)
            for label in new.labels {
                var filter = JobFilter()
                filter.label = label
                #expect(try store.list(filter).map(\.id).contains(one), "\(label)")
            }
            #expect(try store.verify() == [])
        }
    }

    @Test func `the answer says what it will be`() throws {
        let scratch = try closed()
        func state(_ new: NewJob) throws -> JobState? {
            guard
                case .added(let id, let state)? = try Store.spool(
                    new, to: scratch.file, by: someone, .now())
            else { return nil }
            #expect(try Store(scratch.file).state(id) == state)
            return state
        }
        #expect(try state(job()) == .queued)
        #expect(try state(job { $0.hold = true }) == .held)
        #expect(try state(job { $0.due = Instant.now().wall + 1_000_000 }) == .scheduled)
    }

    @Test func `what needs the store to be let in is not put there`() throws {
        let scratch = try closed()
        let id = try Store(scratch.file).put(job())
        let unfit: [NewJob] = [
            job { $0.unique = "key" }, job { $0.slot = "slot" }, job { $0.every = "0 3 * * *" },
            job { $0.after = [NewJob.After(id, .ok)] }, job { $0.body = [0xFF] },
            job { $0.body = [UInt8](repeating: 0x20, count: Spool.size) },
        ]
        for new in unfit { #expect(try spool(new, scratch) == nil) }
        #expect(throws: StoreFault.self) { try spool(job { $0.priority = 5000 }, scratch) }
        #expect(try names(scratch).count == 1)
    }

    @Test func `a store that is not there, or of another version, is opened`() throws {
        let scratch = try Scratch()
        #expect(try spool(job(), scratch) == nil)
        try StoreFile.make(scratch.file, version: Migration.latest - 1, now: 0)
        try Spool.make(of: scratch.file)
        #expect(try spool(job(), scratch) == nil)
        try Database(scratch.file, .existing).execute(
            "PRAGMA user_version = 99; PRAGMA wal_checkpoint")
        #expect(throws: StoreFault.newer(scratch.file, version: 99, ours: Migration.latest)) {
            try spool(job(), scratch)
        }
        try Files.replace(scratch.file, with: Array("something else that is no database".utf8))
        #expect(throws: StoreFault.self) { try spool(job(), scratch) }
    }

    @Test func `a full one is opened, and empty again`() throws {
        let scratch = try closed()
        var count = 0
        while try spool(job("\(count)"), scratch) != nil { count += 1 }
        #expect(count > 40)
        #expect(try names(scratch) == (0..<count).map { "\($0)" })
        #expect(try spool(job("more"), scratch) != nil)
        #expect(try names(scratch).last == "more")
    }

    @Test func `who finds it locked goes the longer way, and who takes in waits so long`() throws {
        let scratch = try closed()
        _ = try spool(job("a"), scratch)
        let store = try Store(scratch.file)
        _ = try spool(job("b"), scratch)
        do {
            let held = try #require(try Spool(of: scratch.file))
            #expect(try spool(job("c"), scratch) == nil)
            #expect(try !store.takeIn(patience: 10))
            withExtendedLifetime(held) {}
        }
        #expect(try store.list().count == 1)
        #expect(try store.takeIn())
        #expect(try store.list().count == 2)
    }

    /// A process that was killed, or a power cut, leaves any part of the last one; it was not acknowledged.
    @Test func `a part of an entry is none, and the next one takes its place`() throws {
        let scratch = try closed()
        _ = try spool(job("a"), scratch)
        let before = try Files.read(Spool.path(of: scratch.file))
        _ = try spool(job("b"), scratch)
        let after = try Files.read(Spool.path(of: scratch.file))
        let changed = before.indices.filter { before[$0] != after[$0] }
        for index in stride(from: 0, to: changed.count, by: 7) + [changed.count - 1] {
            var torn = after
            torn[changed[index]] = before[changed[index]]
            try Files.replace(Spool.path(of: scratch.file), with: torn)
            let spool = try #require(try Spool(of: scratch.file))
            #expect(spool.entries().texts.count == 1)
        }
        _ = try spool(job("c"), scratch)
        #expect(try names(scratch) == ["a", "c"])
    }

    /// Whoever takes in may be killed when the jobs are in the tables and the spool is as it was.
    @Test func `what was taken in is not taken in again`() throws {
        let scratch = try closed()
        for name in ["a", "b"] { _ = try spool(job(name), scratch) }
        let before = try Files.read(Spool.path(of: scratch.file))
        #expect(try names(scratch) == ["a", "b"])
        try Files.replace(Spool.path(of: scratch.file), with: before)
        _ = try spool(job("c"), scratch)
        #expect(try names(scratch) == ["a", "b", "c"])
        // In the place of another store it is known by its names.
        try Files.replace(Spool.path(of: scratch.file), with: before)
        try Database(scratch.file, .existing).execute(
            "UPDATE meta SET value = 0 WHERE key = 'spool'")
        #expect(try names(scratch) == ["a", "b", "c"])
        #expect(try Store(scratch.file).verify() == [])
    }

    /// A power cut may take what was not synced, also where more is known as taken in than is there then.
    @Test func `what comes to the place of what is gone is not taken for that`() throws {
        let scratch = try closed()
        for name in ["a", "b"] { _ = try spool(job(name), scratch) }
        var bytes = try Files.read(Spool.path(of: scratch.file))
        #expect(try names(scratch) == ["a", "b"])
        bytes[60] ^= 1
        try Files.replace(Spool.path(of: scratch.file), with: bytes)
        #expect(try spool(job("c"), scratch) != nil)
        #expect(try names(scratch) == ["a", "b", "c"])
    }

    @Test func `nobody adds to one that nobody has begun`() throws {
        let scratch = try closed()
        unlink(Spool.path(of: scratch.file))
        try Spool.make(of: scratch.file)
        #expect(try spool(job(), scratch) == nil)
        _ = try Store(scratch.file)
        #expect(try spool(job(), scratch) != nil)
    }

    @Test func `a head that is none is made anew`() throws {
        let scratch = try closed()
        for bytes in [[], Array("x".utf8), [UInt8](repeating: 0, count: Spool.size)] {
            try Files.replace(Spool.path(of: scratch.file), with: bytes)
            #expect(try spool(job(), scratch) == nil)
            _ = try Store(scratch.file)
            #expect(try spool(job(), scratch) != nil)
            _ = try Store(scratch.file)
        }
        #expect(try names(scratch).count == 3)
    }

    @Test func `an entry that is no job is told, and the store is open`() throws {
        let scratch = try closed()
        _ = try #require(try Spool(of: scratch.file)).append(Array("{\"id\":7}".utf8))
        let store = try Store(scratch.file)
        #expect(store.leftOut == .foreignEntry(Spool.path(of: scratch.file), at: 48))
    }

    @Test func `one whose store is gone is never another's`() throws {
        let scratch = try closed()
        let backup = "\(scratch.directory)/backup"
        try Store(scratch.file).backUp(to: backup, by: someone, moment())
        _ = try spool(job("a"), scratch)
        for end in ["", "-wal", "-shm"] { unlink("\(scratch.file)\(end)") }
        let left = Spool.path(of: scratch.file)
        #expect(throws: StoreFault.logLeft(left, of: scratch.file)) { try Store(scratch.file) }
        let restored = try Store.restore(backup, to: scratch.file, by: someone, moment(1))
        #expect(restored.gone == nil)
        #expect(restored.old?.hasSuffix(".old-spool") == true)
        #expect(try names(scratch) == [])
    }

    @Test func `what was added before a restore belongs to what was there`() throws {
        let scratch = try closed()
        let backup = "\(scratch.directory)/backup"
        try Store(scratch.file).backUp(to: backup, by: someone, moment())
        let id = try #require(try spool(job("a"), scratch))
        let restored = try Store.restore(backup, to: scratch.file, by: someone, moment(1))
        #expect(restored.gone == [id])
        #expect(try names(scratch) == [])
        _ = try spool(job("b"), scratch)
        #expect(try names(scratch) == ["b"])
    }

    /// Whatever lies there, nobody falls over it.
    @Test func `bytes of any kind are read or are none`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var dice = Dice(seed: seed)
        let scratch = try closed()
        for _ in 0..<6 { _ = try spool(job("abc"), scratch) }
        let whole = try Files.read(Spool.path(of: scratch.file))
        for _ in 0..<300 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &dice) {
                bytes[Int.random(in: 0..<1600, using: &dice)] = UInt8.random(
                    in: 0...255, using: &dice)
            }
            if Bool.random(using: &dice) {
                bytes.removeLast(Int.random(in: 0..<bytes.count, using: &dice))
            }
            try Files.replace(Spool.path(of: scratch.file), with: bytes)
            let found = try #require(try Spool(of: scratch.file))
            #expect(found.entries().texts.count <= 6, "seed \(seed)")
            let text = bytes.dropFirst(48).prefix(240)
            if let job = SpooledJob(text) { #expect(SpooledJob(job.text[...]) == job) }
        }
    }
}
