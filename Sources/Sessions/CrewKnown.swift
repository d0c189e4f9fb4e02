internal import Records
internal import Smelt

/// Sessions whose end is known before they begin: another run has done them, or this one has, whose log is fed again.
extension Crew {
    /// Ends all of them, whatever may be at work at once: so they count, however soon the run is stopped.
    func endKnown() throws {
        guard stage.failure == nil else { return }
        var isNew = true
        while isNew {
            isNew = false
            for session in schedule?.ready ?? [] where try endIfKnown(session) { isNew = true }
        }
    }

    /// Whether it was one.
    func endIfKnown(_ session: Session) throws -> Bool {
        guard let known = context?.finished(session) else { return false }
        if let taken = context?.taken(session) { try tell(taken, session) }
        try end(session.name, known)
        return true
    }

    /// What another run has done, gate included, for who asks about gates.
    private func tell(_ taken: Resumed.Taken, _ session: Session) throws {
        try stage.write(SessionTaken(taken))
        guard let seconds = taken.gateSeconds else { return }
        try stage.write(
            GateFinished(
                session: session.name, command: session.harness, ok: true, status: 0,
                seconds: seconds))
    }
}
