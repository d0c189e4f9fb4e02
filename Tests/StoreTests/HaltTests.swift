import Records
import Smelt
import Testing

@testable import Store

/// Groups that pause themselves; the model has what comes together with other things.
@Suite struct HaltTests {
    @Test(arguments: [
        "soon,fail=1", "now,fail=3", "now,success=1", "soon,done=100", "soon,fail=10%",
        "now,success=100%",
    ])
    func `a rule is printed as it is written`(text: String) {
        #expect(HaltRule(text)?.text == text)
    }

    @Test(arguments: [
        "", "never", "soon", "soon,fail", "soon,fail=", "soon,fail=0", "soon,fail=-1",
        "soon,fail=+1",
        "soon,fail=1.5", "soon,fail=%", "soon,fail=0%", "soon,fail=101%", "soon,done=10%",
        "later,fail=1", "soon,lost=1", "soon,fail=1,", "soon, fail=1", "soon,fail==1",
        "soon,fail=1000000001", "soon,fail=99999999999999999999",
    ])
    func `what is no rule is none`(text: String) {
        #expect(HaltRule(text) == nil)
    }

    @Test(arguments: [
        "UPDATE groups SET halt = 'garbage'", "UPDATE groups SET failures = -1",
        "UPDATE groups SET successes = -1",
    ])
    func `verify finds what is wrong with a rule`(change: String) throws {
        let store = try memory()
        let rule = try #require(HaltRule("soon,fail=1"))
        try store.set("default", halt: .to(rule), by: someone, moment())
        #expect(try store.verify() == [])
        try store.database.execute(change)
        #expect(try store.verify() != [])
    }

