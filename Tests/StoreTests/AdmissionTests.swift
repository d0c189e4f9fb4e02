import Smelt
import Testing

@testable import Store

/// What is let in, and how often.
@Suite struct AdmissionTests {
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

    @Test func `whoever takes a place in a slot needs nobody who waits there`() throws {
        for isTaken in [false, true] {
            let store = try memory()
            let holder = try store.put(job { $0.slot = "s" })
            if isTaken { _ = try #require(try store.take()) }
            let head = try store.put(job { $0.slot = "s" })
            let last = try store.put(job { $0.slot = "s" })
            let behind = try store.put(job { $0.after = [.init(last, .any)] })
            func new(_ other: RunID) -> NewJob {
                job {
                    ($0.slot, $0.admission) = ("s", .replace)
                    $0.after = [.init(other, .any)]
                }
            }
            for other in [last, behind] {
                let fault = #expect(throws: StoreFault.self) { try store.put(new(other)) }
                #expect(fault?.exit == .invalid)
            }
            #expect(try store.state(holder) == (isTaken ? .running : .queued))
            #expect(try store.state(head) == .blocked)
            // Whom it replaces it may need.
            let next = try store.put(new(isTaken ? head : holder))
            #expect(try store.state(next) == (isTaken ? .blocked : .queued))
            #expect(try store.verify() == [])
        }
    }

    @Test func `as many wait in a slot as may`() throws {
        let store = try memory()
        let new = job { $0.slot = "s" }
        for _ in 0...NewJob.longestSlot { _ = try store.put(new) }
        #expect(try store.add([new], by: someone, moment()) == [.full(slot: "s")])
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

    @Test func `a schedule that was cancelled is one again, at its next time and in no slot`()
        throws
    {
        let store = try memory()
        let schedule = try store.put(
            job {
                $0.every = "0 * * * *"
                $0.slot = "s"
                $0.admission = .replace
            })
        let due = try store.show(schedule).due
        try store.cancel(schedule, by: someone, moment(1))
        #expect(try store.retry(schedule, by: someone, moment(2)) == .scheduled)
        #expect(try store.show(schedule).due == due)
        #expect(try store.advance(moment(3)) == due)
        let other = try store.put(job { $0.slot = "s" }, moment(4))
        #expect(try store.take(moment(5))?.lease.id == other)
        var later = moment(6)
        later.wall = due
        try store.advance(later)
        #expect(try store.state(schedule) == .scheduled)
        #expect(try store.list().count == 3)
        #expect(try store.verify() == [])
    }

    @Test func `a group that was not made after all is made when it is named again`() throws {
        let store = try memory()
        let new = job { $0.group = "new" }
        #expect(throws: StoreFault.self) {
            try store.add(
                [new, new, job { $0.after = [NewJob.After(RunID.make(), .ok)] }], by: someone,
                moment())
        }
        let other = try store.put(job { $0.group = "other" })
        let id = try store.put(new)
        #expect(try store.show(other).group == "other")
        #expect(try store.show(id).group == "new")
    }

    @Test func `no job is tried again more often than can be counted`() throws {
        let store = try memory()
        for retries in [NewJob.retries.upperBound + 1, .max] {
            #expect(throws: StoreFault.self) { try store.put(job { $0.retries = retries }) }
        }
        #expect(
            try store.put(job { $0.retries = NewJob.retries.upperBound }).description.count == 26)
    }
}
