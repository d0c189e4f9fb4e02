package import Smelt

/// What a job's owner set for its retries.
struct RetryPolicy {
    let retries: Int64
    let backoff: Int64
    let budget: Int64?
}

extension Store {
    func policy(of job: Int64) throws(StoreFault) -> RetryPolicy {
        let found = try database.first(
            "SELECT retries, backoff, budget FROM requests WHERE job = ?", .number(job)
        ) { (row) throws(StoreFault) in
            RetryPolicy(
                retries: row.number(0), backoff: try row.sound(1), budget: row.optional(2))
        }
        guard let found else { throw .damaged(path, what: "job \(job) has no request") }
        return found
    }

    /// Says how an attempt ended; answers what became of the job. Whose lease is gone is refused, and nothing changes.
    @discardableResult
    package func finish(
        _ lease: Lease, _ outcome: Outcome, _ now: Instant
    ) throws(StoreFault) -> JobState {
        try step(now) { () throws(StoreFault) in
            let old = try row(lease)
            try close(old, status: Int64(outcome.status), why: outcome.code, now)
            var new = old
            free(&new)
            new.token += 1
            new.status = Int64(outcome.status)
            new.reason = outcome.code
            spend(outcome.took, of: &new, now)
            let policy = try policy(of: old.job)
            var verdict = RetryRules.judge(
                outcome,
                Trials(
                    tries: old.tries, bugs: old.bugs, retries: policy.retries, spent: new.spent,
                    budget: policy.budget))
            // Its sessions are not run again behind the result, and people have looked at that as it is.
            if old.resume, outcome.status == 1, try !plannedRun(old) {
                verdict = .over(RetryRules.end(of: outcome))
            }
            switch verdict {
            case .over(let state):
                // Who was asked to stop and had nothing else to say has stopped.
                let asked = old.cancel && ![.succeeded, .gatesFailed].contains(state)
                if asked { new.reason = old.reason ?? new.reason }
                return try over(old, new, asked ? .cancelled : state, now)
            case .later where old.cancel, .again where old.cancel:
                new.reason = old.reason ?? new.reason
                return try over(old, new, .cancelled, now)
            case .later(let time):
                // A time that is past says nothing: its clock is not ours.
                new.due =
                    time.flatMap { $0 >= now.wall ? $0 : nil }
                    ?? now.wall
                    + RetryRules.pause(
                        first: policy.backoff, tries: old.attempt - 1, using: &dice)
            case .again(let avoiding, let bug):
                new.tries += 1
                if bug { new.bugs += 1 }
                if avoiding { avoid(&new) }
                new.due =
                    now.wall
                    + RetryRules.pause(first: policy.backoff, tries: old.tries, using: &dice)
            }
            if !old.resume, outcome.status != 1, try goesOnBehindResult(old, outcome) {
                new.resume = true
            }
            new.state = try rest(new, now)
            try put(old, new, now)
            return new.state
        }
    }

    private func over(
        _ old: JobRow, _ new: JobRow, _ state: JobState, _ now: Instant
    ) throws(StoreFault) -> JobState {
        try end(old, new, as: state, now, why: new.reason)
        return state
    }

    /// What an attempt took goes from the job's budget. Without a word of who ran it, the wall's clock says it, which may have been
    /// set meanwhile.
    func spend(_ took: Int64?, of row: inout JobRow, _ now: Instant) {
        row.spent += max(0, took ?? now.wall - (row.started ?? now.wall))
    }

    private func avoid(_ row: inout JobRow) {
        row.avoid = row.avoid.map { "\($0)\n\(row.worker ?? "")" } ?? row.worker ?? ""
    }

    /// Its result waits for a person: nobody has it until `resume`.
    package func awaitReview(
        _ lease: Lease, took: Int64? = nil, _ now: Instant
    ) throws(StoreFault) {
        try step(now) { () throws(StoreFault) in
            let old = try row(lease)
            // Nobody need be asked about what is not wanted any more.
            guard var new = try letGo(old, old, why: "review", now) else { return }
            new.reason = old.reason
            // Its time had come: a clock that is set back does not keep it from going on.
            new.due = 0
            new.state = .awaitingReview
            spend(took, of: &new, now)
            try put(old, new, now)
        }
    }

    /// There is an answer: the job goes on from where it waited.
    package func resumeAfterReview(_ id: RunID, _ now: Instant) throws(StoreFault) {
        try step(now) { () throws(StoreFault) in
            let old = try row(named: id.description)
            guard old.state == .awaitingReview else {
                throw .notNow(job: old.id, state: old.state.word, wish: "resume")
            }
            var new = old
            new.resume = true
            try settle(old, new, now)
        }
    }
}
