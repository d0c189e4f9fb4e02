internal import Glibc
package import Records
internal import Sandbox
package import Smelt

/// A container for each workspace.
extension Docker {
    package func prepare(
        _ environment: SandboxEnvironment, for job: Job,
        writingPack writePack: (_ objects: String) throws -> Void
    ) throws -> EngineFacts {
        guard var facts = environment.facts.engine else {
            throw RuntimeFault.badFacts(environment.directory)
        }
        // A socket goes to no other host.
        if try job.network.mode == .allow && !isHere(facts.engine) { facts.carries = true }
        if job.network.mode == .allow && DockerInfo.isPodman(facts.engine) {
            let resolver = "nameserver 127.0.0.1\noptions timeout:10 attempts:2\n"
            try Files.replace(Self.resolver(of: environment), with: Array(resolver.utf8))
        }
        let filter = try SeccompEngineProfile.json(SeccompPolicy())
        try Files.replace(Self.filter(of: environment), with: filter)
        if environment.isWatched {
            let filter = try SeccompEngineProfile.json(Self.watcherCalls)
            try Files.replace(Self.watcherFilter(of: environment), with: filter)
        }
        return facts
    }

    /// The filter of system calls in the engine's format: the same as in a sandbox.
    static func filter(of environment: SandboxEnvironment) -> String {
        "\(environment.directory)/seccomp.json"
    }

    /// Who is asked for names, where the engine does not write it itself.
    private static func resolver(of environment: SandboxEnvironment) -> String {
        "\(environment.directory)/resolv.conf"
    }

    func name(of place: EnginePlace, in environment: SandboxEnvironment) -> String {
        // Points, for compose names what is a service's with '-' or '_'.
        "\(environment.id).\(place.kind.rawValue).\(place.name)"
    }

    package func enter(_ place: EnginePlace, in environment: SandboxEnvironment) throws -> Command {
        let name = name(of: place, in: environment)
        let directory = environment.directory(of: place)
        let user = environment.engineUser
        let creation = creation(of: name, place, in: environment)
        var made = try call(creation)
        if !made.succeeded, made.errors.contains("is already in use") {
            // Of a run that was cut off. A session goes on with its files as they were left, once it has begun; what was
            // only being made is made anew, and so is a gate.
            if place.kind == .session, Files.exists(Salvage.mark(in: directory)),
                let again = try reenter(place, in: environment)
            {
                return again
            }
            try remove(containers: [name])
            made = try call(creation)
        }
        guard made.succeeded else { throw Self.fault(made, "make the container", name) }
        try heed(made.errors, environment)
        try send(
            ["workspace", "home"], of: "\(directory)/parcel", owner: user, to: "\(name):/smelt")
        if Files.exists("\(directory)/start") {
            try send(["start"], of: directory, owner: 0, to: "\(name):/smelt")
        }
        return Command(Self.program, "start", "--attach", "--interactive", name)
    }

    /// What the engine says that it leaves out of what it was asked for.
    private func heed(_ said: String, _ environment: SandboxEnvironment) throws {
        guard !environment.facts.bestEffort else { return }
        let warning = said.split(whereSeparator: \.isNewline).first {
            $0.hasPrefix("WARNING: ") && ($0.contains("support") || $0.contains("iscarded"))
        }
        guard let warning else { return }
        throw EngineFault.refused(
            action: "enforce", object: "[limits]",
            reason: Visible.line(String(warning.dropFirst("WARNING: ".count))))
    }

    /// Everything that holds a container is here.
    private func creation(
        of name: String, _ place: EnginePlace, in environment: SandboxEnvironment
    ) -> [String] {
        let user = environment.engineUser
        let facts = environment.facts
        let isPodman = DockerInfo.isPodman(facts.engine?.engine)
        // Podman gives a file system in memory to the container's user by a word of its own.
        let own = isPodman ? "U" : "uid=\(user),gid=\(user)"
        var words = ["create", "--interactive", "--name", name]
        words += labels(of: environment)
        words += [
            "--user", "\(user):\(user)", "--entrypoint", EnginePlace.program, "--workdir", "/",
            "--hostname", "smelt", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
            "--security-opt", "seccomp=\(Self.filter(of: environment))",
            "--read-only", "--no-healthcheck", "--log-driver", "none", "--pull", "never",
            "--tmpfs", "/tmp:rw,nosuid,nodev,exec,mode=1777",
            "--tmpfs", "/var/tmp:rw,nosuid,nodev,exec,mode=1777",
            "--tmpfs", "\(EnginePlace.memory):rw,nosuid,nodev,noexec,mode=0755,\(own)",
            "--tmpfs", "\(EnginePlace.secrets):rw,nosuid,nodev,noexec,mode=0700,\(own)",
            "--volume", EnginePlace.volume,
            "--volume", "\(facts.engine?.names["base"] ?? ""):\(EnginePlace.base):ro",
        ]
        words +=
            environment.composeNetwork
            ?? ["--network", facts.network.mode == .host ? "bridge" : "none"]
        words += Self.limits(facts.limits)
        let targets = (facts.engine?.mounts ?? []).map { environment.path(inside: $0.target) }
        words += Self.closed(facts.engine?.volumes ?? [], beside: words, targets)
        for share in facts.engine?.mounts ?? [] {
            let target = environment.path(inside: share.target)
            words += ["--mount", Self.bind(share.source, at: target)]
        }
        if facts.network.mode == .allow {
            if facts.engine?.carries != true {
                let door = "\(environment.directory(of: place))/door"
                words += ["--mount", Self.bind(door, at: EnginePlace.door)]
            }
            if !isPodman {
                words += [
                    "--dns", "127.0.0.1", "--dns-option", "timeout:10", "--dns-option",
                    "attempts:2",
                ]
            } else if facts.engine?.carries != true {
                // Which takes no resolver for a container without a network, and lets its user listen where docker does
                // only when asked to.
                let resolver = Self.resolver(of: environment)
                words += [
                    "--mount", Self.bind(resolver, at: "/etc/resolv.conf"),
                    "--sysctl", "net.ipv4.ip_unprivileged_port_start=0",
                ]
            }
        }
        return words + [facts.engine?.imageDigest ?? ""]
    }

