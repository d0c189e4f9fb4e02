import Records
import Smelt
import Testing

@testable import Store

/// What is changed of jobs that are there; the model has the rest.
@Suite struct EditingTests {
    private func edit(_ change: (inout JobEdit) -> Void) -> JobEdit {
        var edit = JobEdit()
        change(&edit)
        return edit
    }

    @Test func `what is not named stays, and nothing at all is no event`() throws {
        let store = try memory()
        let id = try store.put(
            job {
                $0.labels = [.init("a", "1"), .init("b", "2")]
                $0.timeout = 5
                $0.lock = "l"
            })
        let before = try store.request(id)
        #expect(try store.edit(id, edit { $0.priority = 0 }, by: someone, moment(1)) == [])
        #expect(try store.show(id).seq == 1)
        let changed = try store.edit(
            id,
            edit {
                $0.labels = [.init("b", "3")]
                $0.droppedLabels = ["a"]
                $0.group = "new"
                $0.timeout = Changed.none
            }, by: someone, moment(2))
        #expect(changed == ["group", "labels", "timeout"])
        let last = try #require(try store.records(of: id).records.last)
        let record = try RecordJSON.decode(JobChanged.self, from: last.line)
        #expect(record.edited == changed)
        #expect(
            try RecordJSON.line(record, run: id, at: moment(2).time).dropLast() == last.line[...])
        var wanted = before
        (wanted.labels, wanted.group, wanted.timeout) = ([.init("b", "3")], "new", nil)
        #expect(try store.request(id) == wanted)
        var filter = JobFilter()
        filter.label = .init("a", "1")
        #expect(try store.list(filter).isEmpty)
        filter.label = .init("b", "3")
        #expect(try store.list(filter).map(\.id) == [id])
        #expect(try store.audit().map(\.action) == ["add", "edit"])
        #expect(try store.take()?.group == "new")
        #expect(try store.verify() == [])
    }

    @Test func `what is so already is no change`() throws {
        let store = try memory()
        let over = try store.put(job())
        try store.finish(try #require(try store.take()).lease, Outcome(status: 0), moment(1))
        let other = try store.put(job(), moment(2))
        let id = try store.put(
            job {
                $0.labels = [.init("a", "1"), .init("b", "2")]
                $0.after = [.init(over, .ok), .init(other, .any)]
                $0.due = moment(9_000).wall
                $0.priority = 4
            }, moment(3))
        let before = try store.show(id)
        let change = edit {
            $0.labels = [.init("a", "2"), .init("a", "1")]
            $0.due = .to(moment(9_000).wall)
            $0.after = .to([.init(other, .any)])
            $0.priority = 4
        }
        #expect(try store.edit(id, change, by: someone, moment(4)) == [])
        #expect(try store.show(id) == before)
        // Met, so that nothing waits for it.
        let met = edit { $0.after = .to([.init(over, .any), .init(other, .any)]) }
        #expect(try store.edit(id, met, by: someone, moment(5)) == [])
        let unmet = edit { $0.after = .to([.init(over, .failed), .init(other, .any)]) }
        #expect(store.refuses(id, unmet)?.exit == .refused)
        #expect(
            try store.edit(id, edit { $0.after = .to([.init(other, .ok)]) }, by: someone, moment(6))
                == ["after"])
        #expect(try store.audit().filter { $0.action == "edit" }.count == 1)
        #expect(try store.verify() == [])
    }

    /// A pause of ours goes by another time in the order than one that somebody named.
    @Test func `a time that a job waits for by itself can be said`() throws {
        let store = try memory()
        let id = try store.put(job { $0.retries = 1 })
        try store.finish(try #require(try store.take()).lease, Outcome(status: 1), moment(1))
        let due = try store.show(id).due
        let change = edit { $0.due = .to(due) }
        #expect(try store.edit(id, change, by: someone, moment(2)) == ["at"])
        #expect(try store.edit(id, change, by: someone, moment(3)) == [])
    }

    /// Who is set aside behind a lock comes back when the one before him goes to another group.
    @Test func `who goes to another group leaves nobody waiting for his lock`() throws {
        let store = try memory()
        let first = try store.put(job { $0.lock = "l" })
        let second = try store.put(job { $0.lock = "l" }, moment(1))
        let third = try store.put(job { $0.lock = "l" }, moment(2))
        // The first has it, the second is set aside, the third behind him.
        let claimed = try #require(try store.take())
        #expect(claimed.lease.id == first)
        #expect(try store.take() == nil)
        try store.finish(claimed.lease, Outcome(status: 0), moment(3))
        #expect(try store.state(second) == .queued)
        try store.edit(second, edit { $0.group = "other" }, by: someone, moment(4))
        #expect(try store.state(third) == .queued)
        #expect(try store.verify() == [])
    }

    @Test func `other work goes to one that was not changed meanwhile, and takes the lock along`()
        throws
    {
        let store = try memory()
        let id = try store.put(
            job {
                $0.lock = "repository main"
                $0.name = "usual"
            })
        let former = try store.request(id)
        let new = job("new") { $0.lock = "repository other" }
        let usual = job("usual") { $0.lock = "repository main" }
        let change = edit { $0.work = .init(new, insteadOf: former, usual: usual) }
        #expect(
            try store.edit(id, change, by: someone, moment(1)) == ["lock", "name", "work"])
        #expect(throws: StoreFault.changedMeanwhile(job: "\(id)")) {
            try store.edit(id, change, by: someone, moment(2))
        }
        let claimed = try #require(try store.take())
        #expect(claimed.body == new.body && claimed.name == "new")
        #expect(try store.show(id).lock == "repository other")
        #expect(
            store.refuses(id, edit { $0.name = "x" })
                == .notNow(
                    job: "\(id)", state: "running; cancel it, and add another", wish: "edit"))
    }

    @Test func `no budget is smaller than what is spent`() throws {
        let store = try memory()
        let id = try store.put(job { $0.retries = 1 })
        let claimed = try #require(try store.take())
        var outcome = Outcome(status: 1)
        outcome.took = 2_000
        try store.finish(claimed.lease, outcome, moment(2_000))
        #expect(throws: StoreFault.self) {
            try store.edit(id, edit { $0.budget = .to(2_000) }, by: someone, moment(2_001))
        }
        #expect(
            try store.edit(id, edit { $0.budget = .to(2_001) }, by: someone, moment(2_001))
                == ["budget"])
    }

    @Test func `a name and a lock that somebody chose stay`() throws {
        let store = try memory()
        let id = try store.put(
            job {
                $0.lock = "chosen"
                $0.name = "mine"
            })
        let former = try store.request(id)
        let change = edit {
            $0.work = .init(job("new"), insteadOf: former, usual: job("true"))
        }
        #expect(try store.edit(id, change, by: someone, moment(1)) == ["work"])
        #expect(try store.show(id).lock == "chosen")
    }

    @Test func `what goes on behind a result does no other work`() throws {
        let store = try memory()
        let id = try store.put(job())
        let claimed = try #require(try store.take())
        try store.awaitReview(claimed.lease, moment(1))
        #expect(store.refuses(id, edit { $0.name = "x" })?.exit == .refused)
        try store.resumeAfterReview(id, moment(2))
        let former = try store.request(id)
        let work = edit { $0.work = .init(job("new"), insteadOf: former, usual: nil) }
        #expect(store.refuses(id, work)?.exit == .refused)
        #expect(store.refuses(id, edit { $0.retries = 3 }) == nil)
    }

    @Test func `what waits to be tried again is tried as it is said now`() throws {
        let store = try memory()
        let id = try store.put(job { $0.retries = 1 })
        let first = try #require(try store.take())
        try store.finish(first.lease, Outcome(status: 1), moment(1))
        #expect(try store.state(id) == .retrying)
        try store.edit(
            id,
            edit {
                $0.due = Changed.none
                $0.timeout = .to(77)
            }, by: someone, moment(2))
        #expect(try store.take(moment(3))?.timeout == 77)
    }

    @Test(
        arguments: [
            ("retries", 1_001), ("backoff", 0), ("priority", 1_001), ("timeout", -1),
        ] as [(String, Int64)])
    func `what add refuses is refused here, too`(what: String, value: Int64) throws {
        let store = try memory()
        let id = try store.put(job())
        let change = edit {
            switch what {
            case "retries": $0.retries = value
            case "backoff": $0.backoff = value
            case "priority": $0.priority = value
            default: $0.timeout = .to(value)
            }
        }
        #expect(store.refuses(id, change)?.exit == .invalid)
        #expect(try store.audit().count == 1)
    }
}

extension Store {
    /// Why; nil where it was done.
    fileprivate func refuses(_ id: RunID, _ edit: JobEdit) -> StoreFault? {
        do throws(StoreFault) { try self.edit(id, edit, by: someone, moment(9)) } catch {
            return error
        }
        return nil
    }
}
