package import Records
internal import Smelt

/// What became of somebody's answer.
package enum ReviewReply: Sendable {
    /// That is the answer now, or was it already; not always the one that was given.
    case decided(Review)
    /// A yes of so many that are needed.
    case counted(yes: Int64, of: Int64)
    /// Others were asked.
    case notAsked([String])
    /// Its job is over, or is to begin anew.
    case over(JobState)
}

/// Reviews: a run asks, ends, and its job waits; who answers decides once, in one transaction, and with the decision the job
/// goes on.
extension Store {
    /// Asks, for an attempt that still counts; a question about the same result stands as it is, with its answer.
    package func ask(
        _ new: NewReview, of attempt: CurrentAttempt, by actor: Actor, _ now: Instant
    ) throws(StoreFault) -> Review {
        try step(now) { () throws(StoreFault) in
            let row = try row(of: attempt)
            if let known = try review(of: row.job) {
                if known.run == new.run, known.commit == new.commit { return known }
                try leave(known)
            }
            let names = new.rules.reviewers.joined(separator: "\n")
            try database.run(
                """
                INSERT INTO reviews (job, run, commit_id, question, asked, expires, need, reviewers, owner, owner_from)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                .number(row.job), .text(new.run.description), .text(new.commit),
                .bytes(new.question), .number(now.wall), .number(new.expires),
                .number(new.rules.count), names.isEmpty ? .null : .text(names),
                Value(new.rules.owner?.name), Value(new.rules.owner?.from))
            try note(
                actor, "ask", row.id,
                [
                    ("run", new.run.description), ("commit", new.commit),
                    ("expires", Timestamp(milliseconds: new.expires).description),
                ], now)
            guard let made = try review(of: row.job) else {
                throw .bug("a review that was asked is not there")
            }
            return made
        }
    }

    /// A rule of the job's answers itself, and nobody is asked.
    @discardableResult
    package func accept(
        _ new: NewReview, as answer: ReviewDecided, of attempt: CurrentAttempt, by actor: Actor,
        _ now: Instant
    ) throws(StoreFault) -> Review {
        try step(now) { () throws(StoreFault) in
            let known = try ask(new, of: attempt, by: actor, now)
            guard known.decision == nil else { return known }
            try note(
                actor, "accept", known.job.description,
                [
                    ("run", known.run.description), ("commit", known.commit),
                    ("by", answer.actor), ("note", answer.note),
                ], now)
            return try decide(
                known, answer.decision, actor: answer.actor, note: answer.note, now)
        }
    }

    /// A question that counts no more. One without an answer goes.
    private func leave(_ review: Review) throws(StoreFault) {
        if review.decision == nil {
            try database.run("DELETE FROM reviews WHERE review = ?", .number(review.number))
        } else {
            try database.run(
                "UPDATE reviews SET current = 0 WHERE review = ?", .number(review.number))
        }
    }

    /// The job's run is begun anew: an answer about the result of the one before would have no effect.
    func leaveReview(of job: Int64) throws(StoreFault) {
        if let known = try review(of: job) { try leave(known) }
    }

    /// What was denied or not answered is asked again when the job goes on.
    func askAgain(_ job: Int64) throws(StoreFault) {
        guard let known = try review(of: job), known.decision?.word != .approved else { return }
        try leave(known)
    }

    /// Gives an answer. `voter` is the name in the record, `actor` who he is for the audit.
    package func answer(
        _ review: Review, _ word: ReviewDecided.Decision, voter: String, note text: String?,
        by actor: Actor, _ now: Instant
    ) throws(StoreFault) -> ReviewReply {
        try step(now) { () throws(StoreFault) in
            guard let known = try reviews("WHERE review = ?", [.number(review.number)]).first else {
                throw .unknownJob(review.job.description)
            }
            if known.decision != nil { return .decided(known) }
            guard try waits(for: known) else { return .over(known.jobState) }
            guard known.expires > now.wall else {
                return .decided(try decide(known, .expired, actor: nil, note: nil, now))
            }
            guard known.rules.lets(voter, at: now.wall) else {
                return .notAsked(known.rules.reviewers)
            }
            let number: Int64 = word == .approved ? 0 : 1
            try database.run(
                "INSERT OR REPLACE INTO votes (review, voter, decision, note, time) VALUES (?, ?, ?, ?, ?)",
                .number(known.number), .text(voter), .number(number), Value(text),
                .number(now.wall))
            try note(
                actor, word == .approved ? "approve" : "deny", known.job.description,
                [
                    ("run", known.run.description), ("commit", known.commit), ("by", voter),
                    ("note", text),
                ], now)
            guard word == .approved, !known.rules.isOwner(voter, at: now.wall) else {
                return .decided(try decide(known, word, actor: voter, note: text, now))
            }
            let yes = try database.all(
                "SELECT voter FROM votes WHERE review = ? AND decision = 0 ORDER BY time, voter",
                .number(known.number)
            ) { $0.text(0) }
            guard yes.count >= known.rules.count else {
                return .counted(yes: Int64(yes.count), of: known.rules.count)
            }
            return .decided(
                try decide(
                    known, word, actor: yes.joined(separator: ", "), note: text, now))
        }
    }

    /// Whether an answer has an effect: what is to begin anew asks anew.
    private func waits(for review: Review) throws(StoreFault) -> Bool {
        if review.jobState.isTaken || review.jobState == .awaitingReview { return true }
        guard !review.jobState.isOver else { return false }
        return try row(review.jobNumber).resume
    }

    private func decide(
        _ review: Review, _ word: ReviewDecided.Decision, actor: String?, note: String?,
        _ now: Instant
    ) throws(StoreFault) -> Review {
        let decision = Review.Decision(word: word, actor: actor, note: note, time: now.wall)
        try database.run(
            "UPDATE reviews SET decision = ?, actor = ?, note = ?, decided = ? WHERE review = ? AND decision IS NULL",
            .number(decision.number), Value(actor), Value(note), .number(now.wall),
            .number(review.number))
        guard database.changed == 1,
            let decided = try reviews("WHERE review = ?", [.number(review.number)]).first
        else { throw .bug("a review was decided twice") }
        if decided.jobState == .awaitingReview { try goOn(with: decided, now) }
        return decided
    }

    /// The answer goes into the log, and the job goes on from where it waited.
    private func goOn(with review: Review, _ now: Instant) throws(StoreFault) {
        guard let record = review.record else { return }
        var row = try row(review.jobNumber)
        let line: [UInt8]
        do throws(RecordFault) {
            line = try RecordJSON.line(
                record, run: review.run, at: Timestamp(milliseconds: now.wall))
        } catch { throw .bug("\(error)") }
        row.seq += 1
        try append(line, count: 1, first: row.seq, job: row.job)
        try database.run(
            "UPDATE jobs SET seq = ? WHERE job = ?", .number(row.seq), .number(row.job))
        try resumeAfterReview(review.job, now)
    }

    /// The run ended and left a question: its job waits for the answer, or goes on at once with one that is there. False where
    /// nothing was asked, and nothing changed.
    package func awaitAnswer(
        _ lease: Lease, took: Int64? = nil, _ now: Instant
    ) throws(StoreFault) -> Bool {
        try step(now) { () throws(StoreFault) in
            guard let review = try review(of: lease.job) else { return false }
            try awaitReview(lease, took: took, now)
            let isWaiting = try row(lease.job).state == .awaitingReview
            if isWaiting, review.decision != nil { try goOn(with: review, now) }
            return true
        }
    }

    /// Closes the questions whose time is up, up to so many.
    package func expireReviews(_ now: Instant, most: Int64 = 100) throws(StoreFault) {
        // Asked all the time, and seldom is there anything.
        guard let first = try firstReviewExpiry(), first <= now.wall else { return }
        let due = """
            WHERE r.current = 1 AND decision IS NULL AND r.expires <= ? AND j.state = 5 ORDER BY r.expires LIMIT \(most)
            """
        try step(now) { () throws(StoreFault) in
            for review in try reviews(due, [.number(now.wall)]) {
                _ = try decide(review, .expired, actor: nil, note: nil, now)
            }
        }
    }

    /// When the first question of a job that waits is closed, in milliseconds since 1970.
    package func firstReviewExpiry() throws(StoreFault) -> Int64? {
        try database.number(
            """
            SELECT min(r.expires) FROM reviews r JOIN jobs j USING (job)
            WHERE r.current = 1 AND r.decision IS NULL AND j.state = 5
            """)
    }

    /// Nobody waits for an answer that is there.
    func verifyReviews() throws(StoreFault) -> [String] {
        try database.all(
            """
            SELECT j.id FROM jobs j JOIN reviews r USING (job)
            WHERE j.state = 5 AND r.current = 1 AND r.decision IS NOT NULL
            """
        ) { "job \($0.text(0)) waits for an answer that was given" }
    }
}