    /// What makes the image's own volumes no place to write: all that a session may write is counted. An anonymous volume
    /// cannot be made read-only, so each is empty.
    private static func closed(
        _ volumes: [String], beside words: [String], _ targets: [String]
    ) -> [String] {
        let ours =
            targets
            + zip(words, words.dropFirst())
            .filter { ["--tmpfs", "--volume"].contains($0.0) }
            .flatMap { $0.1.split(separator: ":").map(String.init) }
        let paths = volumes.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        return paths.filter { !ours.contains($0) }.flatMap { path in
            // Places of ours in it have to be made there; it is root's.
            let holdsOurs = ours.contains { $0.hasPrefix("\(path)/") }
            return ["--tmpfs", "\(path):\(holdsOurs ? "rw" : "ro"),nosuid,nodev,noexec,mode=0755"]
        }
    }

    /// Comma-separated, as `--mount` reads it; a value may hold anything.
    private static func bind(_ source: String, at target: String) -> String {
        ["type=bind", "source=\(source)", "target=\(target)", "readonly"].map {
            $0.contains(where: { $0 == "," || $0 == "\"" })
                ? "\"\($0.replacing("\"", with: "\"\""))\"" : $0
        }.joined(separator: ",")
    }

    private static func limits(_ limits: Limits) -> [String] {
        var words: [String] = []
        if let bytes = limits.memoryBytes {
            // Memory and swap together, as the limit has it.
            let (whole, tooMuch) = bytes.addingReportingOverflow(limits.swapBytes ?? 0)
            words += ["--memory", "\(bytes)", "--memory-swap", "\(tooMuch ? .max : whole)"]
        }
        // smelt-inside is one of them.
        if let count = limits.processes { words += ["--pids-limit", "\(count + 1)"] }
        if let cpu = limits.cpu { words += ["--cpus", "\(cpu)"] }
        if let cpus = limits.cpus { words += ["--cpuset-cpus", cpus] }
        if let weight = limits.cpuWeight {
            // 100 is what everybody has, as 1024 is docker's.
            words += ["--cpu-shares", "\(max(2, weight * 1024 / 100))"]
        }
        return words
    }

    package func reenter(
        _ place: EnginePlace, in environment: SandboxEnvironment
    ) throws -> Command? {
        let name = name(of: place, in: environment)
        let found = try call(["container", "inspect", "--format", "{{.State.Running}}", name])
        guard found.succeeded else {
            guard found.errors.lowercased().contains("no such container") else {
                throw Self.fault(found, "find the container", name)
            }
            return nil
        }
        if found.text.hasPrefix("true") {
            let killed = try call(["kill", name])
            // It may just have ended by itself.
            guard killed.succeeded || Self.isOver(killed.errors) else {
                throw Self.fault(killed, "end the container", name)
            }
        }
        // Its first process sees to it that it is made anew: memory is empty, the volume is as it was.
        return Command(Self.program, "start", "--attach", "--interactive", name)
    }

    /// Whether that is how docker or podman say that a container does not run.
    private static func isOver(_ errors: String) -> Bool {
        errors.contains("is not running") || errors.contains("container state improper")
    }

    package func remove(_ environment: SandboxEnvironment) throws {
        let places = environment.places
        try removeWatchers(of: places, in: environment)
        let names = places.map { name(of: $0, in: environment) }
        let removed = try remove(containers: names)
        // What is not here may be on another engine, and is not looked for on this one.
        if removed.count < names.count { try checkEngine(of: environment) }
    }

    /// Killed, with their volumes; those that were there.
    @discardableResult
    func remove(containers names: [String]) throws -> [Substring] {
        guard !names.isEmpty else { return [] }
        let finished = try call(
            ["rm", "--force", "--volumes", "--"] + names, cancellable: false)
        let complaints = finished.errors.split(whereSeparator: \.isNewline).filter {
            !$0.lowercased().contains("no such container") && !$0.contains("already in progress")
        }
        // Who says nothing may have been ended before it was done.
        guard finished.succeeded || complaints.isEmpty && !finished.errors.isEmpty else {
            throw Self.fault(finished, "remove the container", names[0])
        }
        return finished.text.split(whereSeparator: \.isNewline)
    }

    func checkEngine(of environment: SandboxEnvironment) throws {
        guard let engine = environment.facts.engine?.engine else { return }
        let here = try info().identity
        guard engine == here else {
            throw EngineFault.otherEngine(environment.id, has: engine, here: here)
        }
    }

    package func entrances(of environment: SandboxEnvironment) -> [String] {
        environment.places.filter { $0.kind == .session }.map { place in
            let user = environment.engineUser
            let network = environment.composeNetwork?.joined(separator: " ") ?? "--network none"
            return "docker run --rm -it \(network) --user \(user):\(user) "
                + "--volumes-from \(name(of: place, in: environment)) "
                + "--workdir \(EnginePlace.workspace) --entrypoint sh "
                + (environment.facts.engine?.image ?? "")
        }
    }
}
