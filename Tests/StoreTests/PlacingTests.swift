import Smelt
import Testing

@testable import Store

/// Which machine gets which job.
@Suite struct PlacingTests {
    private func claim(
        _ store: Store, _ worker: String, _ kinds: Claimant.Kinds
    ) throws -> Claimed? {
        try store.claim(Claimant(owner: "daemon", worker: worker, kinds: kinds), moment())
    }

    @Test func `who runs manifests gets no command, and the other way round`() throws {
        let store = try memory()
        let command = try store.put(job())
        #expect(try claim(store, "far", .manifests) == nil)
        let manifest = try store.put(NewJob(.manifest, name: "m", body: []))
        #expect(try claim(store, "far", .manifests)?.lease.id == manifest)
        #expect(try claim(store, "", .others)?.lease.id == command)
        #expect(try claim(store, "", .all) == nil)
    }

    @Test func `what goes on behind a result needs no worker`() throws {
        let store = try memory()
        let id = try store.put(NewJob(.manifest, name: "m", body: []))
        let first = try #require(try claim(store, "far", .manifests))
        let attempt = CurrentAttempt(store: "", job: id, number: 1, run: first.run)
        let new = NewReview(
            first.run, commit: "c0ffee", question: [], expires: moment(9).wall)
        let review = try store.ask(new, of: attempt, by: someone, moment())
        #expect(try store.awaitAnswer(first.lease, moment()))
        _ = try store.answer(review, .approved, voter: "uid:1", note: nil, by: someone, moment())
        #expect(try claim(store, "far", .manifests) == nil)
        #expect(try claim(store, "", .others)?.resume == true)
        #expect(try store.loads() == ["": 1])
    }

    @Test func `what each worker has is counted until it is over`() throws {
        let store = try memory()
        for _ in 0..<3 { _ = try store.put(job()) }
        let first = try #require(try claim(store, "one", .all))
        _ = try claim(store, "two", .all)
        _ = try claim(store, "one", .all)
        #expect(try store.loads() == ["one": 2, "two": 1])
        try store.finish(first.lease, Outcome(status: 0), moment())
        #expect(try store.loads() == ["one": 1, "two": 1])
    }

    @Test func `where a job was tried in vain is known`() throws {
        let store = try memory()
        _ = try store.put(job())
        let first = try #require(try claim(store, "one", .all))
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
