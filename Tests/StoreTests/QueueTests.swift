import Smelt
import Testing

@testable import Store

@Suite struct QueueTests {
    @Test func `one of two who claim gets the job`() throws {
        let scratch = try Scratch()
        let (one, other) = (try Store(scratch.file), try Store(scratch.file))
        let id = try one.put(job())
        let claimed = try #require(try one.take())
        #expect(claimed.lease.id == id)
        #expect(claimed.body == Array("{\"argv\":[\"true\"]}".utf8))
        #expect(try other.take() == nil)
    }

    @Test func `ids stay unique when everything was pruned`() throws {
        let store = try memory()
        let first = try store.put(job())
        try store.cancel(first, by: someone, moment())
        #expect(try store.prune(before: .max, by: someone, moment(1)) == 1)
        let second = try store.put(job())
        #expect(first != second)
        #expect(try store.show(second).number == 2)
        #expect(throws: StoreFault.unknownJob(first.description)) { try store.show(first) }
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
        #expect(try store.append([LogBatch(late.lease, lines: [65, 10])], moment(30_002)) == [nil])
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

    @Test func `a job with a key that is there is not added again`() throws {
        let store = try memory()
        let id = try store.put(job { $0.unique = "k" })
        #expect(
            try store.add([job { $0.unique = "k" }], by: someone, moment()) == [
                .existing(id, .queued)
            ])
        try store.cancel(id, by: someone, moment())
        let other = try store.put(job { $0.unique = "k" })
        #expect(throws: StoreFault.self) { try store.retry(id, by: someone, moment()) }
        #expect(other != id)
    }

    @Test func `slots drop, queue and replace`() throws {
        let store = try memory()
        func new(_ admission: SlotAdmission) -> NewJob {
            job {
                $0.slot = "s"; $0.admission = admission
            }
        }
        let one = try store.put(new(.drop))
        let running = try #require(try store.take())
        #expect(try store.add([new(.drop)], by: someone, moment()) == [.dropped(by: one)])
        let two = try store.put(new(.queue))
        let three = try store.put(new(.queue))
        #expect(try store.state(two) == .blocked)
        let four = try store.put(new(.replace))
        // The head of those who wait gives way, those behind it stay, and who runs is asked to stop.
        #expect(try store.state(two) == .cancelled)
        #expect(try store.state(three) == .blocked)
        #expect(
            try store.heartbeat(running.lease, for: 1_000, moment(1))
                == .cancel("superseded in slot 's'"))
        try store.finish(running.lease, Outcome(status: 143), moment(2))
        #expect(try store.state(one) == .cancelled)
        let next = try #require(try store.take(moment(3)))
        #expect(next.lease.id == four)
        try store.finish(next.lease, Outcome(status: 0), moment(4))
        #expect(try store.take(moment(5))?.lease.id == three)
        #expect(try store.verify() == [])
    }

    @Test func `as many wait in a slot as may`() throws {
        let store = try memory()
        let new = job { $0.slot = "s" }
        for _ in 0...NewJob.longestSlot { _ = try store.put(new) }
        #expect(try store.add([new], by: someone, moment()) == [.full(slot: "s")])
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

    @Test func `a schedule makes a job each time, and one for all that were missed`() async throws {
        let store = try memory()
        let schedule = try store.put(
            job {
                $0.every = "* * * * *"
                $0.unique = "k"
                $0.slot = "s"
                $0.admission = .drop
                $0.labels = [NewJob.Label("a=b", "c\n\\d")]
            })
        #expect(try store.state(schedule) == .scheduled)
        #expect(try store.take() == nil)
        let due = try #require(try store.advance(moment()))
        #expect(due > moment().wall && due <= moment(60_000).wall)
        try store.advance(moment(600_000))
        let made = try #require(try store.take(moment(600_000)))
        #expect(made.lease.id != schedule)
        #expect(try store.request(made.lease.id).labels == [NewJob.Label("a=b", "c\n\\d")])
        #expect(try store.list(JobFilter(), most: 10).count == 2)
        // The last one is not over: its key is taken.
        try store.advance(moment(700_000))
        #expect(try store.list(JobFilter(), most: 10).count == 2)
        try store.finish(made.lease, Outcome(status: 0), moment(700_001))
        try store.advance(moment(800_000))
        #expect(try store.list(JobFilter(), most: 10).count == 3)
        try store.cancel(schedule, by: someone, moment(800_001))
        #expect(try store.advance(moment(900_000)) == nil)
        #expect(try store.verify() == [])
    }

    @Test func `jobs are listed by page, state, group, label and time`() throws {
        let store = try memory()
        var ids: [RunID] = []
        for number in 0..<10 as Range<Int64> {
            ids.append(
                try store.put(
                    job {
                        $0.group = number % 2 == 0 ? "even" : "odd"
                        $0.labels = number < 3 ? [NewJob.Label("size", "small")] : []
                    }, moment(number)))
        }
        try store.cancel(ids[4], by: someone, moment(20))
        try store.hold(ids[5], by: someone, moment(20))
        func listed(_ change: (inout JobFilter) -> Void, before: Int64? = nil, most: Int64 = 100)
            throws -> [Int]
        {
            var filter = JobFilter()
            change(&filter)
            return try store.list(filter, before: before, most: most).compactMap { view in
                ids.firstIndex { $0 == view.id }
            }
        }
        #expect(try listed({ _ in }, most: 3) == [9, 8, 7])
        #expect(try listed({ _ in }, before: 4) == [2, 1, 0])
        #expect(try listed { $0.states = [.cancelled, .held] } == [5, 4])
        #expect(try listed { $0.states = [.cancelled] } == [4])
        #expect(
            try listed {
                $0.group = "even"; $0.states = [.queued]
            } == [8, 6, 2, 0])
        #expect(try listed { $0.label = NewJob.Label("size", "small") } == [2, 1, 0])
        #expect(
            try listed {
                $0.since = moment(3).wall; $0.until = moment(6).wall
            } == [5, 4, 3])
    }

    @Test func `what cannot be a job is refused with a reason`() throws {
        let store = try memory()
        for wrong in [
            job { $0.priority = 1001 }, job { $0.retries = -1 }, job { $0.backoff = 0 },
            job { $0.group = "" },
            job { $0.labels = [NewJob.Label("a", String(repeating: "b", count: 5_000))] },
            job(String(repeating: "n", count: 5_000)), job { $0.every = "soon" },
            job {
                $0.every = "* * * * *"; $0.due = 1
            },
            job { $0.body = [UInt8](repeating: 0, count: NewJob.longestBody + 1) },
            job { $0.every = "0 0 30 2 *" },
        ] {
            let fault = #expect(throws: StoreFault.self) {
                try store.add([job(), wrong], by: someone, moment())
            }
            #expect(fault?.exit == .invalid)
        }
        #expect(try store.list().isEmpty)
    }
}
