import Smelt
import Testing

@testable import Store

/// Which machine gets which job.
@Suite struct PlacingTests {
    private func claim(
        _ store: Store, _ workers: [String], here: String? = nil
    ) throws -> Claimed? {
        let claimant = Claimant(
            owner: "daemon", workers: workers, here: here, fleet: Set(workers))
        return try store.claim(claimant, moment())
    }

    @Test func `who runs manifests gets no command, and the other way round`() throws {
        let store = try memory()
        let command = try store.put(job())
        #expect(try claim(store, ["far"]) == nil)
        let manifest = try store.put(NewJob(.manifest, name: "m", body: []))
        #expect(try claim(store, ["far"])?.lease.id == manifest)
        #expect(try claim(store, [], here: "")?.lease.id == command)
        #expect(try claim(store, [""], here: "") == nil)
    }

    @Test func `what is for one machine takes its turn with what is for another`() throws {
        let store = try memory()
        func claim() throws -> Claimed? { try self.claim(store, ["far", "near"], here: "") }
        let manifests = try (0..<3).map { _ in
            try store.put(NewJob(.manifest, name: "m", body: []))
        }
        var urgent = job()
        urgent.priority = 10
        let command = try store.put(urgent)
        var other = job()
        other.group = "other"
        let fair = try store.put(other)
        let got = try (0..<5).compactMap { _ in try claim() }
        #expect(got.map(\.lease.id) == [command, fair] + manifests)
        #expect(got.map(\.worker) == ["", "", "far", "far", "far"])
        #expect(try claim() == nil)
    }

    @Test func `what goes on behind a result needs no worker`() throws {
        let store = try memory()
        let id = try store.put(NewJob(.manifest, name: "m", body: []))
        let first = try #require(try claim(store, ["far"]))
        let attempt = CurrentAttempt(store: "", job: id, number: 1, run: first.run)
        let new = NewReview(
            first.run, commit: "c0ffee", question: [], expires: moment(9).wall)
        let review = try store.ask(new, of: attempt, by: someone, moment())
        #expect(try store.awaitAnswer(first.lease, moment()))
        _ = try store.answer(review, .approved, voter: "uid:1", note: nil, by: someone, moment())
        #expect(try claim(store, ["far"]) == nil)
        #expect(try claim(store, [], here: "")?.resume == true)
        #expect(try store.loads() == ["": 1])
    }

    @Test func `what each worker has is counted until it is over`() throws {
        let store = try memory()
        for _ in 0..<3 { _ = try store.put(job()) }
        let first = try #require(try store.take(worker: "one"))
        _ = try store.take(worker: "two")
        _ = try store.take(worker: "one")
        #expect(try store.loads() == ["one": 2, "two": 1])
        try store.finish(first.lease, Outcome(status: 0), moment())
        #expect(try store.loads() == ["one": 1, "two": 1])
    }

    @Test func `where a job was tried in vain is known`() throws {
        let store = try memory()
        _ = try store.put(job())
        let first = try #require(try store.take(worker: "one"))
        let outcome = Outcome(status: 69, elsewhere: true)
        #expect(try store.finish(first.lease, outcome, moment()) == .retrying)
        try store.advance(moment(400_000))
        let again = Claimant(owner: "daemon", worker: "one")
        #expect(try store.claim(again, moment(400_000)) == nil)
        let next = try #require(
            try store.claim(Claimant(owner: "daemon", worker: "two"), moment(400_000)))
        let placement = try #require(try store.placement(of: next.lease))
        #expect(placement.worker == "two")
        #expect(placement.avoided == ["one"])
    }
}
