internal import FoundationEssentials
internal import Glibc
package import Records
internal import Sandbox
package import Smelt

/// Environments as jobs of a cluster, by the user's `kubectl`: see `KubernetesOrder`.
package struct Kubernetes: Engine {
    package init() {}

    package func look(at job: Job) throws -> Readiness {
        let enforcement = KubernetesEnforcement(job)
        let kubectl = Kubectl(try Self.target(of: job))
        // Of image and variables nobody knows before they are on a node.
        return Readiness(
            limits: enforcement.limits, network: enforcement.network,
            missing: enforcement.missing, imageDigest: "", variables: [:],
            engine: try kubectl.cluster())
    }

    /// Nothing outlives an environment on a cluster: what it is to have goes there with it.
    package func bring(
        commit: String, for job: Job, _ readiness: Readiness,
        writingPack writePack: (_ objects: String) throws -> Void
    ) throws -> EngineFacts {
        let target = try Self.target(of: job)
        var names = ["namespace": target.namespace]
        names["context"] = target.context
        var facts = EngineFacts(
            image: job.environment.image ?? "", imageDigest: readiness.imageDigest,
            engine: readiness.engine, variables: readiness.variables, names: names)
        facts.carries = true
        return facts
    }

    package func prepare(
        _ environment: SandboxEnvironment, for job: Job,
        writingPack writePack: (_ objects: String) throws -> Void
    ) throws -> EngineFacts {
        guard var facts = environment.facts.engine, let run = RunID(environment.run) else {
            throw RuntimeFault.badFacts(environment.directory)
        }
        // A log that is fed again.
        if facts.names["pod"] != nil { return facts }
        let order = try Self.order(
            for: job, run: run, lease: environment.lease, user: environment.engineUser,
            limits: environment.facts.limits, network: environment.facts.network)
        let kubectl = Kubectl(order.target)
        try KubernetesPlaces().remember(kubectl, engine: facts.engine)
        try kubectl.create(order)
        let (pod, lost) = try PodWatch(kubectl, order) { reason in
            say("smelt-provision: waiting for the pod: \(reason)\n")
        }.waitUntilReady()
        try kubectl.settle(order.name, lost: lost)
        facts.names["pod"] = pod.name
        facts.names["slots"] = "\(order.slots)"
        facts.imageDigest = pod.image ?? ""
        let connection = PodConnection(kubectl: kubectl, pod: pod.name)
        try bring(environment, to: connection, image: facts.image, writePack)
        let variables = try connection.variables()
        facts.variables = variables.filter { !PodConnection.isCluster($0.key) }
        facts.unenforced = try connection.unenforced(order, pod, variables)
        return facts
    }

    package func enter(_ place: EnginePlace, in environment: SandboxEnvironment) throws -> Command {
        let pod = try Pod(of: environment)
        // Of a run that was cut off: the session goes on with its files as they were left.
        if environment.hasWork(place), let again = try again(place, in: pod) { return again }
        let container = try pod.slots.take(place)
        let directory = environment.directory(of: place)
        var parts: PodConnection.Parts = [("\(directory)/parcel", ["workspace", "home"])]
        if Files.exists("\(directory)/start") { parts.append((directory, ["start"])) }
        let answer = try pod.connection.send(
            parts, to: container, script: PodScript.place(in: container))
        guard answer == .done else { throw EngineFault.notCleared(container) }
        return Command(pod.connection.words([EnginePlace.program], in: container))
    }

    /// A session that has begun never gets another container than its own, in which its work would not be: where that was
    /// killed, release rescues what is left. Nil for one that has none.
    private func again(_ place: EnginePlace, in pod: Pod) throws -> Command? {
        guard let container = try pod.slots.find(place) else { return nil }
        // Whoever was connected there may be about to end.
        try pod.slots.wait(for: container)
        guard let now = try pod.kubectl.pod(pod.connection.pod), now.running.contains(container)
        else { throw EngineFault.gone(place.name) }
        return pod.connection.again(in: container)
    }

    package func reenter(
        _ place: EnginePlace, in environment: SandboxEnvironment
    ) throws -> Command? {
        guard let pod = try? Pod(of: environment), let container = try pod.slots.find(place)
        else { return nil }
        guard let now = try pod.kubectl.pod(pod.connection.pod) else {
            try check(pod.kubectl, of: environment)
            return nil
        }
        if now.running.contains(container) { return pod.connection.again(in: container) }
        // Killed as a whole; its files are there as long as the pod.
        guard now.running.contains(KubernetesOrder.rescue) else { return nil }
        guard try pod.slots.hold(KubernetesOrder.rescue) else {
            throw EngineFault.noRoom(place.name)
        }
        _ = try pod.connection.run(
            PodScript.left(of: container), in: KubernetesOrder.rescue,
            to: "bring what '\(place.name)' left")
        return Command(
            pod.connection.words([EnginePlace.program], in: KubernetesOrder.rescue))
    }

    package var tellsLosses: Bool { true }

    package func loss(
        of place: EnginePlace, in environment: SandboxEnvironment
    ) throws -> (any Fault)? {
        let pod = try Pod(of: environment)
        try pod.slots.spoil(place)
        return try PodLoss(
            kubectl: pod.kubectl, pod: pod.connection.pod,
            container: try pod.slots.find(place) ?? ""
        ).end()
    }

    package func keep(_ place: EnginePlace, in environment: SandboxEnvironment) throws {
        try Pod(of: environment).slots.spoil(place)
    }

    package func remove(_ environment: SandboxEnvironment) throws {
        guard let facts = environment.facts.engine, let kubectl = Kubectl(facts) else { return }
        if try !kubectl.remove(environment.id) { try check(kubectl, of: environment) }
    }

    /// What is not here may be on another cluster, and is neither gone nor removed.
    private func check(_ kubectl: Kubectl, of environment: SandboxEnvironment) throws {
        guard let engine = environment.facts.engine?.engine else { return }
        let here = try kubectl.cluster()
        guard engine == here else {
            throw EngineFault.otherEngine(environment.id, has: engine, here: here)
        }
    }

    package func entrances(of environment: SandboxEnvironment) -> [String] {
        guard let pod = try? Pod(of: environment) else { return [] }
        // Nobody is at work there any more, and it is to stay all the same.
        _ = try? pod.connection.run(
            PodScript.keep, in: KubernetesOrder.keeper, to: "keep the pod")
        return ((try? pod.slots.all()) ?? []).map { place, container in
            pod.kubectl.words(["exec", "-it", pod.connection.pod, "-c", container])
                .map(Shell.quoted).joined(separator: " ")
                + " -- sh -c 'cd \(EnginePlace.workspace) && exec sh'  # \(place)"
        }
    }

    package func sweep(living isLiving: (_ id: String) -> Bool) throws {
        let owner = try EngineOwner.id()
        try KubernetesPlaces().sweep { place in
            let kubectl = Kubectl(context: place.context, namespace: place.namespace)
            // Another cluster may have the same name by now.
            guard try kubectl.cluster() == place.engine else { return false }
            // Looked at afterwards: a run's directory is there before anything of it is.
            let all = try kubectl.environments(of: owner)
            let living = all.filter(isLiving)
            for name in all where !living.contains(name) { try kubectl.remove(name) }
            return living.isEmpty
        }
    }

    /// The documents that `prepare` would make an environment with, as JSON for people and for `kubectl`.
    package func documents(for job: Job, run: RunID) throws -> String {
        let enforcement = KubernetesEnforcement(job)
        let order = try Self.order(
            for: job, run: run, lease: Environments.lease(of: run, in: try Places.state()),
            user: getuid() == 0 ? HostUsers.configured().environments.lowerBound : getuid(),
            limits: enforcement.limits, network: enforcement.network)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(order.objects), as: UTF8.self) + "\n"
    }

    // MARK: pieces

    private static func order(
        for job: Job, run: RunID, lease: String, user: UInt32, limits: Limits, network: Network
    ) throws -> KubernetesOrder {
        let count = max(1, job.sessions.count)
        return KubernetesOrder(
            run: run, job: job.name, owner: try EngineOwner.id(),
            lease: EngineLabel.holder(lease), image: job.environment.image ?? "",
            pull: pull(job.environment.pull ?? .missing),
            target: try target(of: job), limits: limits, network: network, user: user,
            slots: min(count, job.limits.maxParallel ?? count))
    }

    /// An environment's pod, as its facts name it.
    private struct Pod {
        let kubectl: Kubectl
        let connection: PodConnection
        let slots: KubernetesSlots

        init(of environment: SandboxEnvironment) throws {
            guard let facts = environment.facts.engine, let kubectl = Kubectl(facts),
                let pod = facts.names["pod"], let slots = facts.names["slots"].flatMap({ Int($0) })
            else { throw RuntimeFault.badFacts(environment.directory) }
            self.kubectl = kubectl
            connection = PodConnection(kubectl: kubectl, pod: pod)
            self.slots = KubernetesSlots(in: environment, count: slots)
        }
    }

    private static func target(of job: Job) throws -> KubernetesTarget {
        guard let target = job.kubernetes else { throw EngineFault.noTarget(job.name) }
        return target
    }

    private static func pull(_ pull: JobEnvironment.Pull) -> String {
        switch pull {
        case .missing: "IfNotPresent"
        case .always: "Always"
        case .never: "Never"
        }
    }

    /// Puts what all share into the keeper, which the others can only read.
    private func bring(
        _ environment: SandboxEnvironment, to pod: PodConnection, image: String,
        _ writePack: (_ objects: String) throws -> Void
    ) throws {
        let building = "\(environment.directory)/base"
        defer { try? Removal.remove(building) }
        try EngineBase.build(in: building, writePack)
        let parts: PodConnection.Parts = [(building, ["objects", "smelt-inside"])]
        switch try pod.send(parts, to: KubernetesOrder.keeper, script: PodScript.base) {
        case .done: break
        case .noGit: throw EngineFault.noProgram("git", image: image)
        case .noTar, .notCleared: throw EngineFault.noProgram("tar", image: image)
        }
    }
}

extension Kubectl {
    /// Of an environment that is there.
    init?(_ facts: EngineFacts) {
        guard let namespace = facts.names["namespace"] else { return nil }
        self.init(context: facts.names["context"], namespace: namespace)
    }
}
