internal import Smelt

/// git with the user's own configuration, credentials and ssh, for what the user trusts: the
/// repository that a job names. Nothing that an agent could have written is ever looked at this
/// way.
struct UserGit {
    let arguments: [String]
    /// What it reaches may be behind ssh.
    let isRemote: Bool
    /// Whose key ssh uses, instead of those of the user's agent.
    let agent: KeyAgent?

    init(_ arguments: [String], isRemote: Bool = false, agent: KeyAgent? = nil) {
        self.arguments = arguments
        self.isRemote = isRemote
        self.agent = agent
    }

    /// `beneath` is the directory that git looks for a repository in.
    func run(
        beneath directory: String? = nil, inBackground: Bool = false
    ) throws -> Command.Finished {
        var command = Command(
            (inBackground ? ["nice", "-n", "19"] : []) + ["git"] + Self.settings
                + (directory.map { ["-C", $0] } ?? []) + arguments)
        command.environment = Self.environment
        if let agent {
            command.environment?.removeAll { $0.hasPrefix("SSH_AUTH_SOCK=") }
            command.environment?.append(agent.variable)
        }
        if isRemote, try !Self.hasOwnShell() {
            // It would ask on the terminal whether a host is known, and for passwords.
            command.environment?.append("GIT_SSH_COMMAND=ssh -oBatchMode=yes")
        }
        return try command.run()
    }

    /// Whether the user chose the ssh that git starts.
    private static func hasOwnShell() throws -> Bool {
        if Environment["GIT_SSH_COMMAND"] != nil || Environment["GIT_SSH"] != nil { return true }
        return try UserGit(["config", "--get", "core.sshCommand"]).run(beneath: "/").succeeded
    }

    /// Fetching and looking only: no hooks, no submodules, no upkeep behind our back, no commands
    /// in the place of URLs.
    static let settings = [
        "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false",
        "-c", "protocol.ext.allow=never", "-c", "submodule.recurse=false",
        "-c", "fetch.recurseSubmodules=false", "-c", "fetch.prune=false",
        "-c", "fetch.pruneTags=false", "-c", "fetch.writeCommitGraph=false",
        "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "core.fsync=all",
        // A server that sends nothing for two minutes is given up.
        "-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=120",
    ]

    /// All of the user's, but what would point git at another repository, and nothing that waits
    /// for somebody to type: git runs in the background of the terminal, where reading from it
    /// stops a process for good.
    static var environment: [String] {
        var own = Environment.all.filter { variable in
            let name = variable.prefix { $0 != "=" }
            return !elsewhere.contains(String(name)) && name != "LC_ALL" && name != "LANGUAGE"
        }
        if let allowed = Environment.nonEmpty("GIT_ALLOW_PROTOCOL") {
            // It overrides every protocol.*.allow, also ours.
            let rest = allowed.split(separator: ":").filter { $0 != "ext" }
            own.append("GIT_ALLOW_PROTOCOL=\(rest.joined(separator: ":"))")
        }
        return own + ["LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0"]
    }

    private static let elsewhere: Set<String> = [
        "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX",
        "GIT_SHALLOW_FILE", "GIT_GRAFT_FILE", "GIT_REPLACE_REF_BASE", "GIT_TRACE",
        "GIT_QUARANTINE_PATH", "GIT_ALLOW_PROTOCOL", "GIT_TERMINAL_PROMPT", "GIT_OPTIONAL_LOCKS",
    ]
}
