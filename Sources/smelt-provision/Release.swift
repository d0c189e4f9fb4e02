import Records
import Results
import Runtimes
import Smelt

/// The stage `release`: at the end of the input it rescues what is in the environment and removes
/// it. It ignores the first signal: that is the one which ends the others.
struct Release {
    let keep: Bool

    func run() throws -> Exit {
        let stage = Stage(
            "provision", wants: [SessionFinished.type, EnvironmentReleased.type])
        stage.alwaysHandsOver = true
        stage.isStoppable = false
        Interruption.ignoreFirst()
        var ready: EnvironmentReady?
        var released: Set<String> = []
        var ends: [String: String] = [:]
        while let line = try stage.next() {
            switch line.type {
            case EnvironmentReady.type: ready = try? line.decode(EnvironmentReady.self)
            case EnvironmentReleased.type:
                (try? line.decode(EnvironmentReleased.self)).map { _ = released.insert($0.id) }
            case SessionFinished.type:
                if let end = try? line.decode(SessionFinished.self), end.isWhole {
                    ends[SafeName.of(end.session)] = end.commit
                }
            default: break
            }
        }
        stage.expect(EnvironmentReady.type)
        if let ready, !released.contains(ready.id) {
            do { try release(ready, ends, stage) } catch let fault as any Fault {
                stage.fail(fault)
            }
        }
        if let exit = stage.outputExit { return exit }
        return stage.ownExit ?? stage.exit
    }

    private func release(
        _ ready: EnvironmentReady, _ ends: [String: String], _ stage: Stage
    ) throws {
        guard Files.exists("\(ready.directory)/environment.json") else {
            // It was cleared away by hand, or by a gc after everybody was killed.
            try stage.write(EnvironmentReleased(id: ready.id, removed: true))
            return
        }
        let environment = try SandboxEnvironment(opening: ready.directory)
        if keep {
            try environment.keep()
            say("smelt-provision: kept '\(environment.directory)'\n")
            for line in entrances(of: environment) { say("  \(line)\n") }
            try stage.write(EnvironmentReleased(id: ready.id, removed: false))
            return
        }
        let work = try lockWork(of: environment)
        defer { withExtendedLifetime(work.number) {} }
        var rescue = Rescue(repositories: Repositories(state: try Places.state()))
        rescue.ends = ends
        rescue.cancellable = false
        let rescued = try rescue.run(environment)
        for reference in rescued {
            say("smelt-provision: rescued uncollected work as '\(reference)'\n")
        }
        try environment.remove()
        try stage.write(EnvironmentReleased(id: ready.id, removed: true, rescued: rescued))
    }

    /// Waits until no session runs any more; only a second signal ends the wait.
    private func lockWork(of environment: SandboxEnvironment) throws -> Lock {
        while true {
            do { return try Lock(environment.work, .exclusive) } catch is Cancelled {
                guard Interruption.signals < 2 else { throw Cancelled(Interruption.exit ?? .no) }
            }
        }
    }

    private func entrances(of environment: SandboxEnvironment) -> [String] {
        if let engine = try? environment.engine() { return engine.entrances(of: environment) }
        let checkouts = try? Checkouts(Repositories(state: Places.state()))
        return environment.sessions.compactMap { name in
            guard let origin = try? Salvage(environment).origin(of: name),
                let checkout = checkouts?.path(of: origin.base),
                let plan = try? environment.writeEntrance(name, origin: origin, checkout: checkout)
            else { return nil }
            return "smelt-exec --plan 3 3<'\(plan)'"
        }
    }
}

extension SessionFinished {
    /// It came to its end, so the commit that it names holds all that it did.
    fileprivate var isWhole: Bool {
        (ending == .succeeded || ending == .gateFailed) && committedForAgent != true
    }
}
