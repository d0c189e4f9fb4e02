import Smelt

@testable import Store

/// What whoever runs jobs does.
extension Agreement {
    mutating func claim() throws -> String? {
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
    mutating func someLease() -> Lease? {
        chance(80) ? any(leases.suffix(4)) : any(leases)
    }

    /// Whether what was refused should have been.
    func refused(_ fault: StoreFault, _ holder: Int?) -> String? {
        if case .leaseGone = fault, holder == nil { return nil }
        return "refused: \(fault)"
    }

    mutating func finish() throws -> String? {
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
                model.jobs[holder].spent + max(0, now.wall - model.jobs[holder].started) >= $0
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

    mutating func giveBack() throws -> String? {
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

    mutating func review() throws -> String? {
        if chance(50), let job = any(model.jobs.filter { $0.state == .awaitingReview }) {
            trace.append("resume \(job.id)")
            try store.resumeAfterReview(job.id, now)
            if let index = model.index(job.id) {
                model.jobs[index].goesOn = true
                model.settle(index, now)
            }
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
            model.spend(holder, now)
            model.jobs[holder].due = 0
            model.jobs[holder].state = .awaitingReview
        }
        return nil
    }

    mutating func lapse() throws -> String? {
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

    mutating func heartbeat() throws -> String? {
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
}
