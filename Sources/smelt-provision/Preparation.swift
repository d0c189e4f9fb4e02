import Glibc
import Records
import Results
import Runtimes
import Smelt

/// The stage: from `run.planned` to `environment.ready`, and a lease until somebody else has one.
struct Preparation {
    let bestEffort: Bool

    func run() throws -> Exit {
        let stage = Stage(
            "provision", wants: [RunPlanned.type, EnvironmentReleased.type, RunFinished.type])
        var made: Made?
        while let line = try stage.next() {
            guard line.type == RunPlanned.type, let run = stage.run else { continue }
            do {
                if try isOver(stage) { continue }
                let planned = try line.decode(RunPlanned.self)
                made = try prepare(planned, run: run, stage)
            } catch let fault as any Fault {
                stage.fail(fault)
            }
        }
        stage.expect(RunPlanned.type)
        if let made { try finish(made, stage) }
        return stage.exit
    }

    /// Whether a log is fed whose run is over and whose environment is gone: what is done is not done twice. Behind a plan that
    /// comes alone nothing is waited for.
    private func isOver(_ stage: Stage) throws -> Bool {
        var isLog = false
        while !stage.isAtEnd {
            while let line = try stage.nextHere() {
                guard line.type == EnvironmentReady.type, !isLog else { continue }
                // One that is still there is taken again.
                if Files.exists(try line.decode(EnvironmentReady.self).directory) { return false }
                isLog = true
            }
            var input = pollfd(fd: stage.input, events: Int16(POLLIN), revents: 0)
            guard isLog || poll(&input, 1, 0) > 0 else { break }
            try stage.fill()
        }
        return isLog && !stage.seen.isDisjoint(with: [EnvironmentReleased.type, RunFinished.type])
    }

    /// What has to be done once `environment.ready` is on its way.
    private final class Made {
        let held: Environments.Held
        let watch: LeaseWatch
        let lateCheck: DirtyTree?
        let runtime: JobEnvironment.Runtime

        init(
            _ held: consuming Environments.Held, watch: LeaseWatch, lateCheck: DirtyTree?,
            runtime: JobEnvironment.Runtime
        ) {
            self.runtime = runtime
            self.held = held
            self.watch = watch
            self.lateCheck = lateCheck
        }
    }

    private func prepare(_ planned: RunPlanned, run: RunID, _ stage: Stage) throws -> Made {
        let job = planned.job
        if let engine = try Engines.engine(of: job.environment.runtime) {
            return try prepare(planned, run: run, on: engine, stage)
        }
        let state = try Places.state()
        let enforced = try Enforced(of: job, state: state)
        guard enforced.missing.isEmpty || bestEffort else {
            throw RuntimeFault.unenforceable(enforced.missing, enforced.lack)
        }
        let repositories = Repositories(state: state)
        let taking = Taking(planned, run: run, repositories)
        let base = try base(of: job, Imports(repositories), taking)
        try Interruption.check()

        // The environment comes first: no checkout used since a living one was made is evicted.
        let held = try Environments(repositories.environments).create(
            EnvironmentFacts(
                run: run, job: job, baseCommit: base.commit, hostUser: nil, enforced: enforced,
                bestEffort: bestEffort),
            run: run)
        do {
            try held.environment.checkAttributes()
            let checkout = try Checkouts(repositories).ensure(
                commit: base.commit, from: repositories.imports())
            try Interruption.check()
            let tree = base.gitDirectory.map { DirtyTree(job.repository, gitDirectory: $0) }
            let isQuick = tree?.isQuick ?? false
            var warnings = checkout.warnings
            if try held.environment.copyWhereOwnersCannotBeMapped(checkout.path) {
                warnings.append(
                    "the checkout was copied: the file system of '\(checkout.path)' has no idmapped mounts"
                )
            }
            if isQuick, let dirty = try tree?.warning() { warnings.append(dirty) }
            for warning in warnings { say("smelt-provision: warning: \(warning)\n") }

            let environment = held.environment
            try taking?.put(into: environment, of: job)
            let watch = LeaseWatch(of: environment)
            try stage.write(ready(environment, job, enforced, warnings))
            return Made(
                held, watch: watch, lateCheck: isQuick ? nil : tree,
                runtime: job.environment.runtime)
        } catch {
            _ = try? held.removeIfAlone()
            throw error
        }
    }

