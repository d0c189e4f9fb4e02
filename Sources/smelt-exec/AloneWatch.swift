import Glibc
import Records
import Sandbox
import Smelt

/// Waits for the end of a command, and brings it about: when its time is over, it is silent, it prints or writes too
/// much, or we are told to stop. One loop over the events; nothing is asked for twice a second.
struct AloneWatch {
    private let plan: Plan
    private let relay: AloneRelay?
    private let terminal: AloneTerminal?
    private let egress: EgressService?
    private let denials: Denials?
    private let report: AloneReport?
    private let disk: DiskWatch?
    private let began = monotonicSeconds()
    /// Why the command is being stopped, from the first reason on.
    private var cause: Cause?
    private var killAt: Double?
    private var isKilled = false
    private var signalsSeen = 0

    private enum Cause: Equatable {
        case time, silence, amount, disk
        /// What it prints on its terminal can be passed on to nobody.
        case hungUp
        case told(Exit)
    }

    init(
        _ plan: Plan, _ relay: AloneRelay?, _ terminal: AloneTerminal?, _ egress: EgressService?,
        _ denials: Denials?, _ report: AloneReport?, _ disk: DiskWatch?
    ) {
        self.plan = plan
        self.relay = relay
        self.terminal = terminal
        self.egress = egress
        self.denials = denials
        self.report = report
        self.disk = disk
    }

