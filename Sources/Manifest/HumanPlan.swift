internal import Records
internal import Smelt

/// The plan as people read it: what would be done, with what, and what is missing for it.
extension Manifest {
    package func description() -> String {
        var page = PlanPage()
        page.head(job)
        page.environment(job)
        page.credentials(job)
        page.sessions(job)
        page.merge(job)
        page.bounds(job)
        page.services(job)
        page.kubernetes(job)
        page.forge(job)
        return page.text + "\n═══ End Plan ═══\n"
    }
}

/// Everything in it comes from a file and is made visible before it is shown.
private struct PlanPage {
    private(set) var text = "═══ Execution Plan ═══\n\n"

    /// Characters, not bytes: cutting must not split one.
    private static let widest = 72

    private mutating func section(_ title: String) { text += "\n── \(title) ──\n" }

    private mutating func row(_ label: String, _ value: String?, indent: Int = 2) {
        guard let value else { return }
        text += String(repeating: " ", count: indent) + "\(label): \(Visible.line(value))\n"
    }

    private static func brief(_ text: String) -> String {
        let words = text.split(whereSeparator: \.isNewline)
        let line = words.joined(separator: " ")
        return line.count <= widest ? line : line.prefix(widest) + "…"
    }

    /// Whether a variable could be used now; never its value.
    private static func status(of variable: String) -> String {
        do throws(SecretFault) { _ = try Secret.value(of: variable) } catch {
            return "env:\(variable) → MISSING"
        }
        return "env:\(variable) → resolved"
    }

    mutating func head(_ job: Job) {
        row("Job", job.name, indent: 0)
        row("Repository", job.repository, indent: 0)
        row("Base ref", job.baseRef, indent: 0)
    }

    mutating func environment(_ job: Job) {
        section("Environment")
        row("Runtime", job.environment.runtime.rawValue)
        row("Image", job.environment.image)
        row("System calls", job.sandbox?.seccomp.map(Self.calls))
        row("Landlock", job.sandbox?.landlock)
        guard job.limits.cpu != nil || job.limits.memoryBytes != nil else { return }
        text += "  Resources:\n"
        row("cpu", job.limits.cpu.map(Self.plain), indent: 4)
        row("memory", job.limits.memoryBytes.map(Self.size), indent: 4)
    }

    private static func calls(_ seccomp: JSONValue) -> String {
        switch seccomp {
        case .string(let profile): profile
        case .object(let members):
            if case .string(let base)? = members["base"] {
                "a policy built on \(base)"
            } else {
                "a policy"
            }
        default: "a policy"
        }
    }

    mutating func credentials(_ job: Job) {
        guard let credentials = job.credentials else { return }
        section("Credentials")
        row("Provider", credentials.provider)
        row("Model", credentials.model)
        for (name, variable) in credentials.env.sorted(by: { $0.key < $1.key }) {
            row(name, Self.status(of: variable))
        }
        for (name, variable) in (credentials.files ?? [:]).sorted(by: { $0.key < $1.key }) {
            row("/run/secrets/\(name)", Self.status(of: variable))
        }
    }

    mutating func sessions(_ job: Job) {
        section("Sessions (\(job.sessions.count))")
        for (index, session) in job.sessions.enumerated() {
            text += "  \(index + 1). \(Visible.line(session.name))\n"
            row("Spec", Self.brief(session.spec), indent: 5)
            let agent = session.agent ?? job.agent
            row(
                "Agent", agent.map { $0.preset ?? Self.brief($0.command.joined(separator: " ")) },
                indent: 5)
            row("Harness", Self.brief(session.harness), indent: 5)
            row("Timeout", "\(Self.plain(session.timeoutSeconds))s", indent: 5)
            row("Directory", session.workingDirectory, indent: 5)
            if !session.env.isEmpty {
                row("Variables", session.env.keys.sorted().joined(separator: ", "), indent: 5)
            }
            if !session.dependsOn.isEmpty {
                row("Depends on", session.dependsOn.joined(separator: ", "), indent: 5)
            }
        }
    }

