internal import Glibc
internal import Manifest
internal import Smelt
internal import Store

/// What signals ask of the daemon.
extension Daemon {
    func take(signal number: Int32) {
        switch number {
        case SIGHUP: reloadFile()
        case SIGUSR1: change(to: .draining)
        default:
            if mode >= .stopping {
                change(to: .hurrying)
            } else {
                change(to: server.drains && mode < .draining ? .draining : .stopping)
            }
        }
    }

    private func change(to next: Mode) {
        guard next > mode else { return }
        if mode == .serving { manager.stopping() }
        mode = next
        guard next == .hurrying else { return }
        for run in runs.values {
            run.stop(.givenBack, grace: 0)
            run.end()
        }
        for one in leaving where !one.isOthers { one.run.end() }
    }

    /// Asks the runs to stop for a daemon that is being stopped, once that is on the disk: who looks after them when this
    /// daemon is killed would take their end for their jobs'.
    func askToStop(_ now: Instant) throws(StoreFault) {
        guard mode <= .stopping else { return }
        let asked = runs.values.compactMap { run in
            run.progressToAsk(isDaemonStopping: mode == .stopping).map { (run, $0) }
        }
        if asked.isEmpty { return }
        let ours = try store.together(now) { () throws(StoreFault) in
            var ours: [(Run, Progress)] = []
            for (run, progress) in asked {
                do throws(StoreFault) {
                    try store.remember(progress.text, of: run.lease, now)
                    ours.append((run, progress))
                } catch .leaseGone {
                    // The heartbeat tells whose it is.
                    heartbeatAt = 0
                }
            }
            return ours
        }
        for (run, progress) in ours { run.ask(progress, grace: server.graceSeconds) }
    }

    /// A file that is wrong is told, and what was there stays.
    private func reloadFile() {
        guard let reload else { return }
        manager.reloading()
        do {
            let new = try reload()
            if new.queueDirectory != server.queueDirectory {
                intake = try new.queueDirectory.map { try Intake($0, by: actor) }
            }
            server = new
            start = startOfRuns(new)
            fleet.replace(by: new.workers)
            isNews = true
            // A log may be longer by now than it may be from now on.
            for run in runs.values {
                run.untrimmed = .max / 2
                noteGrowth(of: run, by: 0)
            }
            say("smelt-queue: read the configuration anew\n")
        } catch let fault as any Fault {
            if case .wrong? = fault as? ServerFault { say("\(fault)\n") } else { complain(fault) }
            say("smelt-queue: the configuration stays as it was\n")
        } catch {}
        manager.ready()
    }
}
