internal import Records

/// A session's gate: the harness, in a fresh place on the commit that was made of the work.
extension SessionRun {
    /// The work is safe: the gate decides about it, where there is one.
    func judge(now: Double) throws {
        guard hasGate, verdict == nil, work == .exited(code: 0), let commit, let place else {
            return end(now: now)
        }
        gateBegun = now
        let isBase = commit == crew.ready.baseCommit
        let gatePlace = try crew.gatePlace(for: session, bundle: isBase ? nil : place.bundlePath)
        self.gatePlace = gatePlace
        self.place?.leave()
        if let connection = gatePlace.connection {
            return try run(.gateEntering, .entering(connection), now: now)
        }
        try arrive(now: now)
    }

    func arrive(now: Double) throws {
        guard let gatePlace, let place else { return }
        guard commit != crew.ready.baseCommit else {
            guard let command = gatePlace.workspace.preparation else {
                return try measure(gatePlace, now: now) { try setUpGate(now: now) }
            }
            let plan = crew.plan(in: gatePlace, session, .checkOut(command))
            return try run(.arriving, .quiet(plan), now: now)
        }
        let plan = crew.plan(in: gatePlace, session, .arrive(bundle: place.bundlePath))
        try run(.arriving, .quiet(plan), now: now)
    }

    func setUpGate(now: Double) throws {
        guard let gatePlace, let setup = crew.job.workspace.setup else {
            return try startGate(now: now)
        }
        try run(.gateSettingUp, .shell(crew.plan(in: gatePlace, session, .setup(setup))), now: now)
    }

    func startGate(now: Double) throws {
        guard let gatePlace else { return }
        try run(.gating, .shell(crew.plan(in: gatePlace, session, .gate)), now: now)
    }

    func gateEnded(_ ending: Step.Ending, now: Double) {
        let timedOut = verdict?.ending == .timedOut
        let ok = ending == .exited(code: 0) && verdict == nil
        crew.emit(
            GateFinished(
                session: session.name, command: session.harness, ok: ok,
                status: timedOut ? 124 : ending.status, seconds: now - gateBegun))
        if !ok, verdict == nil || timedOut {
            var reason = timedOut ? "its gate's time was up" : verdict?.reason
            if case .outOfMemory = ending, verdict == nil { reason = "its gate \(ending.sentence)" }
            verdict = (.gateFailed, reason)
        }
        end(now: now)
    }
}
