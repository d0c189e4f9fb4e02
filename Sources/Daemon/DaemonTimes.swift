internal import Smelt
internal import Store

/// A run that this daemon has no right to any more.
struct Leaving {
    let run: Run
    /// Another daemon looks after it: it is only taken leave of when it has ended, for it is our child.
    let isOthers: Bool
}

/// What the daemon does whether the store can be written or not.
extension Daemon {
    /// Stops whose time is over, kills who did not stop, and takes leave of those that are not its own any more.
    func enforceTimes() {
        let steady = Instant.now().steady
        let now = monotonicSeconds()
        for run in runs.values {
            if let deadline = run.deadline, deadline <= steady, run.stop == nil {
                run.stop(.outOfTime, grace: server.graceSeconds)
            }
            if let time = run.killAt, time <= now { run.end() }
        }
        leaving.removeAll { takesLeave(of: $0, now) }
    }

    private func takesLeave(of one: Leaving, _ now: Double) -> Bool {
        let run = one.run
        if one.isOthers {
            if run.hasEnded { run.reap() }
            return run.hasEnded
        }
        if let time = run.killAt, time <= now { run.end() }
        guard run.hasEnded, run.wasGone(grace: server.graceSeconds) else { return false }
        run.clear()
        run.files.remove()
        return true
    }

    /// When that is to be done next, in monotonic seconds.
    var enforcingTimes: [Double] {
        var times = runs.values.compactMap(\.killAt)
        for one in leaving where !one.isOthers {
            times += [one.run.killAt, one.run.checkAt].compactMap { $0 }
        }
        let deadlines = runs.values.filter { $0.stop == nil }.compactMap(\.deadline)
        if let first = deadlines.min() {
            times.append(monotonicSeconds() + Double(first - Instant.now().steady) / 1000)
        }
        return times
    }
}
