import Records
import Smelt
import Testing

@testable import Store

/// Questions about results: asked once, answered once, and gone on with.
@Suite struct ReviewTests {
    private let run = RunID.make()

    private func question(
        _ change: (inout Review.Rules) -> Void = { _ in }, commit: String = "c0ffee",
        expires: Int64 = 60_000
    ) -> NewReview {
        var new = NewReview(
            run, commit: commit, question: Array("{}".utf8), expires: moment(expires).wall)
        change(&new.rules)
        return new
    }

    private func attempt(_ lease: Lease) -> CurrentAttempt {
        CurrentAttempt(store: "", job: lease.id, number: lease.attempt)
    }

    /// A job whose run has asked and ended.
    private func waiting(
        _ store: Store, _ change: (inout Review.Rules) -> Void = { _ in }
    ) throws -> (RunID, Review) {
        let id = try store.put(job())
        let claimed = try #require(try store.take())
        let review = try store.ask(
            question(change), of: attempt(claimed.lease), by: someone, moment())
        #expect(try store.awaitAnswer(claimed.lease, moment()))
        #expect(try store.state(id) == .awaitingReview)
        return (id, review)
    }

    private func say(
        _ store: Store, _ review: Review, _ word: ReviewDecided.Decision, by voter: String,
        after: Int64 = 1
    ) throws -> String {
        let reply = try store.answer(
            review, word, voter: voter, note: "so", by: someone, moment(after))
        return switch reply {
        case .decided(let review): review.decision?.word.rawValue ?? "nothing"
        case .counted(let yes, let wanted): "\(yes) of \(wanted)"
        case .notAsked(let names): "asked \(names)"
        case .over(let state): state.word
        }
    }

    private func log(_ store: Store, _ id: RunID) throws -> [String] {
        try store.records(of: id).records.map { String(decoding: $0.line, as: UTF8.self) }
    }

    @Test func `a yes lets the job go on, and is in its log and in the audit`() throws {
        let store = try memory()
        let (id, review) = try waiting(store)
        #expect(try say(store, review, .approved, by: "uid:5") == "approved")
        #expect(try store.state(id) == .queued)
        let decided = try #require(try log(store, id).first { $0.contains("review.decided") })
        #expect(decided.contains("\"run\":\"\(run)\""))
        #expect(decided.contains("\"actor\":\"uid:5\""))
        #expect(try store.audit().map(\.action) == ["add", "ask", "approve"])
        let next = try #require(try store.take())
        #expect(next.resume && next.lease.attempt == 2)
        #expect(try store.verify() == [])
    }

    @Test func `a job is decided once`() throws {
        let store = try memory()
        let (id, review) = try waiting(store)
        #expect(try say(store, review, .denied, by: "uid:5") == "denied")
        #expect(try say(store, review, .approved, by: "uid:6") == "denied")
        #expect(try log(store, id).count { $0.contains("review.decided") } == 1)
        #expect(try store.audit().map(\.action) == ["add", "ask", "deny"])
    }

    @Test func `an answer that comes before the run has ended lets it go on at once`() throws {
        let store = try memory()
        let id = try store.put(job())
        let lease = try #require(try store.take()).lease
        let review = try store.ask(question(), of: attempt(lease), by: someone, moment())
        #expect(try say(store, review, .approved, by: "uid:5") == "approved")
        #expect(try store.state(id) == .running)
        #expect(try store.awaitAnswer(lease, moment()))
        #expect(try store.state(id) == .queued)
        #expect(try log(store, id).count { $0.contains("review.decided") } == 1)
    }

    @Test func `where nothing was asked nothing is waited for`() throws {
        let store = try memory()
        let id = try store.put(job())
        let lease = try #require(try store.take()).lease
        #expect(try !store.awaitAnswer(lease, moment()))
        #expect(try store.state(id) == .running)
    }

    @Test func `as many must agree as the rules say, each once`() throws {
        let store = try memory()
        let (id, review) = try waiting(store) {
            $0.reviewers = ["uid:1", "uid:2", "uid:3"]
            $0.count = 2
        }
        #expect(
            try say(store, review, .approved, by: "uid:4") == #"asked ["uid:1", "uid:2", "uid:3"]"#)
        #expect(try say(store, review, .approved, by: "uid:1") == "1 of 2")
        #expect(try say(store, review, .approved, by: "uid:1") == "1 of 2")
        #expect(try store.state(id) == .awaitingReview)
        #expect(try say(store, review, .approved, by: "uid:3", after: 2) == "approved")
        #expect(try store.review(named: id)?.decision?.actor == "uid:1, uid:3")
    }

    @Test func `one no among several is a no`() throws {
        let store = try memory()
        let (_, review) = try waiting(store) { $0.count = 2 }
        #expect(try say(store, review, .approved, by: "uid:1") == "1 of 2")
        #expect(try say(store, review, .denied, by: "uid:2") == "denied")
    }

    @Test func `the owner decides alone, and not before the time`() throws {
        let store = try memory()
        let (_, review) = try waiting(store) {
            $0.reviewers = ["uid:1", "uid:2"]
            $0.count = 2
            $0.owner = .init("uid:9", from: moment(1000).wall)
        }
        #expect(try say(store, review, .approved, by: "uid:9", after: 999).hasPrefix("asked"))
        #expect(try say(store, review, .approved, by: "uid:9", after: 1000) == "approved")
    }

