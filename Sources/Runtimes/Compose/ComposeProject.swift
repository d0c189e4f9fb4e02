internal import Glibc
internal import Records
internal import Smelt

/// What compose made for one run, by its project `smelt-<run>`.
struct ComposeProject {
    /// Also of the network on which sessions and services meet: the first thing made and the last one removed, so that
    /// whatever is left of the project is found by it.
    let name: String
    let docker: Docker

    init(_ name: String, _ docker: Docker) {
        self.name = name
        self.docker = docker
    }

    static let label = "com.docker.compose.project"
    var mine: [String] { ["--filter", "label=\(Self.label)=\(name)"] }

    // MARK: start

    /// Starts the job's services and waits until they are ready: the digests of what runs, by the services' names.
    func start(_ job: Job, in environment: SandboxEnvironment) throws -> [String: String] {
        let isOpen = job.network.mode == .host
        try makeNetwork(isOpen: isOpen, environment)
        let compose = job.environment.compose ?? .init(directory: "/")
        let services = job.services ?? []
        guard !services.isEmpty || !compose.files.isEmpty else { return [:] }
        var command = try ComposeCommand(
            project: name, in: compose.directory, hiding: job.secretVariables)
        var others = ComposeNames()
        if !compose.files.isEmpty {
            others = try command.configuration(of: compose.files)
            for service in others.services.values where !service.isBuilt {
                guard let image = service.image else { continue }
                _ = try docker.image(image, pulling: job.environment.pull ?? .missing)
            }
        }
        let document = ComposeDocument(
            services: services, others: others,
            labels: EngineLabel.all(of: environment, owner: docker.owner), network: name,
            isOpen: isOpen)
        let path = environment.composeFile
        try Files.replace(path, with: Array(document.value.yaml.utf8))

        // Before anything starts, so that nothing is missed that happens.
        let watch = try ComposeWatch(
            self, since: created(), until: monotonicSeconds() + compose.startSeconds,
            patience: compose.startSeconds)
        command.timeout = compose.startSeconds
        let finished: Command.Finished
        do {
            finished = try command.call(
                compose.files + [path], ["up", "--detach", "--no-color"])
        } catch CommandFault.timedOut {
            throw try watch.late()
        }
        guard finished.succeeded else {
            // Of a service that another waits for compose only says that it is not well.
            if let fault = try watch.failure() { throw fault }
            throw ComposeFault.refused(reason: ComposeCommand.reason(finished.errors))
        }
        return try watch.wait().reduce(into: [:]) { $0[$1.service] = $1.Image }
    }

    private func makeNetwork(isOpen: Bool, _ environment: SandboxEnvironment) throws {
        var words = ["network", "create"]
        words += docker.labels(of: environment)
        words += ["--label", "\(Self.label)=\(name)"]
        if !isOpen { words += ["--internal", "--opt", "\(ComposeDocument.withoutHost)=true"] }
        let finished = try docker.call(words + [name])
        // It is there when the same run is prepared once more.
        guard finished.succeeded || finished.errors.contains("already exists") else {
            throw Docker.fault(finished, "make the network", name)
        }
    }

    /// When the network was made, by the engine's own clock.
    private func created() throws -> String {
        let text = try docker.run(
            ["network", "inspect", "--format", "{{json .Created}}", name], to: "look at", name)
        return try docker.decode(String.self, text, of: "docker network inspect")
    }

    // MARK: what there is

    /// The project's containers, as the engine sees them now.
    func containers() throws -> [ComposeContainer] {
        let listed = try docker.run(
            ["ps", "--all", "--quiet", "--no-trunc"] + mine, to: "list what there is of", name)
        let ids = listed.split(separator: "\n").map(String.init)
        guard !ids.isEmpty else { return [] }
        let finished = try docker.call(
            ["container", "inspect", "--format", "{{json .}}", "--"] + ids)
        // One that is gone meanwhile is named on standard error.
        return try finished.text.split(separator: "\n").map {
            try docker.decode(ComposeContainer.self, String($0), of: "docker container inspect")
        }
    }

    /// What a container printed last, at most three lines.
    func lastLines(of container: ComposeContainer) -> [String] {
        var command = Command([Docker.program, "logs", "--tail", "3", container.Id])
        // A line may be as long as it likes.
        command.timeout = 10
        guard let finished = try? command.run(), finished.succeeded else { return [] }
        let lines = (finished.text + "\n" + finished.errors).split(whereSeparator: \.isNewline)
        return lines.suffix(3).map { String($0.prefix(300)) }
    }
}

extension Job {
    /// Variables of this host that hold secrets.
    fileprivate var secretVariables: Set<String> {
        var names = credentials?.variables ?? []
        if let token = forge?.tokenEnv { names.insert(token) }
        for broker in network.broker ?? [] {
            if let name = broker.secretEnv { names.insert(name) }
        }
        return names
    }
}
