import FoundationEssentials
import Glibc
import Records
import Smelt
import Store

/// The question of a run that the queue's daemon began: it is kept in the queue, nobody waits with it, and the answer lets the
/// job go on.
struct QueuedReview {
    let attempt: CurrentAttempt
    private(set) var asked: Review?
    private var known: Bool?

    /// Nil where the answer is waited for in the pipe.
    init?() throws(StoreFault) {
        guard Environment.nonEmpty("SMELT_REVIEW") == "queue",
            let attempt = try CurrentAttempt.current()
        else { return nil }
        self.attempt = attempt
    }

    mutating func ask(
        _ request: ReviewFiles.Request, of run: RunID, _ rules: ReviewRules
    ) throws -> Review {
        var new = try question(request, of: run)
        new.rules = try Reviewers.rules(rules, asked: request.asked)
        let review = try attempt.open().ask(new, of: attempt, by: .caller, .now())
        asked = review
        return review
    }

    /// Whether this was asked before the run went on.
    mutating func knows(_ commit: String, of run: RunID) throws -> Bool {
        if let known { return known }
        let found = try asked == nil && look(at: run)?.isCurrent(of: commit, in: run) == true
        known = found
        return found
    }

    /// Keeps that a rule answered, and when. Answers what counts: who has answered before comes before the rule.
    func accept(
        _ request: ReviewFiles.Request, of run: RunID, _ answer: ReviewDecided
    ) throws -> ReviewDecided {
        try attempt.open().accept(
            try question(request, of: run), as: answer, of: attempt, by: .caller, .now()
        ).record ?? answer
    }

    private func question(_ request: ReviewFiles.Request, of run: RunID) throws -> NewReview {
        NewReview(
            run, commit: request.commit, question: try request.encoded,
            expires: request.expires.milliseconds)
    }

    /// The question as it stands now.
    func look(at run: RunID) throws -> Review? {
        try attempt.open().review(named: run)
    }
}

/// Questions in the queue, for the commands.
enum QueuedReviews {
    /// Nil where there is no queue.
    static func store(state: String) throws -> Store? {
        let path = "\(state)/smelt.db"
        guard Files.exists(path) else { return nil }
        var options = Store.Options()
        options.isBrief = true
        return try Store(path, options)
    }

    /// The answer that stands; nil while others have to agree.
    static func answer(
        _ review: Review, _ word: ReviewDecided.Decision, note: String?, in store: Store
    ) throws -> ReviewFiles.Decision? {
        let reply = try store.answer(
            review, word, voter: SmeltReview.caller, note: note, by: .caller, .now())
        switch reply {
        case .decided(let review):
            guard let decision = review.fileDecision else { throw ReviewFault.unknown(review.run) }
            if decision.decision == .expired {
                throw ReviewFault.tooLate(
                    Timestamp(milliseconds: review.expires), job: review.job)
            }
            return decision
        case .counted(let yes, let wanted):
            say("smelt-review: \(yes) of \(wanted) have agreed\n")
            return nil
        case .notAsked(let reviewers):
            throw ReviewFault.notAsked(SmeltReview.caller, reviewers: reviewers)
        case .over(let state): throw ReviewFault.jobOver(review.job, state: state.word)
        }
    }
}

extension Review {
    func isCurrent(of commit: String, in run: RunID) -> Bool {
        isCurrent && self.commit == commit && self.run == run
    }

    func request() throws -> ReviewFiles.Request {
        do { return try JSONDecoder().decode(ReviewFiles.Request.self, from: Data(question)) } catch
        {
            throw ReviewFault.unreadable("the question about run \(run)")
        }
    }

    var fileDecision: ReviewFiles.Decision? {
        decision.map {
            ReviewFiles.Decision(
                decision: $0.word, commit: commit, actor: $0.actor ?? "nobody", note: $0.note,
                time: Timestamp(milliseconds: $0.time))
        }
    }
}
