internal import Glibc
internal import Records
internal import Results
package import Smelt

/// `smelt-queue carry`: the stage that has a run's sessions run on another machine. It stands where `smelt-provision` and
/// `smelt-exec` do, and `smelt-collect` behind it finds what they would have left.
package enum Carry {
    package static func run() throws -> Exit {
        let stage = Stage("carry", wants: [RunPlanned.type])
        while let line = try stage.next() {
            guard line.type == RunPlanned.type, let run = stage.run, stage.failure == nil else {
                continue
            }
            do {
                let target = try target()
                let planned = try line.decode(RunPlanned.self)
                // What it takes over is here, and the far side has nothing of it.
                guard planned.resumes == nil else { throw WorkerFault.resumes }
                try carry(planned, run, to: target, stage)
            } catch let fault as any Fault { stage.fail(fault) }
        }
        stage.expect(RunPlanned.type)
        return stage.exit
    }

    /// Held for a reader who does not take it, bytes; then no more is read from the line.
    private static let backlog = 1 << 20

    private static func target() throws -> WorkerTarget {
        guard let text = Environment.nonEmpty(WorkerTarget.variable) else {
            throw WorkerFault.noTarget
        }
        guard let target = WorkerTarget(json: text), !target.host.isEmpty else {
            throw WorkerFault.badTarget
        }
        return target
    }

    private static func carry(
        _ planned: RunPlanned, _ run: RunID, to target: WorkerTarget, _ stage: Stage
    ) throws {
        let state = try Places.state()
        Arrival.sweep(state)
        let outgoing = try Outgoing(planned, run: run, state: state)
        try CredentialMarks(state: state).note(planned.job.credentials, of: run)
        if let warning = try outgoing.warning(planned.job) {
            say("smelt-queue: warning: \(warning)\n")
        }
        let arrival = try Arrival(
            of: run, base: outgoing.base.commit, sessions: planned.job.sessions.map(\.name),
            state: state)
        let intake = RecordIntake(
            stage, directory: arrival.directory,
            base: (planned.job.baseRef, outgoing.base.commit), run: run,
            worker: target.name)
        let carried = Carried(target, run: run, outgoing, arrival, intake, stage)
        // Whoever reads slowly must not keep the line waiting.
        stage.output.holdBack(Self.backlog)
        defer { try? stage.output.finish() }
        try carried.untilOver()
    }

    /// Whether the worker can be used, for 0; else a fault says why not.
    package static func probe() throws -> Exit {
        Interruption.install()
        let target = try target()
        let line = try SSHLine(to: target, pulse: 5)
        do {
            try line.frames.send(.hello, Wire.bytes(Greeting(purpose: .probe)))
            let answer = try line.frames.receive(within: target.connect + 20)
            try Carried.check(answer, target)
        } catch let fault as LineFault { throw line.diagnosis(fault) }
        return .done
    }

    /// The stage that stands where `smelt-provision release` does: takes away what has arrived.
    package static func release() throws -> Exit {
        let stage = Stage.atTheEnd("carry", wants: [EnvironmentReady.type])
        let ready = try stage.untilEnd()
        if let run = stage.run {
            do {
                let state = try Places.state()
                let directory = Arrival.directory(of: run, in: state)
                if ready?.directory ?? directory == directory, Files.exists(directory) {
                    let (rescued, fault) = try Arrival.remove(run, state: state)
                    for name in rescued {
                        say("smelt-queue: rescued uncollected work as '\(name)'\n")
                    }
                    if let fault { throw fault }
                    if let ready, !rescued.isEmpty {
                        try stage.write(
                            EnvironmentReleased(id: ready.id, removed: true, rescued: rescued))
                    }
                }
            } catch let fault as any Fault { stage.fail(fault) }
        }
        if let exit = stage.outputExit { return exit }
        return stage.ownExit ?? stage.exit
    }
}
