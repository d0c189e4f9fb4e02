import Smelt

@testable import Store

/// Does the same to a store and to the model, by chance, and says where they part.
struct Agreement {
    let store: Store
    var model = Model()
    var dice: Dice
    var now = Instant(wall: 1_700_000_000_000, steady: 1_000, boot: "boot")
    /// Leases that somebody had, the latest last; most of them are gone.
    var leases: [Lease] = []
    var trace: [String] = []
    let actor = Actor(uid: 1000, host: "here")

    init(seed: UInt64) throws {
        var options = Store.Options()
        options.seed = seed
        store = try Store(inMemory: options)
        dice = Dice(seed: seed &+ 1)
    }

    mutating func roll(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &dice) }
    mutating func chance(_ percent: Int) -> Bool { roll(1...100) <= percent }

    mutating func any<T>(_ list: [T]) -> T? { list.isEmpty ? nil : list[roll(0...list.count - 1)] }

    /// Runs so many steps; a sentence where store and model differ.
    mutating func run(steps: Int) throws -> String? {
        for _ in 0..<steps {
            if chance(60) {
                let pause = Int64(any([1, 10, 1_000, 20_000, 400_000]) ?? 1)
                now.wall += pause
                now.steady += pause
            }
            if let wrong = try step() ?? difference() {
                return wrong + "\n" + trace.suffix(60).joined(separator: "\n")
            }
        }
        let wrong = try store.verify()
        return wrong.isEmpty ? nil : (wrong + trace.suffix(60)).joined(separator: "\n")
    }

    private mutating func step() throws -> String? {
        switch roll(1...100) {
        case 1...24: return try add()
        case 25...48: return try claim()
        case 49...68: return try finish()
        case 69...71: return try giveBack()
        case 72...74: return try review()
        case 75...77: return try lapse()
        case 78...81: return try heartbeat()
        case 82...85: return try cancel()
        case 86...88: return try hold()
        case 89...91: return try release()
        case 92...93: return try retry()
        case 94: return try prioritise()
        case 95...96: return try steerGroup()
        default: return try advance()
        }
    }

    /// Every job, as both have it.
    private func difference() throws -> String? {
        let rows = try store.database.all(Self.all) { JobRow($0) }
        guard rows.count == model.jobs.count else {
            return "the store has \(rows.count) jobs, the model \(model.jobs.count)"
        }
        for (job, row) in zip(model.jobs, rows) {
            let isSame =
                row.state == job.state
                || job.state == .queued && row.state == .blocked && job.lock != nil
            guard row.id == job.id.description, isSame else {
                return "job \(job.id) is \(row.state) in the store, \(job.state) in the model"
            }
            let ours =
                "\([job.attempt, job.token, job.tries, job.bugs, job.spent, job.due, job.rank])"
            let theirs =
                "\([row.attempt, row.token, row.tries, row.bugs, row.spent, row.due, row.rank])"
            guard ours == theirs, row.state.isOver || row.cancel == job.cancel,
                row.state.isOver || row.waits == Int64(job.needs.count)
            else { return "job \(job.id): \(theirs) in the store, \(ours) in the model" }
        }
        for (group, state, count) in try store.counts() where state.isOver || state == .running {
            let there = model.jobs.count { $0.group == group && $0.state == state }
            guard there == Int(count) else {
                return "\(count) \(state) jobs are counted in \(group), not \(there)"
            }
        }
        return nil
    }

    /// The columns of `JobRow`, in their order.
    private static let all: StaticString = """
        SELECT job, id, state, grp, rank, priority, attempt, token, seq, added, due, hold, waits, lock, slot, place,
        unique_key, every, tries, bugs, losses, spent, avoid, cancel, resume, owner, worker, boot, expires, run, process,
        started, finished, status, reason FROM jobs ORDER BY job
        """

    // MARK: Steps

    private mutating func add() throws -> String? {
        var job = NewJob(.command, name: "true", body: Array("{}".utf8))
        job.group = any(["default", "one", "two"]) ?? "default"
        if chance(30) { job.priority = Int64(roll(-20...20)) }
        if chance(15) { job.due = now.wall + Int64(roll(1...500_000)) }
        if chance(10) { job.hold = true }
        if chance(25) { job.slot = any(["a", "b"]) }
        job.admission = any(SlotAdmission.allCases) ?? .queue
        if chance(25) { job.lock = any(["main", "work"]) }
        if chance(15) { job.unique = any(["x", "y"]) }
        if chance(50) { job.retries = Int64(roll(0...3)) }
        if chance(10) { job.budget = Int64(roll(1...50_000)) }
        if chance(30) {
            for _ in 0..<roll(1...3) {
                guard let other = any(model.jobs) else { break }
                job.after.append(NewJob.After(other.id, any(Need.allCases) ?? .any))
            }
        }
        let expected = model.answer(to: job)
        let answer = try store.add([job], by: actor, now)
        trace.append(
            "add \(job.slot ?? "-") \(job.admission) \(job.lock ?? "-") \(job.unique ?? "-") after \(job.after.count): \(answer)"
        )
        switch (answer.first, expected) {
        case (.added(let id, _), .added):
            model.add(job, as: id, now)
            return nil
        case (.existing(let id, _), .existing(let other)) where id == other: return nil
        case (.dropped(let id), .dropped(let other)) where id == other: return nil
        case (.full, .full): return nil
        default: return "\(answer) was answered, not \(expected)"
        }
    }

    private mutating func claim() throws -> String? {
        let worker = any(["here", "there"]) ?? ""
        let claimant = Claimant(owner: "daemon", worker: worker, lease: Int64(roll(1_000...60_000)))
        let expected = model.next(for: worker, now)
        let claimed = try store.claim(claimant, now)
        trace.append("claim for \(worker): \(claimed.map { "\($0.lease)" } ?? "nothing")")
        guard let claimed, let expected else {
            return claimed == nil && expected == nil
                ? nil
                : "\(expected.map { "\(model.jobs[$0.job].id)" } ?? "nothing") was to be claimed"
        }
        guard model.jobs[expected.job].id == claimed.lease.id else {
            return "\(model.jobs[expected.job].id) was to be claimed, not \(claimed.lease.id)"
        }
        model.take(expected.job, pass: expected.pass, claimant, now)
        leases.append(claimed.lease)
        return nil
    }

    /// Mostly the last ones; now and then one that is long gone.
    private mutating func someLease() -> Lease? {
        chance(80) ? any(leases.suffix(4)) : any(leases)
    }

    /// Whether what was refused should have been.
    private func refused(_ fault: StoreFault, _ holder: Int?) -> String? {
        if case .leaseGone = fault, holder == nil { return nil }
        return "refused: \(fault)"
    }

    private mutating func finish() throws -> String? {
        guard let lease = someLease() else { return nil }
        let status = Int32(
            any([0, 0, 0, 1, 1, 2, 65, 69, 70, 74, 75, 77, 130, 143, 141, 137]) ?? 0)
        var outcome = Outcome(status: status)
        outcome.elsewhere = chance(50)
        if status == 77, chance(50) { outcome.code = "review_expired" }
        if status == 75, chance(50) { outcome.notBefore = now.wall + Int64(roll(0...100_000)) }
        let holder = model.holder(lease)
        trace.append("finish \(lease.id) \(lease.token) with \(outcome)")
        do throws(StoreFault) {
            try store.finish(lease, outcome, now)
        } catch { return refused(error, holder) }
        guard let holder else { return "a late one finished \(lease.id)" }
        let due = try store.row(lease.job).due
        let longest = max(300_000, model.jobs[holder].backoff)
        if let time = outcome.notBefore, !model.jobs[holder].cancel {
            let isSpent = model.jobs[holder].budget.map {
                model.jobs[holder].spent + now.wall - model.jobs[holder].started >= $0
            }
            if isSpent != true, due != time {
                return "it was to be tried again at \(time), not \(due)"
            }
        } else if due > now.wall + longest, due != model.jobs[holder].due {
            return "it is tried again as late as \(due)"
        }
        model.finish(holder, outcome, due: due, now)
        // The time of one that is over means nothing.
        model.jobs[holder].due = due
        return nil
    }

    private mutating func giveBack() throws -> String? {
        guard let lease = someLease() else { return nil }
        let holder = model.holder(lease)
        trace.append("give back \(lease.id)")
        do throws(StoreFault) { try store.giveBack(lease, why: "stopped", now) } catch {
            return refused(error, holder)
        }
        guard let holder else { return "a late one gave \(lease.id) back" }
        model.giveBack(holder, now)
        model.jobs[holder].due = try store.row(lease.job).due
        return nil
    }

    private mutating func review() throws -> String? {
        if chance(50), let job = any(model.jobs.filter { $0.state == .awaitingReview }) {
            trace.append("resume \(job.id)")
            try store.resumeAfterReview(job.id, now)
            if let index = model.index(job.id) { model.settle(index, now) }
            return nil
        }
        guard let lease = someLease() else { return nil }
        let holder = model.holder(lease)
        trace.append("review \(lease.id)")
        do throws(StoreFault) { try store.awaitReview(lease, now) } catch {
            return refused(error, holder)
        }
        guard let holder else { return "a late one asked for a review of \(lease.id)" }
        model.jobs[holder].token += 1
        if model.jobs[holder].cancel {
            model.end(holder, .cancelled, now)
        } else {
            model.jobs[holder].spent += now.wall - model.jobs[holder].started
            model.jobs[holder].state = .awaitingReview
        }
        return nil
    }

    private mutating func lapse() throws -> String? {
        let lost = try store.lapse(now)
        trace.append("lapse: \(lost.map(\.id))")
        let expected = model.jobs.indices.filter {
            model.jobs[$0].state == .running && model.jobs[$0].expires <= now.steady
        }
        guard lost.map(\.id) == expected.map({ model.jobs[$0].id }) else {
            return "\(expected.count) leases were to lapse"
        }
        for index in expected { model.jobs[index].state = .lost }
        for claimed in try store.lost() where chance(60) {
            guard let index = model.index(claimed.lease.id) else { return "a lost job is unknown" }
            if chance(40) {
                let adopted = try store.adopt(
                    claimed.lease, by: Claimant(owner: "next", worker: "here", lease: 30_000), now)
                trace.append("adopt \(claimed.lease.id)")
                model.jobs[index].state = .running
                model.jobs[index].token += 1
                model.jobs[index].expires = now.steady + 30_000
                leases.append(adopted.lease)
            } else {
                trace.append("begin again \(claimed.lease.id)")
                try store.beginAgain(claimed.lease, now)
                model.beginAgain(index, now)
                model.jobs[index].due = try store.row(claimed.lease.job).due
            }
        }
        return nil
    }

    private mutating func heartbeat() throws -> String? {
        guard let lease = someLease() else { return nil }
        let holder = model.holder(lease)
        trace.append("heartbeat \(lease.id)")
        let answer: Heartbeat
        do throws(StoreFault) { answer = try store.heartbeat(lease, for: 30_000, now) } catch {
            return refused(error, holder)
        }
        guard let holder else { return "a late one keeps \(lease.id)" }
        model.jobs[holder].state = .running
        model.jobs[holder].expires = now.steady + 30_000
        return (answer == .kept) == model.jobs[holder].cancel
            ? "\(answer) is the wrong answer" : nil
    }

    private mutating func cancel() throws -> String? {
        guard let job = any(model.jobs), let index = model.index(job.id) else { return nil }
        trace.append("cancel \(job.id)")
        do throws(StoreFault) { try store.cancel(job.id, by: actor, now) } catch {
            return job.state.isOver ? nil : "refused: \(error)"
        }
        if job.state.isTaken {
            model.jobs[index].cancel = true
        } else {
            model.end(index, .cancelled, now)
        }
        return job.state.isOver ? "one that is over was cancelled" : nil
    }

    private mutating func hold() throws -> String? {
        guard let job = any(model.jobs), let index = model.index(job.id) else { return nil }
        trace.append("hold \(job.id)")
        do throws(StoreFault) { try store.hold(job.id, by: actor, now) } catch {
            return job.isWaiting ? "refused: \(error)" : nil
        }
        model.jobs[index].hold = true
        model.settle(index, now)
        return job.isWaiting ? nil : "one was held that is \(job.state)"
    }

    private mutating func release() throws -> String? {
        guard let job = any(model.jobs.filter { $0.state == .held }),
            let index = model.index(job.id)
        else { return nil }
        trace.append("release \(job.id)")
        try store.release(job.id, by: actor, now)
        model.jobs[index].hold = false
        model.settle(index, now)
        return nil
    }

    private mutating func retry() throws -> String? {
        guard let job = any(model.jobs), let index = model.index(job.id) else { return nil }
        let others = model.jobs.contains { $0.key != nil && $0.key == job.key && !$0.state.isOver }
        let may = job.state == .retrying || job.state.isOver && !others
        trace.append("retry \(job.id)")
        do throws(StoreFault) { try store.retry(job.id, by: actor, now) } catch {
            return may ? "refused: \(error)" : nil
        }
        model.retry(index, now)
        return may ? nil : "one was tried again that is \(job.state)"
    }

    private mutating func prioritise() throws -> String? {
        guard let job = any(model.jobs.filter { !$0.state.isOver }), let index = model.index(job.id)
        else { return nil }
        let priority = Int64(roll(-1000...1000))
        trace.append("priority \(job.id) \(priority)")
        try store.setPriority(job.id, priority, by: actor, now)
        model.jobs[index].rank += (job.priority - priority) * 60_000
        model.jobs[index].priority = priority
        return nil
    }

    private mutating func steerGroup() throws -> String? {
        guard let name = any(model.order) else { return nil }
        switch roll(1...4) {
        case 1:
            try store.pause(name, by: actor, now)
            model.groups[name]?.paused = true
        case 2:
            let time = now.wall + Int64(roll(0...100_000))
            try store.pause(name, until: time, by: actor, now)
            let before = model.groups[name]?.pausedUntil ?? 0
            model.groups[name]?.pausedUntil = max(before, time)
        case 3:
            try store.resume(name, by: actor, now)
            model.groups[name]?.paused = false
            model.groups[name]?.pausedUntil = 0
        default:
            let parallel = Int64(roll(0...3))
            try store.set(name, parallel: parallel, by: actor, now)
            model.groups[name]?.parallel = parallel
        }
        trace.append("group \(name): \(String(describing: model.groups[name]))")
        return nil
    }

    private mutating func advance() throws -> String? {
        let next = try store.advance(now)
        trace.append("advance")
        for index in model.jobs.indices
        where [.scheduled, .retrying].contains(model.jobs[index].state)
            && model.jobs[index].due <= now.wall
        {
            model.settle(index, now)
        }
        let expected = model.jobs.filter { [.scheduled, .retrying].contains($0.state) }.map(\.due)
            .min()
        return next == expected
            ? nil
            : "the next is due at \(String(describing: expected)), not \(String(describing: next))"
    }
}
