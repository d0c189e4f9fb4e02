import Smelt
import Testing

@testable import Store

/// Who goes before whom.
@Suite struct OrderTests {
    @Test func `a higher priority goes first, and nobody waits for ever`() throws {
        let store = try memory()
        let low = try store.put(job { $0.priority = -5 }, moment(0))
        let normal = try store.put(job(), moment(1))
        let high = try store.put(job { $0.priority = 5 }, moment(2))
        // Five minutes and more after the low one, a normal one has to wait for it.
        let late = try store.put(job(), moment(300_001))
        var order: [RunID] = []
        while let next = try store.take(moment(300_002)) { order.append(next.lease.id) }
        #expect(order == [high, normal, low, late])
    }

    @Test func `groups take turns, however many jobs one has`() throws {
        let store = try memory()
        for number in 0..<6 as Range<Int64> {
            _ = try store.put(job { $0.group = "many" }, moment(number))
        }
        var order: [String] = []
        order.append(try #require(try store.take(moment(10))).group)
        order.append(try #require(try store.take(moment(10))).group)
        for _ in 0..<2 { _ = try store.put(job { $0.group = "few" }, moment(11)) }
        while let next = try store.take(moment(12)) { order.append(next.group) }
        // Who was idle has saved nothing up.
        #expect(order == ["many", "many", "few", "many", "few", "many", "many", "many"])
    }

    @Test func `a group runs as many at once as it may, and none while it is paused`() throws {
        let store = try memory()
        for _ in 0..<3 { _ = try store.put(job { $0.group = "g" }) }
        try store.set("g", parallel: 2, by: someone, moment())
        let first = try #require(try store.take())
        #expect(try store.take() != nil)
        #expect(try store.take() == nil)
        try store.finish(first.lease, Outcome(status: 0), moment(1))
        try store.pause("g", until: moment(100).wall, by: someone, moment(2))
        #expect(try store.take(moment(99)) == nil)
        try store.pause("g", by: someone, moment(100))
        #expect(try store.take(moment(100)) == nil)
        try store.resume("g", by: someone, moment(100))
        #expect(try store.take(moment(100)) != nil)
        #expect(throws: StoreFault.unknownGroup("h")) {
            try store.pause("h", by: someone, moment())
        }
    }

    @Test func `of two with one lock one runs`() throws {
        let store = try memory()
        let one = try store.put(job { $0.lock = "repo main" }, moment(0))
        let two = try store.put(job { $0.lock = "repo main" }, moment(1))
        let other = try store.put(job { $0.lock = "repo other" }, moment(2))
        let first = try #require(try store.take(moment(3)))
        #expect(first.lease.id == one)
        #expect(try store.take(moment(3))?.lease.id == other)
        #expect(try store.take(moment(3)) == nil)
        #expect(try store.state(two) == .blocked)
        // Also while it is not known whether it runs.
        _ = try store.lapse(moment(40_000))
        #expect(try store.take(moment(40_000)) == nil)
        _ = try store.heartbeat(first.lease, for: 1_000, moment(40_000))
        try store.finish(first.lease, Outcome(status: 1), moment(40_001))
        #expect(try store.take(moment(40_001))?.lease.id == two)
    }

    @Test func `where a lock's next is held or cancelled, the one behind it comes`() throws {
        let store = try memory()
        let jobs = try (0..<4).map { number in
            try store.put(
                job {
                    $0.lock = "l"; $0.group = number == 3 ? "other" : "default"
                }, moment(Int64(number)))
        }
        let first = try #require(try store.take(moment(10)))
        #expect(try store.take(moment(10)) == nil)
        try store.finish(first.lease, Outcome(status: 0), moment(11))
        try store.hold(jobs[1], by: someone, moment(12))
        try store.cancel(jobs[2], by: someone, moment(13))
        // In a group of its own, and so not kept by a group that is paused.
        try store.pause("default", by: someone, moment(14))
        #expect(try store.take(moment(15))?.lease.id == jobs[3])
        #expect(try store.verify() == [])
    }

    @Test func `who needs others begins when they have ended as he wants, or never`() throws {
        let store = try memory()
        let base = try store.put(job())
        let claimed = try #require(try store.take())
        func waiter(_ need: Need) throws -> RunID {
            try store.put(job { $0.after = [NewJob.After(base, need)] })
        }
        let (ok, failed, any) = (try waiter(.ok), try waiter(.failed), try waiter(.any))
        let last = try store.put(
            job { $0.after = [NewJob.After(ok, .any), NewJob.After(any, .ok)] })
        for id in [ok, failed, any, last] { #expect(try store.state(id) == .blocked) }
        try store.finish(claimed.lease, Outcome(status: 2), moment(1))
        #expect(try store.state(ok) == .cancelled)
        #expect(try store.show(ok).reason == "it needed \(base) to end otherwise than gates_failed")
        #expect(try store.state(failed) == .queued)
        #expect(try store.state(any) == .queued)
        #expect(try store.state(last) == .blocked)
        // What ended before is known.
        #expect(try store.state(try waiter(.any)) == .queued)
        #expect(try store.state(try waiter(.ok)) == .cancelled)
        #expect(throws: StoreFault.self) {
            try store.put(job { $0.after = [NewJob.After(RunID.make(), .ok)] })
        }
        #expect(try store.verify() == [])
    }

    @Test func `a chain of thousands that can never begin ends at once`() throws {
        let store = try memory()
        let first = try store.put(job { $0.hold = true })
        var last = first
        for _ in 0..<2_000 { last = try store.put(job { $0.after = [NewJob.After(last, .ok)] }) }
        try store.cancel(first, by: someone, moment())
        #expect(try store.state(last) == .cancelled)
    }

    @Test func `a pause until a time takes the place of one without, where somebody wants that`()
        throws
    {
        let store = try memory()
        _ = try store.put(job())
        try store.pause("default", by: someone, moment())
        // Such as by a daemon whose provider names a time.
        try store.pause("default", until: moment(10).wall, by: someone, moment(1))
        #expect(try store.take(moment(10)) == nil)
        try store.pause(
            "default", until: moment(20).wall, resuming: true, by: someone, moment(11))
        #expect(try store.take(moment(19)) == nil)
        #expect(try store.take(moment(20)) != nil)
    }
}
