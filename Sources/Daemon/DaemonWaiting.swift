internal import CSystem
internal import Glibc
internal import Smelt
internal import Store

/// What wakes the daemon up.
extension Daemon {
    func wait() throws {
        let watched = (Array(runs.values) + leaving.map(\.run)).filter { !$0.hasEnded }
        var waiting = [
            signals.number, follower.descriptor, outputs.descriptor, intake?.descriptor ?? -1,
            clock.number,
        ].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        waiting += watched.map { pollfd(fd: $0.handle, events: Int16(POLLIN), revents: 0) }
        let bellsFrom = waiting.count
        waiting += bells.numbers.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let fleetFrom = waiting.count
        waiting += fleet.handles.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let ready = poll(&waiting, nfds_t(waiting.count), timeout())
        let now = monotonicSeconds()
        if let time = lookAt, time <= now { isNews = true }
        if follower.patience == 0, follower.wait(0) == .committed { isNews = true }
        guard ready > 0 else { return }
        while case let number = system_next_signal(signals.number), number != 0 {
            // Nothing can be written down, so no run is asked to stop: they go on, for the next daemon.
            if [SIGINT, SIGTERM].contains(number), mode < .stopping, let trouble { throw trouble }
            take(signal: number)
        }
        if waiting[1].revents != 0 {
            switch follower.take() {
            case .committed: isNews = true
            case .replaced: throw DaemonFault.replaced(store.path)
            case .nothing, nil: break
            }
        }
        if waiting[2].revents != 0 { noteOutput(outputs.take()) }
        if waiting[3].revents != 0 { intake?.note() }
        if waiting[4].revents != 0, system_clock_was_set(clock.number) != 0 {
            (isNews, isClockNew) = (true, true)
        }
        for entry in waiting[bellsFrom..<fleetFrom] where entry.revents != 0 {
            bells.take(entry.fd)
            isNews = true
        }
        for entry in waiting[fleetFrom...] where entry.revents != 0 { fleet.take(entry.fd) }
        for (run, entry) in zip(watched, waiting[5..<bellsFrom]) where entry.revents != 0 {
            run.noteEnd()
        }
    }

    private func noteOutput(_ watches: Set<Int32>?) {
        for run in runs.values where watches?.contains(run.watch) ?? true {
            run.noteOutput()
        }
    }

    /// Milliseconds until something is due; -1 for never.
    private func timeout() -> Int32 {
        var times = enforcingTimes
        if let pausedUntil {
            // Nothing else is tried before.
            times.append(pausedUntil)
        } else {
            times += [heartbeatAt, lookAt].compactMap { $0 }
            if !longLogs.isEmpty { times.append(0) }
            if mode == .serving {
                times += [intake?.lookAt].compactMap { $0 }
                if let time = fleet.wakeAt { times.append(time) }
                if let claimAt, runs.count < server.maxConcurrent { times.append(claimAt) }
            }
            if let wait = follower.patience { times.append(monotonicSeconds() + wait) }
            for run in runs.values { times += [run.readAt, run.checkAt].compactMap { $0 } }
        }
        guard let first = times.min() else { return -1 }
        return Int32(min(max(0, (first - monotonicSeconds()) * 1000 + 0.999), 3.6e6))
    }
}
