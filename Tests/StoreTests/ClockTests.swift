import Glibc
import Smelt
import Testing

@testable import Store

/// The wall's clock is set forwards or back; the one that leases are on goes on.
@Suite struct ClockTests {
    static let day: Int64 = 24 * 3_600_000

    /// `wall` milliseconds by the wall, and `steady` in truth.
    private static func moment(_ wall: Int64, steady: Int64) -> Instant {
        Instant(wall: 1_700_000_000_000 + wall, steady: 1_000 + steady, boot: "boot")
    }

    @Test(arguments: [day, -day])
    func `no lease is lost by the wall's clock`(jump: Int64) throws {
        let store = try memory()
        let id = try store.put(job(), Self.moment(0, steady: 0))
        let claimed = try #require(try store.take(Self.moment(0, steady: 0)))
        let later = Self.moment(jump, steady: 20_000)
        #expect(try store.lapse(later).isEmpty)
        #expect(try store.heartbeat([claimed.lease], for: 30_000, later).isEmpty)
        #expect(try store.lapse(Self.moment(2 * jump, steady: 49_999)).isEmpty)
        #expect(try store.state(id) == .running)
        #expect(try store.lapse(Self.moment(2 * jump, steady: 50_000)).map(\.id) == [id])
    }

    @Test(arguments: [day, -day])
    func `a budget is of time that went by`(jump: Int64) throws {
        let store = try memory()
        let id = try store.put(
            job {
                $0.retries = 9
                $0.budget = 60_000
                $0.backoff = 1
            }, Self.moment(0, steady: 0))
        for (number, state) in [(1, JobState.retrying), (2, .failed)] as [(Int64, JobState)] {
            let began = Self.moment(number * jump, steady: number * 40_000)
            try store.clockWasSet(began)
            try store.advance(Self.moment(number * jump + 10, steady: began.steady))
            let claimed = try #require(try store.take(began))
            var outcome = Outcome(status: 1)
            outcome.took = 30_000
            let ended = Self.moment((number + 1) * jump, steady: number * 40_000 + 30_000)
            #expect(try store.finish(claimed.lease, outcome, ended) == state)
        }
        #expect(try store.state(id) == .failed)
    }

    @Test func `a pause is no longer when the clock is set back`() throws {
        let store = try memory()
        let id = try store.put(
            job {
                $0.retries = 9
                $0.backoff = 5_000
            }, Self.moment(0, steady: 0))
        let claimed = try #require(try store.take(Self.moment(0, steady: 0)))
        try store.finish(claimed.lease, Outcome(status: 1), Self.moment(1_000, steady: 1_000))
        let pause = try store.show(id).due - Self.moment(1_000, steady: 0).wall
        let set = Self.moment(-Self.day, steady: 2_000)
        try store.clockWasSet(set)
        #expect(try store.show(id).due == set.wall + pause)
        #expect(try store.state(id) == .retrying)
        // Told, for whoever waits.
        let records = try store.records(of: id).records
        let told = String(decoding: records.last?.line ?? [], as: UTF8.self)
        #expect(told.contains("\"due\""))
        // Whoever looks again changes nothing.
        try store.clockWasSet(Self.moment(-Self.day + 1, steady: 2_001))
        #expect(try store.show(id).due == set.wall + pause)
        #expect(try store.records(of: id).records == records)
        try store.advance(Self.moment(-Self.day + pause, steady: 2_000 + pause))
        #expect(try store.state(id) == .queued)
        #expect(try store.verify() == [])
    }

