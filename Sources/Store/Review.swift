package import Records
package import Smelt

/// A question about a result, and what became of it.
package struct Review: Sendable {
    let number: Int64
    let jobNumber: Int64
    package let job: RunID
    package let jobState: JobState
    /// Whose result it is.
    package let run: RunID
    package let commit: String
    /// What people read of it, as whoever asked wrote it.
    package let question: [UInt8]
    /// Milliseconds since 1970, as all times here.
    package let asked: Int64
    package let expires: Int64
    package let rules: Rules
    package let decision: Decision?
    /// None was asked about the job since.
    package let isCurrent: Bool

    /// Who may answer, and how many have to agree.
    package struct Rules: Sendable, Equatable {
        /// Names as in `review.decided`; empty is anybody who may write here.
        package var reviewers: [String] = []
        /// So many yeses are one; a single no is a no.
        package var count: Int64 = 1
        /// From when on this one may decide alone.
        package var owner: Owner?

        package struct Owner: Sendable, Equatable {
            package let name: String
            package let from: Int64

            package init(_ name: String, from: Int64) {
                self.name = name
                self.from = from
            }
        }

        package init() {}

        /// Whether that one's answer counts at that time.
        package func lets(_ name: String, at time: Int64) -> Bool {
            reviewers.isEmpty || reviewers.contains(name) || isOwner(name, at: time)
        }

        func isOwner(_ name: String, at time: Int64) -> Bool {
            owner.map { $0.name == name && $0.from <= time } ?? false
        }
    }

    package struct Decision: Sendable, Equatable {
        package let word: ReviewDecided.Decision
        package let actor: String?
        package let note: String?
        package let time: Int64

        /// The numbers are those in the file.
        static let words: [ReviewDecided.Decision] = [.approved, .denied, .expired]
        var number: Int64 { Int64(Self.words.firstIndex(of: word) ?? 2) }
    }

    package var record: ReviewDecided? {
        decision.map {
            ReviewDecided(decision: $0.word, commit: commit, actor: $0.actor, note: $0.note)
        }
    }
}

/// A question that is to be asked.
package struct NewReview: Sendable {
    package let run: RunID
    package let commit: String
    package let question: [UInt8]
    package let expires: Int64
    package var rules = Review.Rules()

    package init(_ run: RunID, commit: String, question: [UInt8], expires: Int64) {
        self.run = run
        self.commit = commit
        self.question = question
        self.expires = expires
    }
}

extension Store {
    /// The question that a job's result raised, the latest.
    func review(of job: Int64) throws(StoreFault) -> Review? {
        try reviews("WHERE r.job = ? AND r.current = 1", [.number(job)]).first
    }

    /// By the run whose result it is, or by the job: the latest.
    package func review(named id: RunID) throws(StoreFault) -> Review? {
        try reviews(
            "WHERE r.run = ?1 OR r.job = (SELECT job FROM jobs WHERE id = ?1) ORDER BY r.review DESC LIMIT 1",
            [.text(id.description)]
        ).first
    }

    /// All that wait for an answer, oldest first.
    package func openReviews(_ now: Instant) throws(StoreFault) -> [Review] {
        try reviews(
            """
            WHERE r.current = 1 AND r.decision IS NULL AND r.expires > ? AND j.state IN (4, 5, 7) ORDER BY r.review
            """, [.number(now.wall)])
    }

    func reviews(_ condition: String, _ values: [Value]) throws(StoreFault) -> [Review] {
        try database.query(
            """
            SELECT review, job, j.id, j.state, r.run, commit_id, question, asked, r.expires, need, reviewers, r.owner, owner_from,
            decision, actor, note, decided, current FROM reviews r JOIN jobs j USING (job) \(condition)
            """, values
        ) { (row) throws(StoreFault) in
            guard let job = RunID(row.text(2)), let run = RunID(row.text(4)) else {
                throw .damaged(path, what: "a review is of no run")
            }
            var rules = Review.Rules()
            rules.count = row.number(9)
            rules.reviewers =
                row.optionalText(10)?.split(separator: "\n").map(String.init) ?? []
            if let name = row.optionalText(11) {
                rules.owner = .init(name, from: row.number(12))
            }
            let decision = row.optional(13).map {
                Review.Decision(
                    word: Review.Decision.words[Int(min(max(0, $0), 2))],
                    actor: row.optionalText(14), note: row.optionalText(15), time: row.number(16))
            }
            return Review(
                number: row.number(0), jobNumber: row.number(1), job: job,
                jobState: JobState(rawValue: row.number(3)) ?? .failed, run: run,
                commit: row.text(5), question: row.bytes(6), asked: row.number(7),
                expires: row.number(8), rules: rules, decision: decision,
                isCurrent: row.number(17) == 1)
        }
    }
}
