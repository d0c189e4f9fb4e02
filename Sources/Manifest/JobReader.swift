internal import Policies
internal import Records
internal import Smelt
internal import Toml

/// Makes the job of a checked table: fills in what is left out and looks for what only shows when
/// several keys are seen together.
struct JobReader {
    let table: Table
    let directory: String
    let findings: Findings

    private var beside: ServicesReader {
        ServicesReader(table: table, directory: directory, findings: findings)
    }

    /// Nil only when something was reported.
    func read() -> Job? {
        let head = readHead()
        let environment = readEnvironment()
        let (credentials, model) = readCredentials()
        let agents = AgentReader(model: credentials?.model, findings: findings)
        let agent = agents.read(table, "agent")
        let sessions = SessionReader(
            agents: agents, haveAgent: table.mentions("agent"), credentials: credentials,
            findings: findings
        )
        .read(table.tables("session", JobKeys.session), hasAny: table.has("session"))
        var limits = JobLimits(findings: findings).read(
            table.table("limits", JobKeys.limits), resources: environment.resources)
        let places = WorkspaceReader(paths: Paths(directory: directory), findings: findings)
        let workspace = places.read(table.table("workspace", JobKeys.workspace))
        let paths = Paths(directory: directory)
        let network = NetworkReader(findings: findings, absolute: paths.absolute)
            .read(table.table("network", JobKeys.network))
        let sandbox = WallsReader(directory: directory, findings: findings)
            .read(table.table("sandbox", JobKeys.sandbox), environment.value)
        let delivery = DeliveryReader(
            table: table, paths: Paths(directory: directory), findings: findings)
        let merge = delivery.readMerge(sessions: sessions)
        let forge = delivery.readForge()
        let commit = delivery.readCommit()
        let review = delivery.readReview()
        let protect = delivery.readProtect()
        let kubernetes = KubernetesReader(directory: directory, findings: findings)
            .read(table, environment.value, limits: &limits)
        let services = beside.readServices(environment.value)
        let notify = readNotify()
        checkModel(model, agents: [agent] + sessions.map(\.agent))

        // Not before everything was looked at: all problems are found in one go.
        guard let head, let merge, let environment = environment.value else { return nil }
        return Job(
            name: head.name, repository: head.repository, baseRef: head.baseRef,
            environment: environment, agent: agent, sessions: sessions, limits: limits,
            network: network, workspace: workspace, sandbox: sandbox, credentials: credentials,
            commit: commit,
            merge: merge, review: review, protect: protect, forge: forge, kubernetes: kubernetes,
            services: services, stateBackend: table.any("state_backend")?.value.json,
            notify: notify)
    }

    private func readHead() -> (name: String, repository: String, baseRef: String)? {
        guard let job = table.table("job", JobKeys.job) else { return nil }
        let name = job.text("name")
        let repo = job.text("repo")
        let baseRef = job.text("base_ref")
        if let name, let complaint = Names.complaint(about: name.value) {
            findings.complain(name.place, "\(name.path) \(complaint)")
        }
        if let repo { checkAddress(repo) }
        if let baseRef { checkRef(baseRef) }
        guard let name, let repo, let baseRef else { return nil }
        let repository =
            Paths.isAddress(repo.value)
            ? repo.value : Paths(directory: directory).absolute(repo.value)
        return (name.value, repository, baseRef.value)
    }

    private func checkAddress(_ repo: Found<String>) {
        if repo.value.hasPrefix("-") {
            findings.complain(repo.place, "\(repo.path) must not begin with '-'")
        } else if Paths.holdsPassword(repo.value) {
            findings.complain(
                repo.place,
                "\(repo.path) holds a user or password, which would be recorded: leave it to git's "
                    + "credential helper, or use ssh")
        }
    }

    private func checkRef(_ ref: Found<String>) {
        let isOdd = ref.value.unicodeScalars.contains { $0.value < 33 || $0.value == 127 }
        if ref.value.hasPrefix("-") || isOdd {
            findings.complain(ref.place, "\(ref.path) is no branch, tag or commit")
        }
    }

    /// Nil for a runtime that there is not; nothing can be said then about what belongs to one.
    private func readEnvironment() -> (value: JobEnvironment?, resources: Table?) {
        guard let section = table.table("environment", JobKeys.environment) else {
            return (JobEnvironment(runtime: .sandbox), nil)
        }
        let resources = section.table("resources", JobKeys.resources)
        let image = section.text("image")
        let pull = section.choice("pull", JobEnvironment.Pull.self)
        let chosen = section.choice("runtime", JobEnvironment.Runtime.self)
        if chosen == nil, section.mentions("runtime") { return (nil, resources) }
        let runtime = chosen ?? (section.mentions("image") ? .docker : .sandbox)
        if runtime == .sandbox, let image {
            findings.complain(
                image.place,
                "\(image.path) has no use with the runtime sandbox: remove it, or choose docker")
        } else if runtime != .sandbox, !section.mentions("image") {
            findings.complain(
                section.place, "environment.image is missing: the runtime \(runtime) needs one")
        }
        if runtime == .sandbox, section.mentions("pull"), image == nil {
            findings.complain(
                section.place,
                "environment.pull has no use with the runtime sandbox: remove it, or choose docker")
        }
        let compose = beside.readFiles(section, runtime)
        return (
            JobEnvironment(runtime: runtime, image: image?.value, pull: pull, compose: compose),
            resources
        )
    }

    private func readCredentials() -> (Credentials?, model: Found<String>?) {
        guard let section = table.table("credentials", JobKeys.credentials) else {
            return (nil, nil)
        }
        let model = section.text("model")
        var credentials = Credentials(
            provider: section.text("provider")?.value, model: model?.value)
        for (name, keyPlace, variable) in section.map("env") {
            EnvironmentNames(findings: findings).check(name, at: keyPlace, path: variable.path)
            credentials.env[name] = variable.value
            SecretCheck(findings: findings).check(variable)
        }
        credentials.files = readFiles(section, besides: credentials.env)
        return (credentials, model)
    }

    private func readFiles(_ section: Table, besides env: [String: String]) -> [String: String]? {
        var files: [String: String] = [:]
        for (name, keyPlace, variable) in section.map("files") {
            if !SafeName.isPlain(name) {
                findings.complain(
                    keyPlace,
                    "\(variable.path): '\(name)' cannot be a file: use letters, digits, '.', '_' and "
                        + "'-'")
            } else if env[name] != nil {
                findings.complain(
                    keyPlace,
                    "\(variable.path): '\(name)' is a variable already: choose another name")
            }
            files[name] = variable.value
            SecretCheck(findings: findings).check(variable)
        }
        return files.isEmpty ? nil : files
    }

    /// A model that nobody is told of would be a promise broken.
    private func checkModel(_ model: Found<String>?, agents: [Agent?]) {
        guard let model else { return }
        let isUsed = agents.contains { agent in
            agent?.command.contains { $0.contains(model.value) } == true
        }
        guard !isUsed else { return }
        findings.warn(
            model.place,
            "\(model.path) reaches no agent: name one with [agent] preset, or put {model} in its "
                + "command")
    }

    private func readNotify() -> [JSONValue]? {
        // Only to have them checked: they go on as they are.
        _ = table.tables("notify", JobKeys.notify)
        return passThrough("notify")
    }

    private func passThrough(_ key: String) -> [JSONValue]? {
        guard case .array(let tables)? = table.any(key)?.value.value else { return nil }
        return tables.compactMap(\.json)
    }
}