    @Test func `nor is one behind which the job is held, nor a schedule that is`() throws {
        let store = try memory()
        let start = Self.moment(0, steady: 0)
        let failing = try store.put(job { ($0.retries, $0.backoff) = (9, 5_000) }, start)
        let daily = try store.put(job { $0.every = "0 3 * * *" }, start)
        try store.finish(
            try #require(try store.take(start)).lease, Outcome(status: 1), start)
        for id in [failing, daily] { try store.hold(id, by: someone, start) }
        let pause = try store.show(failing).due - start.wall
        let set = Self.moment(-3 * Self.day, steady: 1)
        try store.clockWasSet(set)
        for id in [failing, daily] {
            #expect(try store.state(id) == .held)
            try store.release(id, by: someone, set)
        }
        #expect(try store.show(failing).due == set.wall + pause)
        #expect(try store.show(daily).due <= set.wall + Self.day)
        #expect(try [store.state(failing), store.state(daily)] == [.retrying, .scheduled])
        #expect(try store.verify() == [])
    }

    @Test func `a clock that is set back again mends again, and the group's pause, too`() throws {
        let store = try memory()
        let start = Self.moment(0, steady: 0)
        let id = try store.put(job { $0.retries = 9 }, start)
        let claimed = try #require(try store.take(start))
        let time = start.wall + 60_000
        try store.finish(claimed.lease, Outcome(status: 75, notBefore: time), start)
        try store.pause("default", until: time, by: someone, start)
        for days in [1, 2, 9] as [Int64] {
            let set = Self.moment(-days * Self.day, steady: days)
            try store.clockWasSet(set)
            #expect(try store.show(id).due == set.wall + 60_000)
        }
        let later = Self.moment(-9 * Self.day + 60_000, steady: 60_009)
        try store.advance(later)
        #expect(try store.take(later)?.lease.id == id)
        #expect(try store.verify() == [])
    }

    @Test func `a time that an edit named is no pause`() throws {
        let store = try memory()
        let start = Self.moment(0, steady: 0)
        let id = try store.put(job { ($0.retries, $0.backoff) = (9, 3_600_000) }, start)
        let claimed = try #require(try store.take(start))
        try store.finish(claimed.lease, Outcome(status: 1), start)
        var edit = JobEdit()
        edit.due = .to(start.wall + 5_000)
        try store.edit(id, edit, by: someone, start)
        edit = JobEdit()
        edit.priority = 7
        try store.edit(id, edit, by: someone, start)
        try store.clockWasSet(Self.moment(-Self.day, steady: 10))
        #expect(try store.show(id).due == start.wall + 5_000)
    }

    @Test func `who looked before the clock was set back begins nothing by that`() throws {
        let store = try memory()
        let start = Self.moment(0, steady: 0)
        _ = try store.put(job { $0.every = "*/10 * * * *" }, start)
        // One daemon sets its times right while another one's turn goes on.
        try store.clockWasSet(Self.moment(-Self.day, steady: 10))
        let due = try store.advance(start, while: { false })
        #expect(try store.list(JobFilter()).count == 1)
        #expect(try #require(due) < start.wall)
        try store.advance(start)
        #expect(try store.list(JobFilter()).count == 2)
    }

    @Test func `a moment is of the clock as it is until that is set`() {
        let now = Instant.now()
        #expect(now.isOfThisClock)
        for jump in [-Self.day, -2_000, 2_000, Self.day] {
            let other = Instant(wall: now.wall + jump, steady: now.steady)
            #expect(!other.isOfThisClock)
        }
    }

    @Test func `who waits for a time again holds up nobody who waits for the lock`() throws {
        let store = try memory()
        let start = Self.moment(0, steady: 0)
        _ = try store.put(job { $0.lock = "L" }, start)
        let holder = try #require(try store.take(start))
        let timed = try store.put(
            job { ($0.lock, $0.due, $0.priority) = ("L", start.wall + 5_000, 9) }, start)
        let other = try store.put(job { $0.lock = "L" }, start)
        let later = Self.moment(6_000, steady: 6_000)
        try store.advance(later)
        #expect(try store.state(timed) == .blocked && store.state(other) == .blocked)
        let set = Self.moment(-Self.day, steady: 6_001)
        try store.clockWasSet(set)
        try store.finish(holder.lease, Outcome(status: 0), set)
        #expect(try [store.state(timed), store.state(other)] == [.scheduled, .queued])
        #expect(try store.verify() == [])
    }

    @Test func `a time to come again that is past is none`() throws {
        let store = try memory()
        let now = Self.moment(0, steady: 0)
        let id = try store.put(job { $0.backoff = 60_000 }, now)
        let claimed = try #require(try store.take(now))
        let outcome = Outcome(status: 75, notBefore: now.wall - 1)
        try store.finish(claimed.lease, outcome, now)
        #expect(try store.state(id) == .retrying && store.show(id).due > now.wall)
    }

    @Test func `a time that was named stays`() throws {
        let store = try memory()
        let now = Self.moment(0, steady: 0)
        let at = try store.put(job { $0.due = now.wall + 5_000 }, now)
        let limited = try store.put(job(), now)
        let claimed = try #require(try store.take(now))
        #expect(claimed.lease.id == limited)
        let outcome = Outcome(status: 75, notBefore: now.wall + Self.day)
        try store.finish(claimed.lease, outcome, now)
        try store.clockWasSet(Self.moment(-Self.day, steady: 10))
        #expect(try store.show(at).due == now.wall + 5_000)
        #expect(try store.show(limited).due == now.wall + Self.day)
    }

    @Test func `a schedule makes one job of a skipped day, and goes on when one comes again`() async
    {
        await #expect(processExitsWith: .success) {
            setenv("TZ", "UTC0", 1)
            tzset()
            let store = try memory()
            var now = Self.moment(0, steady: 0)
            let schedule = try store.put(job { $0.every = "*/10 * * * *" }, now)
            func made() throws -> Int { try store.list().count - 1 }
            func pass(_ wall: Int64) throws {
                now.wall += wall
                now.steady += 1
                try store.clockWasSet(now)
                try store.advance(now)
            }
            try pass(600_000)
            #expect(try made() == 1)
            try pass(Self.day)
            #expect(try made() == 2)
            try pass(1)
            #expect(try made() == 2)
            // By little: its times are not met twice.
            try pass(-3_600_000)
            try pass(1_800_000)
            #expect(try made() == 2)
            // By much: it is as if that day was never there.
            try pass(-Self.day)
            #expect(try store.show(schedule).due <= now.wall + 600_000)
            #expect(try made() == 2)
            try pass(600_000)
            #expect(try made() == 3)
            #expect(try store.verify() == [])
        }
    }
}
