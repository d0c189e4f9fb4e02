import Glibc
import Smelt
import Testing

@testable import Store

/// Copies of the whole, and what comes back of them.
@Suite struct BackupTests {
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
        let old = try #require(
            try Store.restore(target, to: scratch.file, by: someone, moment(2)).old)
        let store = try Store(scratch.file)
        #expect(try store.epoch() != epoch)
        #expect(try store.state(id) == .lost)
        #expect(throws: StoreFault.self) { try store.finish(late, Outcome(status: 0), moment(3)) }
        #expect(try store.audit().last?.action == "restore")
        #expect(try store.verify() == [])
        // What was there has not gone.
        #expect(try Store(old).state(id) == .succeeded)
    }

    /// Whoever was told that his job is on the disk is told that it is not in the queue any more.
    @Test func `a restore tells which jobs are gone, and how many are behind`() throws {
        let scratch = try Scratch()
        let target = "\(scratch.directory)/backup"
        let added = try {
            let store = try Store(scratch.file)
            let running = try store.put(job())
            _ = try store.put(job { $0.hold = true })
            try store.backUp(to: target, by: someone, moment())
            let claimed = try #require(try store.take())
            #expect(claimed.lease.id == running)
            return try (0..<3).map { _ in try store.put(job(), moment(1)) }
        }()
        let restored = try Store.restore(target, to: scratch.file, by: someone, moment(2))
        #expect(restored.gone == added)
        #expect(restored.behind == 1)
        #expect(try Store(scratch.file).audit().last?.detail == "{\"gone\":\"3\"}")
        let again = try Store.restore(target, to: scratch.file, by: someone, moment(3))
        #expect(again.gone == [])
    }

    /// It may have run in between: it does so again, but somebody knows.
    @Test func `a restore tells which jobs come back that had been removed`() throws {
        let scratch = try Scratch()
        let target = "\(scratch.directory)/backup"
        let id = try {
            let store = try Store(scratch.file)
            let over = try store.put(job())
            try store.cancel(over, by: someone, moment())
            let id = try store.put(job())
            try store.backUp(to: target, by: someone, moment())
            let claimed = try #require(try store.take())
            try store.finish(claimed.lease, Outcome(status: 0), moment(1))
            #expect(try store.prune(before: .max, by: someone, moment(2)) == 2)
            return id
        }()
        let restored = try Store.restore(target, to: scratch.file, by: someone, moment(3))
        #expect(restored.gone == [] && restored.again == [id])
        #expect(
            try Store(scratch.file).audit().last?.detail == "{\"again\":\"1\",\"gone\":\"0\"}")
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

    /// Beside another file it would be taken for that one's, and replayed over it.
    @Test func `a log whose file is gone is never another's`() throws {
        let scratch = try Scratch()
        let target = "\(scratch.directory)/backup"
        let first = try (0..<3).map { _ in try Store(scratch.file).put(job()) }
        try Store(scratch.file).backUp(to: target, by: someone, moment())
        for _ in 0..<6 { _ = try Store(scratch.file).put(job()) }
        unlink(scratch.file)
        #expect(throws: StoreFault.logLeft("\(scratch.file)-wal", of: scratch.file)) {
            try Store(scratch.file)
        }
        #expect(!Files.exists(scratch.file))
        let restored = try Store.restore(target, to: scratch.file, by: someone, moment(1))
        // The log alone does not say which jobs there were.
        #expect(restored.gone == nil)
        #expect(try Store(scratch.file).list().map(\.id) == first.reversed())
        #expect(try Store(scratch.file).audit().map(\.action).last == "restore")
        #expect(try Store(scratch.file).verify() == [])
        // It has not gone either.
        let old = try #require(restored.old)
        #expect(old.hasSuffix(".old-wal") && Files.size(old) ?? 0 > 0)
    }

    @Test func `a log with nothing in it is in nobody's way`() throws {
        let scratch = try Scratch()
        try Files.replace("\(scratch.file)-wal", with: [])
        _ = try Store(scratch.file).put(job())
        #expect(try Store(scratch.file).verify() == [])
    }
}
