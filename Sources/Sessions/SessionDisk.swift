internal import Glibc
internal import Runtimes
internal import Sandbox
internal import Smelt

/// How much a session's place has on disk, where it is on an engine: what there is before anybody else's programs run is
/// measured inside, and who looks from then on is sent for.
extension SessionRun {
    /// Who looks at the place in which the steps of this phase run; nil where nobody need.
    var watcher: DiskWatcher? { phase.isGate ? gatePlace?.watcher : place?.watcher }

    /// Goes on with `next` once the place is watched.
    func measure(_ place: SessionPlace, now: Double, else next: () throws -> Void) throws {
        guard place.isWatched, place.watcher == nil else { return try next() }
        // Measured in a run that was cut off, and by now there is somebody's work.
        if let before = place.measured {
            try watch(above: before)
            return try next()
        }
        let command = [EnginePlace.program, "look", EnginePlace.volume]
        let plan = crew.plan(in: place, session, .checkOut(command))
        try run(phase.isGate ? .gateMeasuring : .measuring, .quiet(plan), now: now)
    }

    /// Whether that was done; else how the session ends is decided.
    func measured(_ step: Step, _ ending: Step.Ending) throws -> Bool {
        guard verdict == nil else { return false }
        let said = step.captures.first?.firstLine.flatMap { DiskFound($0) }
        guard let said, ending == .exited(code: 0),
            let place = phase.isGate ? gatePlace : self.place
        else {
            unwatched(step.captures.last?.firstLine.map(Visible.line) ?? "it \(ending.sentence)")
            return false
        }
        try watch(above: place.keep(measured: said))
        return true
    }

    private func watch(above before: DiskFound) throws {
        if phase.isGate {
            try gatePlace?.watch(above: before)
        } else {
            try place?.watch(above: before)
        }
    }

    /// Before the step can be over: what he has found decides about it.
    func hearWatcher(now: Double) throws {
        try watcher?.hear(now: now)
        if let step { judgeDisk(step, now: now) }
    }

    /// What was asked for must be enforced: nobody goes on who is not watched.
    func checkWatcher(now: Double) {
        guard let watcher else { return }
        watcher.tick(now: now)
        guard !isUnwatched, let reason = watcher.loss(now: now) else { return }
        unwatched(reason)
        stop(.failed, nil, now: now, hard: true)
    }

    private func unwatched(_ reason: String) {
        isUnwatched = true
        let fault = SessionFault.notWatched(session: session.name, reason: reason)
        crew.fail(fault, session.name)
        if verdict == nil { verdict = (.failed, "\(fault)") }
    }
}
