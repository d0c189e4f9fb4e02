internal import Sandbox
package import Smelt

/// A container beside that of a place, which looks at how much there is in the place's volume: `smelt-inside watch`.
///
/// It sees the volume, in which it reads everything and writes nothing, and the place's processes, whose files without a
/// name it counts. It has another user and another control group, so nothing that a session does to its own directories,
/// limits or priorities is in its way. When the place's first process ends, it ends.
extension Docker {
    func watcherName(of place: EnginePlace, in environment: SandboxEnvironment) -> String {
        Self.watcherMark(of: environment.run) + "\(place.kind.rawValue).\(place.name)"
    }

    /// A session may be called as it likes: only what comes right behind the run tells.
    private static func watcherMark(of run: some StringProtocol) -> String { "smelt-\(run).disk." }

    /// What a session may call, and besides whether two threads have the same descriptors: kcmp with KCMP_FILES.
    static let watcherCalls = SeccompPolicy(
        allow: [SeccompPolicy.Entry("kcmp", when: [.int(2, 2)])])

    static func watcherFilter(of environment: SandboxEnvironment) -> String {
        "\(environment.directory)/seccomp-watcher.json"
    }

    package func watcher(
        of place: EnginePlace, in environment: SandboxEnvironment
    ) throws -> Command {
        let name = watcherName(of: place, in: environment)
        let words = watcherCreation(
            of: name, beside: self.name(of: place, in: environment), in: environment)
        var made = try call(words)
        if !made.succeeded, made.errors.contains("is already in use") {
            // Of a run that was cut off.
            try remove(containers: [name])
            made = try call(words)
        }
        guard made.succeeded else { throw Self.fault(made, "make the container", name) }
        return Command(Self.program, "start", "--attach", "--interactive", name)
    }

    private func watcherCreation(
        of name: String, beside session: String, in environment: SandboxEnvironment
    ) -> [String] {
        let facts = environment.facts
        return ["create", "--interactive", "--name", name]
            + labels(of: environment) + [
                "--user", "0:0", "--entrypoint", EnginePlace.program, "--workdir", "/",
                "--hostname", "smelt", "--network", "none",
                // To read what is closed, and to see what others hold open.
                "--cap-drop", "ALL", "--cap-add", "DAC_READ_SEARCH", "--cap-add", "SYS_PTRACE",
                "--security-opt", "no-new-privileges",
                "--security-opt", "seccomp=\(Self.watcherFilter(of: environment))",
                "--read-only", "--no-healthcheck", "--log-driver", "none", "--pull", "never",
                // With what the engine itself needs for a start.
                "--memory", "\(128 << 20)", "--memory-swap", "\(128 << 20)", "--pids-limit", "64",
                "--volumes-from", "\(session):ro", "--pid", "container:\(session)",
                facts.engine?.imageDigest ?? "", "watch", EnginePlace.volume,
            ]
    }

    /// They go first: a volume goes with the last container that has it.
    func removeWatchers(of places: [EnginePlace], in environment: SandboxEnvironment) throws {
        guard environment.isWatched else { return }
        try remove(containers: places.map { watcherName(of: $0, in: environment) })
    }

    /// Whether a run's container of this name watches another.
    static func isWatcher(_ name: some StringProtocol, of run: some StringProtocol) -> Bool {
        name.hasPrefix(watcherMark(of: run))
    }
}

extension SandboxEnvironment {
    /// Whether somebody looks at how much each of its places on an engine has on disk.
    package var isWatched: Bool { isOnEngine && facts.diskGuard == .watched }

    /// The command that becomes a connection to who looks at how much the place has on disk. The place is there.
    package func watcher(_ place: EnginePlace) throws -> Command {
        let request = EntryRequest(environment: directory, place: place, purpose: .watching)
        let path = "\(directory(of: place))/watch.json"
        try Files.replace(path, with: request.bytes())
        return Command(SandboxedGit.program, "--enter", path)
    }
}
