package import Smelt

/// What people do with jobs that are there. Each is audited.
extension Store {
    /// Ends a job that nobody has; asks whoever has it to stop it. Nothing is changed of one that is over.
    @discardableResult
    package func cancel(
        _ id: RunID, by actor: Actor, why: String? = nil, _ now: Instant
    ) throws(StoreFault) -> JobState {
        try step(now) { () throws(StoreFault) in
            let old = try row(named: id.description)
            guard !old.state.isOver else {
                throw .notNow(job: old.id, state: old.state.word, wish: "cancel")
            }
            try note(actor, "cancel", old.id, [("why", why)], now)
            guard old.state.isTaken else {
                try end(old, as: .cancelled, now, why: why)
                return .cancelled
            }
            guard !old.cancel else { return old.state }
            var new = old
            new.cancel = true
            new.reason = why
            try put(old, new, now)
            return new.state
        }
    }

    /// Keeps a job from being begun until it is released.
    @discardableResult
    package func hold(_ id: RunID, by actor: Actor, _ now: Instant) throws(StoreFault) -> JobState {
        try step(now) { () throws(StoreFault) in
            let old = try row(named: id.description)
            guard !old.state.isOver, !old.state.isTaken, old.state != .awaitingReview else {
                throw .notNow(job: old.id, state: old.state.word, wish: "hold")
            }
            try note(actor, "hold", old.id, [], now)
            guard !old.hold else { return old.state }
            var new = old
            new.hold = true
            try settle(old, new, now)
            return .held
        }
    }

    @discardableResult
    package func release(_ id: RunID, by actor: Actor, _ now: Instant) throws(StoreFault)
        -> JobState
    {
        try step(now) { () throws(StoreFault) in
            let old = try row(named: id.description)
            guard old.state == .held else {
                throw .notNow(job: old.id, state: old.state.word, wish: "release")
            }
            try note(actor, "release", old.id, [], now)
            var new = old
            new.hold = false
            try settle(old, new, now)
            return try row(old.job).state
        }
    }

    /// Begins again what is over, or what waits to be tried again; with `resume`, from where it failed. It counts anew what it
    /// may be tried, and enters its slot behind the others. A schedule goes on with its next time.
    @discardableResult
    package func retry(
        _ id: RunID, resume: Bool = false, by actor: Actor, _ now: Instant
    ) throws(StoreFault) -> JobState {
        let log = resume ? try logToResume(id) : nil
        return try step(now) { () throws(StoreFault) in
            let old = try row(named: id.description)
            guard old.state.isOver || old.state == .retrying else {
                throw .notNow(job: old.id, state: old.state.word, wish: "retry")
            }
            if let log { try prepareToResume(old, log, now) }
            try note(actor, "retry", old.id, [("resume", resume ? "yes" : nil)], now)
            var new = old
            new.reason = nil
            new.resume = resume
            new.due =
                try old.every.map { every throws(StoreFault) in try nextTime(of: every, now) } ?? 0
            (new.tries, new.bugs, new.losses, new.spent) = (0, 0, 0, 0)
            (new.avoid, new.cancel, new.hold, new.finished) = (nil, false, false, nil)
            // What it needs and what can not be any more is overruled.
            new.waits =
                try database.number(
                    "SELECT count(*) FROM needs WHERE job = ? AND met = 0", .number(old.job)) ?? 0
            if old.state.isOver {
                if let key = old.unique, case .existing(let there, _)? = try holder(ofKey: key) {
                    throw .notNow(
                        job: old.id, state: "followed by \(there), which has its key",
                        wish: "retry")
                }
                // A schedule is in no slot; what it makes is.
                if old.every == nil, let slot = old.slot {
                    switch try enter(slot: slot, .queue, now) {
                    case .refused:
                        throw .notNow(
                            job: old.id, state: "one too many for its slot", wish: "retry")
                    case .place(let place): new.place = place
                    }
                }
            }
            new.state = try rest(new, now)
            try put(old, new, now)
            return new.state
        }
    }

    package func setPriority(
        _ id: RunID, _ priority: Int64, by actor: Actor, _ now: Instant
    ) throws(StoreFault) {
        guard NewJob.priorities.contains(priority) else {
            throw .invalid("priority \(priority) is not from -1000 to 1000")
        }
        try step(now) { () throws(StoreFault) in
            let old = try row(named: id.description)
            guard !old.state.isOver else {
                throw .notNow(job: old.id, state: old.state.word, wish: "change")
            }
            try note(actor, "priority", old.id, [("to", "\(priority)")], now)
            var new = old
            new.priority = priority
            new.rank += (old.priority - priority) * JobRow.point
            try put(old, new, now, told: false)
            // Somebody else may be next in line now.
            if let lock = old.lock { consequences.append(.freed(lock: lock)) }
        }
    }
}