    mutating func merge(_ job: Job) {
        section("Merge")
        row("Strategy", job.merge.strategy.rawValue)
        row("Target", job.merge.target)
        row("AI resolution", job.merge.aiResolution ? "enabled" : "disabled")
        if !job.merge.order.isEmpty { row("Order", job.merge.order.joined(separator: " → ")) }
        if !job.merge.includeFailed { row("Failed gates", "left out") }
        if job.review.required { row("Review", "required") }
        if !job.protect.isEmpty { row("Protected", job.protect.joined(separator: ", ")) }
        if job.commit != CommitStyle() {
            row("Author", "\(job.commit.name) <\(job.commit.email)>")
        }
    }

    mutating func bounds(_ job: Job) {
        section("Limits")
        row("Wall", job.limits.wallSeconds.map(Quantity.describe))
        row("Processes", job.limits.processes.map(String.init))
        row("CPU weight", job.limits.cpuWeight.map(String.init))
        row("Processors", job.limits.cpus)
        row("Memory high", job.limits.memoryHighBytes.map(Self.size))
        row("Swap", job.limits.swapBytes.map(Self.size))
        row("Disk", job.limits.diskBytes.map(Self.size))
        row("I/O weight", job.limits.ioWeight.map(String.init))
        row("Read rate", job.limits.ioReadBytesPerSecond.map { "\(Self.size($0))/s" })
        row("Write rate", job.limits.ioWriteBytesPerSecond.map { "\(Self.size($0))/s" })
        row("Reads", job.limits.ioReadOperationsPerSecond.map { "\($0)/s" })
        row("Writes", job.limits.ioWriteOperationsPerSecond.map { "\($0)/s" })
        row("Output", job.limits.outputBytes.map(Self.size))
        row("Idle", job.limits.idleSeconds.map(Quantity.describe))
        row("Parallel", job.limits.maxParallel.map(String.init))
        row("Network", job.network.mode.rawValue)
        for host in job.network.allow { row("allow", host, indent: 4) }
        for broker in job.network.broker ?? [] {
            row("broker", "\(broker.name): \(broker.upstream)", indent: 4)
        }
        row("Setup", job.workspace.setup.map(Self.brief))
        for share in job.workspace.copy { row("Copy", "\(share.source) → \(share.target)") }
        for share in job.workspace.mounts { row("Mount", "\(share.source) → \(share.target)") }
    }

    mutating func services(_ job: Job) {
        let services = job.services ?? []
        let files = job.environment.compose?.files ?? []
        guard !services.isEmpty || !files.isEmpty else { return }
        section("Compose Services")
        for file in files { row("File", file) }
        for case .object(let service) in services {
            guard case .string(let name)? = service["name"] else { continue }
            if case .string(let image)? = service["image"] { row(name, image) }
        }
    }

    mutating func kubernetes(_ job: Job) {
        guard let pod = job.kubernetes else { return }
        section("Kubernetes")
        row("Namespace", pod.namespace)
        row("Context", pod.context ?? "ambient")
        row("SSH key", pod.sshKeyEnv.map(Self.status))
        row("CPU req", pod.cpuRequest)
        row("Mem req", pod.memoryRequest)
        row("Service account", pod.serviceAccount)
        row("Priority", pod.priorityClass)
        row("Runtime class", pod.runtimeClass)
        for (name, value) in (pod.nodeSelector ?? [:]).sorted(by: { $0.key < $1.key }) {
            row("Node", "\(name)=\(value)")
        }
        if pod.podTemplate != nil { row("Pod template", "merged in") }
        row("Start within", Quantity.describe(seconds: pod.startSeconds))
    }

    mutating func forge(_ job: Job) {
        guard let forge = job.forge else { return }
        section("Forge")
        row("Provider", forge.provider.rawValue)
        row("Repo", forge.repository)
        row("Token env", forge.tokenEnv.map(Self.status))
        text += "  (with --no-pr the branch is moved and no pull request is opened)\n"
    }

    private static func plain(_ number: Double) -> String {
        number.rounded() == number && number < 1e15 ? "\(Int(number))" : "\(number)"
    }

    private static func size(_ bytes: Int) -> String {
        var (number, unit) = (Double(bytes), 0)
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
        while number >= 1024, unit + 1 < units.count { (number, unit) = (number / 1024, unit + 1) }
        return "\(plain((number * 10).rounded() / 10)) \(units[unit])"
    }
}