    /// In containers: the base goes to the engine, and nothing is checked out here.
    private func prepare(
        _ planned: RunPlanned, run: RunID, on engine: any Engine, _ stage: Stage
    ) throws -> Made {
        let job = planned.job
        let readiness = try engine.look(at: job)
        guard readiness.missing.isEmpty || bestEffort else {
            throw EngineFault.unenforceable(
                readiness.missing,
                reason: readiness.reason ?? "the engine or its host has nothing for it")
        }
        try Interruption.check()
        let repositories = Repositories(state: try Places.state())
        let agent = try job.kubernetes?.sshKeyEnv.map {
            try KeyAgent(key: Secret.value(of: $0), in: Places.runtime())
        }
        let taking = Taking(planned, run: run, repositories)
        let base = try base(of: job, Imports(repositories, agent: agent), taking)
        let imports = try repositories.imports()
        func writePack(_ objects: String) throws {
            try Packs.write(base.commit, from: imports, into: objects)
        }
        let facts = try engine.bring(
            commit: base.commit, for: job, readiness, writingPack: writePack)
        try Interruption.check()
        var enforced = Enforced(readiness)
        let held = try Environments(repositories.environments).create(
            EnvironmentFacts(
                run: run, job: job, baseCommit: base.commit, hostUser: nil, enforced: enforced,
                bestEffort: bestEffort, engine: facts),
            run: run)
        do {
            let made = try engine.prepare(
                held.environment, for: job, writingPack: writePack)
            guard made.unenforced.isEmpty || bestEffort else {
                throw EngineFault.notConfined(made.unenforced)
            }
            enforced.missing += made.unenforced
            let environment = try held.environment.saying(made)
            try taking?.put(into: environment, of: job)
            let watch = LeaseWatch(of: environment)
            try stage.write(ready(environment, job, enforced, []))
            let tree = base.gitDirectory.map { DirtyTree(job.repository, gitDirectory: $0) }
            return Made(held, watch: watch, lateCheck: tree, runtime: job.environment.runtime)
        } catch {
            _ = try? held.removeIfAlone()
            throw error
        }
    }

    private func base(of job: Job, _ imports: Imports, _ taking: Taking?) throws -> Imports.Base {
        try taking?.base(of: job, imports)
            ?? imports.bring(repository: job.repository, ref: job.baseRef)
    }

    private func ready(
        _ environment: SandboxEnvironment, _ job: Job, _ enforced: Enforced, _ warnings: [String]
    ) -> EnvironmentReady {
        EnvironmentReady(
            id: environment.id, runtime: job.environment.runtime, baseRef: job.baseRef,
            baseCommit: environment.baseCommit, directory: environment.directory,
            workspace: environment.workspace, imageName: environment.facts.engine?.image,
            imageDigest: environment.facts.engine.flatMap { engine in
                engine.imageDigest.isEmpty ? nil : engine.imageDigest
            },
            serviceDigests: environment.facts.engine?.serviceDigests.flatMap {
                $0.isEmpty ? nil : $0
            }, hostUser: environment.hostUser,
            limits: enforced.limits, network: enforced.network, diskGuard: enforced.diskGuard,
            notEnforced: enforced.missing.isEmpty ? nil : enforced.missing,
            warnings: warnings.isEmpty ? nil : warnings)
    }

    private func finish(_ made: Made, _ stage: Stage) throws {
        // Nobody can know of it.
        if stage.output.isUnheard, try made.held.removeIfAlone() { return }
        if Interruption.exit == nil { Clearing.automatic(made.runtime) }
        do {
            if let dirty = try made.lateCheck?.warning(inBackground: true) {
                say("smelt-provision: warning: \(dirty)\n")
            }
        } catch is Cancelled {
            return
        }
        if isPipe(stage.output.descriptor) {
            made.watch.waitForAnother(atMost: 60, output: stage.output.descriptor)
            stage.output.look()
        }
    }

    /// Behind a file or a terminal there is no stage that could take the lease.
    private func isPipe(_ descriptor: Int32) -> Bool {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { return false }
        return [S_IFIFO, S_IFSOCK].contains(facts.st_mode & S_IFMT)
    }
}
