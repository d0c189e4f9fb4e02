internal import FoundationEssentials
internal import Glibc
package import Records
package import Smelt

/// Services beside the sessions, run by `docker compose` or `docker-compose`, whichever is there, as the project
/// `smelt-<run>`.
///
/// The sessions' own containers are Docker's, made and hardened as there; they join the project's network, on which
/// services are reached by their names. That network leads nowhere else, and the host has no address on it, unless the
/// manifest opens the host's network. Compose only starts the services: what it made is known by its project, and is
/// removed by the engine itself, which takes no second.
package struct Compose: Engine {
    let docker: Docker

    package init() throws { docker = try Docker() }

    package func look(at job: Job) throws -> Readiness {
        let readiness = try docker.look(at: job)
        if DockerInfo.isPodman(readiness.engine) { throw ComposeFault.podman }
        if !(job.services ?? []).isEmpty || job.environment.compose?.files.isEmpty == false {
            _ = try ComposeCommand(project: "", in: "/", hiding: [])
        }
        for case .object(let service) in job.services ?? [] where service["build"] == nil {
            guard case .string(let image)? = service["image"] else { continue }
            _ = try docker.image(image, pulling: job.environment.pull ?? .missing)
        }
        return readiness
    }

    package func bring(
        commit: String, for job: Job, _ readiness: Readiness,
        writingPack writePack: (_ objects: String) throws -> Void
    ) throws -> EngineFacts {
        // gc looks at the engines of which there is a directory.
        try Files.makeDirectories("\(Files.parent(of: docker.directory))/compose")
        return try docker.bring(commit: commit, for: job, readiness, writingPack: writePack)
    }

    package func prepare(
        _ environment: SandboxEnvironment, for job: Job,
        writingPack writePack: (_ objects: String) throws -> Void
    ) throws -> EngineFacts {
        var facts = try docker.prepare(environment, for: job, writingPack: writePack)
        let project = ComposeProject(environment.id, docker)
        facts.serviceDigests = try project.start(job, in: environment)
        return facts
    }

    package func enter(_ place: EnginePlace, in environment: SandboxEnvironment) throws -> Command {
        try docker.enter(place, in: environment)
    }

    package func reenter(
        _ place: EnginePlace, in environment: SandboxEnvironment
    ) throws -> Command? {
        try docker.reenter(place, in: environment)
    }

    package func watcher(
        of place: EnginePlace, in environment: SandboxEnvironment
    ) throws -> Command {
        try docker.watcher(of: place, in: environment)
    }

    package func remove(_ environment: SandboxEnvironment) throws {
        let places = environment.places
        try docker.removeWatchers(of: places, in: environment)
        let names = places.map { docker.name(of: $0, in: environment) }
        let there = try ComposeProject(environment.id, docker).remove(with: names)
        // What is not here may be on another engine.
        if there.containers < names.count || !there.network {
            try docker.checkEngine(of: environment)
        }
    }

    package func entrances(of environment: SandboxEnvironment) -> [String] {
        docker.entrances(of: environment)
    }

    package func sweep(living isLiving: (_ id: String) -> Bool) throws {
        try docker.sweep(living: isLiving)
        if DockerInfo.isPodman(try docker.info().identity) { return }
        for project in try ComposeProject.left(on: docker) where !isLiving(project) {
            try ComposeProject(project, docker).remove()
        }
    }
}

extension SandboxEnvironment {
    /// How a container of a session joins the services; nil where there are none.
    var composeNetwork: [String]? {
        guard facts.runtime == .compose else { return nil }
        let network = ["--network", id]
        // Engines before 23 ask the host's servers for whatever name is no service's, even from a network that leads
        // nowhere: a way out. Here nobody answers instead; where hosts are allowed, smelt-egress does.
        guard facts.network.mode == .none else { return network }
        return network + [
            "--dns", ComposeDocument.noServer, "--dns-option", "timeout:1", "--dns-option",
            "attempts:1",
        ]
    }

    /// Services are no matter of a proxy: variables that name one, with the services excepted.
    package func exceptingServices(from variables: [String: String]) -> [String: String] {
        guard facts.runtime == .compose, let bytes = try? Files.read(composeFile),
            case .object(let file)? = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)),
            case .object(let services)? = file["services"]
        else { return variables }
        var variables = variables
        for name in ["no_proxy", "NO_PROXY"] {
            guard let own = variables[name] else { continue }
            variables[name] = ([own] + services.keys.sorted()).joined(separator: ",")
        }
        return variables
    }

    /// What compose got from us.
    var composeFile: String { "\(directory)/compose.json" }
}