    @Test(arguments: [
        "UPDATE groups SET halt = 'garbage'", "UPDATE groups SET failures = -1",
        "UPDATE groups SET successes = -1",
    ])
    func `a rule that cannot be read is damage rather than none`(change: String) throws {
        let store = try memory()
        try store.set("default", halt: rule("soon,fail=1"), by: someone, moment())
        let id = try store.put(job())
        let claimed = try #require(try store.take())
        try store.database.execute(change)
        if change.contains("garbage") {
            let read = #expect(throws: StoreFault.self) { try store.allGroups() }
            #expect(read?.code == "damaged")
        }
        let fault = #expect(throws: StoreFault.self) {
            try store.finish(claimed.lease, Outcome(status: 1), moment(1))
        }
        #expect(fault?.code == "damaged" && fault?.description.contains("'default'") == true)
        #expect(try store.state(id) == .running)
        // Whoever says it anew has mended it.
        try store.set("default", halt: rule("soon,fail=1"), by: someone, moment(2))
        try store.finish(claimed.lease, Outcome(status: 1), moment(3))
        #expect(try group(store).isPaused)
    }

    @Test func `of a share three count at least`() throws {
        let rule = try #require(HaltRule("soon,fail=50%"))
        #expect(rule.reason(failures: 2, successes: 0) == nil)
        #expect(rule.reason(failures: 3, successes: 4) == nil)
        #expect(
            rule.reason(failures: 3, successes: 3) == "3 of 6 jobs failed (soon,fail=50%)")
        let one = try #require(HaltRule("now,done=1"))
        #expect(one.reason(failures: 0, successes: 1) == "1 job ended (now,done=1)")
    }

    private func rule(_ text: String) throws -> Changed<HaltRule> {
        .to(try #require(HaltRule(text)))
    }

    /// Ends the next with that status.
    private func end(_ store: Store, _ status: Int32, _ time: Int64) throws {
        let claimed = try #require(try store.take(moment(time)))
        try store.finish(claimed.lease, Outcome(status: status), moment(time))
    }

    private func group(_ store: Store) throws -> Group {
        try #require(try store.allGroups().first { $0.name == "default" })
    }

    @Test func `nothing begins any more, it is told why once, and resumed it counts anew`() throws {
        let store = try memory()
        try store.set("default", halt: rule("soon,fail=2"), by: someone, moment())
        var ids: [RunID] = []
        for _ in 0..<8 { ids.append(try store.put(job())) }
        let running = try #require(try store.take())
        for (time, status) in [(1, 1), (2, 0), (3, 2)] as [(Int64, Int32)] {
            try end(store, status, time)
        }
        #expect(try store.take(moment(4)) == nil)
        #expect(try group(store).isPaused)
        #expect(try group(store).reason == "2 jobs failed (soon,fail=2)")
        // What ran goes on, and its failure is no second halt.
        #expect(try store.show(running.lease.id).cancelRequested == false)
        try store.finish(running.lease, Outcome(status: 1), moment(5))
        #expect(try store.audit().filter { $0.action == "halt" }.count == 1)
        let last = try #require(try store.records(of: ids[3]).records.last)
        let told = try RecordJSON.decode(GroupHalted.self, from: last.line)
        #expect(told.group == "default" && told.cancelled == 0 && told.rule == "soon,fail=2")
        #expect(try store.show(ids[3]).seq == last.seq)
        try store.resume("default", by: someone, moment(6))
        try end(store, 1, 7)
        #expect(try group(store).isPaused == false && group(store).reason == nil)
        try end(store, 1, 8)
        #expect(try group(store).isPaused)
        #expect(try store.verify() == [])
    }

    @Test func `what runs of the group is asked to stop, and nothing else`() throws {
        let store = try memory()
        try store.set("race", halt: rule("now,success=1"), by: someone, moment())
        let other = try store.put(job { $0.group = "other" })
        for _ in 0..<4 { _ = try store.put(job { $0.group = "race" }) }
        var claimed: [Claimed] = []
        while let one = try store.take() { claimed.append(one) }
        let racers = claimed.filter { $0.group == "race" }
        #expect(claimed.count == 5 && racers.count == 4)
        try store.finish(racers[1].lease, Outcome(status: 1), moment(1))
        try store.finish(racers[0].lease, Outcome(status: 0), moment(2))
        for loser in racers[2...] {
            let shown = try store.show(loser.lease.id)
            #expect(shown.cancelRequested && shown.reason == "1 job succeeded (now,success=1)")
        }
        #expect(try store.show(other).cancelRequested == false)
        // Who was asked to stop and succeeded all the same has succeeded.
        #expect(try store.finish(racers[2].lease, Outcome(status: 0), moment(3)) == .succeeded)
        #expect(try store.finish(racers[3].lease, Outcome(status: 143), moment(3)) == .cancelled)
        #expect(try store.audit().filter { $0.action == "halt" }.count == 1)
        #expect(try store.verify() == [])
    }

    @Test func `what is tried again has not failed, and what was cancelled counts for nothing`()
        throws
    {
        let store = try memory()
        try store.set("default", halt: rule("soon,done=1"), by: someone, moment())
        let gone = try store.put(job())
        try store.cancel(gone, by: someone, moment())
        _ = try store.put(job { $0.after = [.init(gone, .ok)] })
        _ = try store.put(job { $0.retries = 1 })
        try end(store, 1, 1)
        #expect(try group(store).isPaused == false)
        try store.advance(moment(400_000))
        try end(store, 1, 400_000)
        #expect(try group(store).isPaused)
    }

    @Test func `a schedule is no job that ends, and what it makes is`() throws {
        let store = try memory()
        try store.set("default", halt: rule("soon,success=1"), by: someone, moment())
        _ = try store.put(job { $0.every = "* * * * *" })
        try store.advance(moment(120_000))
        #expect(try group(store).isPaused == false)
        try end(store, 0, 120_000)
        #expect(try group(store).isPaused)
    }

    @Test func `a pause with an end is a resumption, a limit of a provider is none`() throws {
        let store = try memory()
        try store.set("default", halt: rule("soon,fail=1"), by: someone, moment())
        for _ in 0..<3 { _ = try store.put(job()) }
        try end(store, 1, 1)
        let time = moment(50).wall
        try store.pause("default", until: time, by: someone, why: "limit", moment(2))
        #expect(try group(store).isPaused)
        #expect(try group(store).reason == "1 job failed (soon,fail=1)")
        try store.pause("default", until: time, resuming: true, by: someone, moment(3))
        #expect(try group(store).isPaused == false && group(store).reason == nil)
        try end(store, 1, 60)
        #expect(try group(store).isPaused)
        try store.set("default", halt: Changed.none, by: someone, moment(61))
        #expect(try group(store).isPaused && group(store).halt == nil)
        try store.resume("default", by: someone, moment(62))
        try end(store, 1, 63)
        #expect(try group(store).isPaused == false)
    }

    /// What somebody else did in between is part of it, or nothing of it is.
    @Test func `an end that does not count halts nothing`() throws {
        let store = try memory()
        try store.set("default", halt: rule("now,fail=1"), by: someone, moment())
        _ = try store.put(job())
        let claimed = try #require(try store.take())
        let lost = try store.lapse(moment(40_000))
        try store.beginAgain(try #require(lost.first), moment(40_000))
        #expect(throws: StoreFault.leaseGone(job: "\(claimed.lease.id)")) {
            try store.finish(claimed.lease, Outcome(status: 1), moment(40_001))
        }
        #expect(try group(store).isPaused == false)
        #expect(throws: StoreFault.self) {
            try store.together(moment(40_002)) { () throws(StoreFault) in
                guard let again = try store.claim(Claimant(owner: "o"), moment(40_002)) else {
                    return
                }
                try store.finish(again.lease, Outcome(status: 1), moment(40_002))
                throw .bug("cut off")
            }
        }
        #expect(try group(store).isPaused == false)
        try end(store, 1, 40_003)
        #expect(try group(store).isPaused)
        #expect(try store.verify() == [])
    }
}
