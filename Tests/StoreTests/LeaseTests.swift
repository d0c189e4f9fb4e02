import Smelt
import Testing

@testable import Store

/// A job that somebody has: whose word counts, and until when.
@Suite struct LeaseTests {
    @Test func `one of two who claim gets the job`() throws {
        let scratch = try Scratch()
        let (one, other) = (try Store(scratch.file), try Store(scratch.file))
        let id = try one.put(job())
        let claimed = try #require(try one.take())
        #expect(claimed.lease.id == id)
        #expect(claimed.body == Array("{\"argv\":[\"true\"]}".utf8))
        #expect(try other.take() == nil)
    }

    @Test func `an ordinary life is told in order`() throws {
        let store = try memory()
        let id = try store.put(job { $0.retries = 1 })
        let first = try #require(try store.take())
        #expect(try store.finish(first.lease, Outcome(status: 1), moment(10)) == .retrying)
        #expect(try store.advance(moment(400_000)) == nil)
        let second = try #require(try store.take(moment(400_000)))
        #expect(second.run != first.run)
        #expect(try store.finish(second.lease, Outcome(status: 0), moment(400_010)) == .succeeded)
        let lines = try store.records(of: id).records.map {
            String(decoding: $0.line, as: UTF8.self)
        }
        let states = ["queued", "running", "retrying", "queued", "running", "succeeded"]
        #expect(lines.count == states.count)
        for (line, state) in zip(lines, states) { #expect(line.contains("\"to\":\"\(state)\"")) }
        #expect(try store.attempts(of: id).map(\.status) == [1, 0])
        #expect(try store.verify() == [])
    }

    @Test func `a late finisher changes nothing`() throws {
        let store = try memory()
        let id = try store.put(job())
        let late = try #require(try store.take())
        let lost = try #require(try store.lapse(moment(30_000)).first)
        try store.beginAgain(lost, moment(30_000))
        let next = try #require(try store.take(moment(30_001)))
        #expect(throws: StoreFault.leaseGone(job: id.description)) {
            try store.finish(late.lease, Outcome(status: 0), moment(30_002))
        }
        #expect(throws: StoreFault.leaseGone(job: id.description)) {
            try store.heartbeat(late.lease, for: 1_000, moment(30_002))
        }
        #expect(throws: StoreFault.leaseGone(job: id.description)) {
            try store.append([65, 10], of: late.lease, moment(30_002))
        }
        #expect(try store.state(id) == .running)
        #expect(try store.finish(next.lease, Outcome(status: 0), moment(30_003)) == .succeeded)
        #expect(try store.show(id).attempt == 2)
    }

    @Test
    func `a lease is over with its time and with the machine's start, not when the clock is set`()
        throws
    {
        let store = try memory()
        _ = try store.put(job())
        let claimed = try #require(try store.take())
        var jumped = moment(1_000)
        jumped.wall += 86_400_000
        #expect(try store.lapse(jumped) == [])
        #expect(try store.lapse(moment(29_999)) == [])
        _ = try store.heartbeat(claimed.lease, for: 30_000, moment(29_999))
        #expect(try store.lapse(moment(59_998)) == [])
        #expect(try store.lapse(moment(0, boot: "another")).count == 1)
    }

    @Test func `who comes back before anybody took over goes on`() throws {
        let store = try memory()
        let id = try store.put(job())
        let claimed = try #require(try store.take())
        #expect(try store.lapse(moment(30_000)).count == 1)
        #expect(try store.state(id) == .lost)
        #expect(try store.heartbeat(claimed.lease, for: 30_000, moment(30_001)) == .kept)
        #expect(try store.state(id) == .running)
    }

    @Test func `a run that is alive is adopted with its attempt`() throws {
        let store = try memory()
        let id = try store.put(job())
        let claimed = try #require(try store.take())
        try store.remember("pid 12", of: claimed.lease, moment(1))
        _ = try store.lapse(moment(30_000))
        let lost = try #require(try store.lost().first)
        #expect(lost.process == "pid 12")
        let adopted = try store.adopt(lost.lease, by: Claimant(owner: "next"), moment(30_001))
        #expect(adopted.run == claimed.run)
        #expect(throws: StoreFault.self) {
            try store.finish(claimed.lease, Outcome(status: 0), moment(30_002))
        }
        #expect(try store.finish(adopted.lease, Outcome(status: 0), moment(30_003)) == .succeeded)
        #expect(try store.show(id).attempt == 1)
    }

    @Test func `what is given back has spent no try`() throws {
        let store = try memory()
        let id = try store.put(job { $0.retries = 1 })
        for time in 0..<5 as Range<Int64> {
            let claimed = try #require(try store.take(moment(time)))
            #expect(try store.giveBack(claimed.lease, why: "stopped", moment(time)) == .queued)
        }
        let claimed = try #require(try store.take(moment(9)))
        #expect(try store.finish(claimed.lease, Outcome(status: 1), moment(9)) == .retrying)
        #expect(try store.show(id).attempt == 6)
    }

    @Test func `what is cancelled while it runs is asked to stop, and its retry is off`() throws {
        let store = try memory()
        let id = try store.put(job { $0.retries = 9 })
        let claimed = try #require(try store.take())
        #expect(try store.cancel(id, by: someone, why: "not wanted", moment()) == .running)
        #expect(try store.heartbeat(claimed.lease, for: 1, moment()) == .cancel("not wanted"))
        #expect(try store.finish(claimed.lease, Outcome(status: 1), moment(1)) == .cancelled)
        #expect(throws: StoreFault.self) { try store.cancel(id, by: someone, moment()) }
        #expect(try store.retry(id, by: someone, moment(2)) == .queued)
    }

    @Test func `a job that waits for a person holds nobody up`() throws {
        let store = try memory()
        let id = try store.put(job { $0.lock = "l" })
        let other = try store.put(job { $0.lock = "l" })
        try store.set("default", parallel: 1, by: someone, moment())
        let claimed = try #require(try store.take())
        try store.awaitReview(claimed.lease, moment(1))
        #expect(try store.take(moment(2))?.lease.id == other)
        try store.resumeAfterReview(id, moment(3))
        #expect(try store.state(id) == .blocked)
        #expect(try store.show(id).attempt == 1)
    }

    @Test func `a worker on which something was not there does not get the job again`() throws {
        let store = try memory()
        let id = try store.put(job())
        let claimed = try #require(try store.take(worker: "w1"))
        try store.finish(claimed.lease, Outcome(status: 69, elsewhere: true), moment(1))
        try store.advance(moment(400_000))
        #expect(try store.take(moment(400_000), worker: "w1") == nil)
        #expect(try store.take(moment(400_000), worker: "w2")?.lease.id == id)
    }

    @Test func `a step within another that is refused loses nothing of it`() throws {
        let store = try memory()
        let first = try store.put(job { $0.slot = "s" })
        let late = try #require(try store.take())
        let next = try store.put(job { $0.slot = "s" })
        try store.giveBack(late.lease, why: "stopped", moment())
        try store.step(moment(1)) { () throws(StoreFault) in
            try store.end(
                try store.row(named: first.description), as: .cancelled, moment(1), why: nil)
            #expect(throws: StoreFault.self) { try store.heartbeat(late.lease, for: 1, moment(1)) }
        }
        #expect(try store.state(next) == .queued)
        #expect(try store.verify() == [])
    }

    @Test func `a job is begun again more than 20 times where it may fail as often`() throws {
        let store = try memory()
        let id = try store.put(
            job {
                $0.retries = 40; $0.backoff = 1
            })
        var time: Int64 = 0
        for _ in 0..<30 {
            let claimed = try #require(try store.take(moment(time)))
            try store.finish(claimed.lease, Outcome(status: 1), moment(time))
            time += 300_000
            try store.advance(moment(time))
        }
        _ = try #require(try store.take(moment(time)))
        let lost = try #require(try store.lapse(moment(time + 30_000)).first)
        #expect(try store.beginAgain(lost, moment(time + 30_000)) == .queued)
        #expect(try store.show(id).attempt == 31)
    }
}