    @Test func `silence closes the question, whoever notices it first`() throws {
        let store = try memory()
        let (id, review) = try waiting(store)
        #expect(try store.firstReviewExpiry() == moment(60_000).wall)
        try store.expireReviews(moment(59_999))
        #expect(try store.state(id) == .awaitingReview)
        #expect(try say(store, review, .approved, by: "uid:5", after: 60_000) == "expired")
        #expect(try store.state(id) == .queued)
    }

    @Test func `the daemon closes what nobody answered`() throws {
        let store = try memory()
        let (id, _) = try waiting(store)
        try store.expireReviews(moment(60_000))
        #expect(try store.state(id) == .queued)
        #expect(try store.review(named: id)?.decision?.word == .expired)
        #expect(try store.firstReviewExpiry() == nil)
    }

    @Test func `an attempt that is gone can ask nothing`() throws {
        let store = try memory()
        _ = try store.put(job())
        let lease = try #require(try store.take()).lease
        try store.giveBack(lease, why: "stopped", moment())
        #expect(throws: StoreFault.leaseGone(job: lease.id.description)) {
            try store.ask(question(), of: attempt(lease), by: someone, moment())
        }
        _ = try #require(try store.take())
        #expect(throws: StoreFault.leaseGone(job: lease.id.description)) {
            try store.ask(question(), of: attempt(lease), by: someone, moment())
        }
    }

    @Test func `an attempt is known by its name where its number comes again`() throws {
        let store = try memory()
        _ = try store.put(job())
        let claimed = try #require(try store.take())
        let (id, number) = (claimed.lease.id, claimed.lease.attempt)
        let own = CurrentAttempt(store: "", job: id, number: number, run: claimed.run)
        let other = CurrentAttempt(store: "", job: id, number: number, run: .make())
        #expect(throws: StoreFault.leaseGone(job: id.description)) {
            try store.ask(question(), of: other, by: someone, moment())
        }
        _ = try store.ask(question(), of: own, by: someone, moment())
    }

    @Test func `nobody answers the question of a run that was begun anew`() throws {
        let store = try memory()
        let id = try store.put(job())
        let lease = try #require(try store.take()).lease
        let review = try store.ask(question(), of: attempt(lease), by: someone, moment())
        try store.giveBack(lease, why: "stopped", moment())
        #expect(try say(store, review, .approved, by: "uid:5") == "queued")
        _ = try #require(try store.take())
        #expect(try store.openReviews(moment()).isEmpty)
        #expect(try store.review(named: id) == nil)
        #expect(throws: StoreFault.unknownJob(id.description)) {
            try say(store, review, .approved, by: "uid:5")
        }
        #expect(try store.audit().map(\.action) == ["add", "ask"])
    }

    @Test func `a question that was asked behind the result is answered while its job is queued`()
        throws
    {
        let store = try memory()
        let (id, first) = try waiting(store)
        #expect(try say(store, first, .denied, by: "uid:5") == "denied")
        let lease = try #require(try store.take()).lease
        try store.askAgain(first.jobNumber)
        let review = try store.ask(question(), of: attempt(lease), by: someone, moment())
        #expect(review.isCurrent)
        try store.giveBack(lease, why: "stopped", moment())
        #expect(try store.state(id) == .queued)
        #expect(try say(store, review, .approved, by: "uid:5") == "approved")
        _ = try #require(try store.take())
        #expect(try store.review(named: id)?.decision?.word == .approved)
    }

    @Test func `a rule says nothing where somebody has answered`() throws {
        let store = try memory()
        let (_, review) = try waiting(store)
        #expect(try say(store, review, .denied, by: "uid:5") == "denied")
        let lease = try #require(try store.take()).lease
        let rule = ReviewDecided(decision: .approved, commit: "c0ffee", actor: "auto_accept[0]")
        let stands = try store.accept(
            question(), as: rule, of: attempt(lease), by: someone, moment())
        #expect(stands.record?.decision == .denied)
        #expect(try store.audit().map(\.action) == ["add", "ask", "deny"])
    }

    @Test func `what failed behind the result by its sessions is not tried again`() throws {
        let store = try memory()
        let id = try store.put(job { $0.retries = 3 })
        let lease = try #require(try store.take()).lease
        let review = try store.ask(question(), of: attempt(lease), by: someone, moment())
        #expect(try store.awaitAnswer(lease, moment()))
        #expect(try say(store, review, .approved, by: "uid:5") == "approved")
        let next = try #require(try store.take()).lease
        #expect(try store.finish(next, Outcome(status: 1), moment()) == .failed)
        #expect(try store.state(id) == .failed)
    }

    @Test func `the same question asked again is the one that is there`() throws {
        let store = try memory()
        _ = try store.put(job())
        let lease = try #require(try store.take()).lease
        let first = try store.ask(question(), of: attempt(lease), by: someone, moment())
        let again = try store.ask(question(), of: attempt(lease), by: someone, moment(5))
        #expect(first.number == again.number && again.asked == first.asked)
        let other = try store.ask(
            question(commit: "beef"), of: attempt(lease), by: someone, moment(6))
        #expect(other.number != first.number || other.commit == "beef")
        #expect(try store.openReviews(moment(6)).map(\.commit) == ["beef"])
    }

    @Test func `nobody is asked about a job that is over, and its questions go with it`() throws {
        let store = try memory()
        let (id, review) = try waiting(store)
        try store.cancel(id, by: someone, moment())
        #expect(try store.openReviews(moment()).isEmpty)
        #expect(try say(store, review, .approved, by: "uid:5") == "cancelled")
        #expect(try store.prune(before: .max, by: someone, moment(9)) == 1)
        #expect(try store.database.number("SELECT count(*) FROM reviews") == 0)
        #expect(try store.verify() == [])
    }
}
