import Smelt

@testable import Store

/// What people do, and time.
extension Agreement {
    mutating func cancel() throws -> String? {
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

    mutating func hold() throws -> String? {
        guard let job = any(model.jobs), let index = model.index(job.id) else { return nil }
        trace.append("hold \(job.id)")
        do throws(StoreFault) { try store.hold(job.id, by: actor, now) } catch {
            return job.isWaiting ? "refused: \(error)" : nil
        }
        model.jobs[index].hold = true
        model.settle(index, now)
        return job.isWaiting ? nil : "one was held that is \(job.state)"
    }

    mutating func release() throws -> String? {
        guard let job = any(model.jobs.filter { $0.state == .held }),
            let index = model.index(job.id)
        else { return nil }
        trace.append("release \(job.id)")
        try store.release(job.id, by: actor, now)
        model.jobs[index].hold = false
        model.settle(index, now)
        return nil
    }

    mutating func retry() throws -> String? {
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

    mutating func prioritise() throws -> String? {
        guard let job = any(model.jobs.filter { !$0.state.isOver }), let index = model.index(job.id)
        else { return nil }
        let priority = Int64(roll(-1000...1000))
        trace.append("priority \(job.id) \(priority)")
        try store.setPriority(job.id, priority, by: actor, now)
        model.jobs[index].rank += (job.priority - priority) * 60_000
        model.jobs[index].priority = priority
        return nil
    }

    mutating func steerGroup() throws -> String? {
        guard let name = any(model.order) else { return nil }
        switch roll(1...6) {
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
            model.groups[name]?.countAnew()
        case 4, 5:
            let rule = any([
                "soon,fail=1", "now,fail=2", "now,success=1", "soon,done=3", "now,fail=40%", "-",
            ]).flatMap { HaltRule($0) }
            try store.set(name, halt: rule.map { .to($0) } ?? Changed.none, by: actor, now)
            model.groups[name]?.rule = rule
            model.groups[name]?.countAnew()
        default:
            let parallel = Int64(roll(0...3))
            try store.set(name, parallel: parallel, by: actor, now)
            model.groups[name]?.parallel = parallel
        }
        trace.append("group \(name): \(String(describing: model.groups[name]))")
        return nil
    }

    mutating func advance() throws -> String? {
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