    mutating func untilEnd(of running: consuming Running) throws -> Verdict {
        while true {
            var waiting = [
                pollfd(fd: running.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: denials?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            // Negative numbers are passed over.
            waiting.append(
                pollfd(fd: egress?.records ?? -1, events: Int16(POLLIN), revents: 0))
            waiting += relay?.waiting ?? []
            _ = poll(&waiting, nfds_t(waiting.count), milliseconds())
            if waiting[2].revents != 0 { denials?.answer() }
            if waiting[3].revents != 0 { try report?.tell(egress?.decisions() ?? []) }
            if let relay, !relay.move(waiting.dropFirst(4)) {
                stop(running, for: .amount, grace: 0)
            }
            if terminal != nil, relay?.lost != nil, cause == nil {
                running.signal(SIGHUP)
                stop(running, for: .hungUp, grace: plan.graceSeconds)
            }
            if waiting[0].revents & Int16(POLLIN) != 0 { break }
            notice(running)
        }
        relay?.drain()
        let finished = running.reap()
        disk?.end()
        while disk?.nextMoment != nil { disk?.goOn() }
        if disk?.isOver == true { cause = cause ?? .disk }
        try report?.tell(egress?.finish() ?? [])
        if let met { report?.refusals.add(met) }
        report?.refusals.add(finished, limits: plan.limits, each: plan.resourceLimits)
        try report?.sumUp(denials)
        return lessWhatIsLost(verdict(finished))
    }

    /// The limit that it is stopped for.
    private var met: Refusals.Clock? {
        switch cause {
        case .time: plan.limits.wallSeconds.map { .wall(seconds: $0) }
        case .silence: plan.limits.idleSeconds.map { .idle(seconds: $0) }
        case .amount: plan.limits.outputBytes.map { .output(bytes: $0) }
        case .disk: plan.limits.diskBytes.map { .disk(bytes: $0) }
        case .told, .hungUp, nil: nil
        }
    }

    /// Reacts to clocks and signals.
    private mutating func notice(_ running: borrowing Running) {
        Interruption.drain()
        terminal?.adapt()
        if Interruption.signals > signalsSeen, let exit = Interruption.exit {
            // A second one does not wait any longer.
            let again = signalsSeen > 0 || Interruption.signals > 1
            signalsSeen = Interruption.signals
            stop(running, for: .told(exit), grace: again ? 0 : plan.graceSeconds)
        }
        let now = monotonicSeconds()
        guard !isKilled else { return }
        disk?.goOn()
        if disk?.isOver == true { stop(running, for: .disk, grace: 0) }
        if cause == nil, let wall = plan.limits.wallSeconds, now - began >= wall {
            stop(running, for: .time, grace: plan.graceSeconds)
        }
        if cause == nil, let idle = plan.limits.idleSeconds, let relay, !relay.isHeldUp,
            now - relay.lastPrinted >= idle
        {
            stop(running, for: .silence, grace: plan.graceSeconds)
        }
        if let killAt, monotonicSeconds() >= killAt {
            running.kill()
            self.killAt = nil
            isKilled = true
        }
    }

    /// Asks once, by the first cause's signal; each call may bring the kill nearer.
    private mutating func stop(_ running: borrowing Running, for why: Cause, grace: Double) {
        if cause == nil, grace > 0 { running.signal(plan.stopSignal) }
        cause = cause ?? why
        killAt = min(killAt ?? .infinity, monotonicSeconds() + grace)
    }

    /// Until the next clock runs out; -1 when there is none.
    private func milliseconds() -> Int32 {
        var next = min(killAt ?? .infinity, isKilled ? .infinity : disk?.nextMoment ?? .infinity)
        if cause == nil {
            if let wall = plan.limits.wallSeconds { next = min(next, began + wall) }
            if let idle = plan.limits.idleSeconds, let relay, !relay.isHeldUp {
                next = min(next, relay.lastPrinted + idle)
            }
        }
        guard next.isFinite else { return -1 }
        return Int32(min(max(0, (next - monotonicSeconds()) * 1000).rounded(.up), 86_400_000))
    }

    private func verdict(_ finished: Running.Finished) -> Verdict {
        var verdict = Verdict(ending: .failed, status: 0, usage: finished.usage)
        switch finished.ending {
        case .exited(let code):
            verdict.exitStatus = code
            verdict.status = code
            verdict.ending = code == 0 ? .succeeded : .failed
        case .killed(let signal):
            verdict.signal = signal
            verdict.status = 128 + signal
        case .destroyed:
            verdict.signal = SIGKILL
            verdict.status = 128 + SIGKILL
            // Whoever was stopped by us hears of that.
            if cause == nil {
                let reason =
                    "could not learn how the command ended: its sandbox was ended before it"
                verdict.reason = reason
                say("smelt-exec: \(reason)\n")
            }
        case .outOfMemory(let atLimit):
            verdict.signal = SIGKILL
            verdict.status = 128 + SIGKILL
            verdict.ending = .outOfMemory
            verdict.reason = atLimit ? "memory" : "the host's memory"
        }
        switch cause {
        case nil, .hungUp: break
        case .time:
            (verdict.ending, verdict.status, verdict.reason) = (.timedOut, 124, "wall")
        case .silence:
            (verdict.ending, verdict.status, verdict.reason) = (.stalled, 124, "idle")
        case .amount:
            (verdict.ending, verdict.status, verdict.reason) = (.overLimit, 128 + SIGKILL, "output")
        case .disk:
            (verdict.ending, verdict.status, verdict.reason) = (.overLimit, 128 + SIGKILL, "disk")
        case .told(let exit):
            (verdict.ending, verdict.status) = (.cancelled, exit.rawValue)
        }
        return verdict
    }

    /// Nothing is a success of which something that was printed is lost. Whom nobody listens to learns that by a signal,
    /// except on a terminal.
    private func lessWhatIsLost(_ verdict: Verdict) -> Verdict {
        guard let lost = relay?.lost, cause == nil || cause == .hungUp else { return verdict }
        var verdict = verdict
        if lost.number != EPIPE {
            (verdict.ending, verdict.reason) = (.failed, "\(lost)")
            verdict.status = Alone.complain(of: lost, nil)
        } else if cause == .hungUp {
            (verdict.ending, verdict.status) = (.cancelled, Exit.unheard.rawValue)
        }
        return verdict
    }
}
