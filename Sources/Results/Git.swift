package import Smelt

/// git in one of smelt's own bare repositories, which nobody but smelt writes: no configuration of
/// the user's or the system's, no hooks, no drivers, no prompts, no lazy fetches.
package struct Git: Sendable {
    package let repository: String

    package init(_ repository: String) {
        self.repository = repository
    }

    /// What every call of ours has in its environment, and nothing else of the caller's but PATH.
    package static let environment: [String] = [
        "PATH=\(Environment.nonEmpty("PATH") ?? "/usr/local/bin:/usr/bin:/bin")",
        "HOME=/nonexistent", "LC_ALL=C", "TZ=UTC",
        "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_ATTR_NOSYSTEM=1",
        "GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1", "GIT_NO_REPLACE_OBJECTS=1",
        "GIT_OPTIONAL_LOCKS=0", "GIT_ADVICE=0",
    ]

    /// Settings that a repository's own file must not change.
    package static let settings = [
        "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false",
        "-c", "protocol.allow=never", "-c", "gc.auto=0", "-c", "maintenance.auto=false",
        "-c", "core.fsync=all", "-c", "core.fsyncMethod=batch", "-c", "safe.directory=*",
    ]

    /// The call, ready to be changed before it runs.
    package func command(_ arguments: [String]) -> Command {
        var command = Command(["git"] + Self.settings + ["--git-dir", repository] + arguments)
        command.environment = Self.environment
        return command
    }

    /// Runs to the end and gives what it printed; any other status than 0 is a fault.
    @discardableResult
    package func run(_ arguments: String..., input: [UInt8]? = nil) throws -> [UInt8] {
        var command = command(arguments)
        if let input { command.input = .bytes(input) }
        let finished = try command.run()
        guard finished.succeeded else {
            throw GitFault(arguments.first ?? "", finished)
        }
        return finished.output
    }

    /// The first line of what it printed; nil where git answered no (any other status than 0).
    package func line(_ arguments: String...) throws -> String? {
        let finished = try command(arguments).run()
        guard finished.succeeded else { return nil }
        return finished.text.split(separator: "\n", maxSplits: 1).first.map(String.init)
    }

    /// The commit that a name stands for; nil when there is none.
    package func commit(_ name: String) throws -> String? {
        try line("rev-parse", "--verify", "--quiet", "--end-of-options", "\(name)^{commit}")
    }
}

/// git refused.
package struct GitFault: Fault {
    package let action: String
    /// The telling line of what git complained, made visible.
    package let reason: String

    package init(_ action: String, _ finished: Command.Finished) {
        self.action = action
        // ssh ends its lines with two characters, and says more than git, which only noticed.
        let lines = finished.errors.split(whereSeparator: \.isNewline)
        let telling =
            lines.first { $0.hasPrefix("ssh: ") }
            ?? lines.last { $0.hasPrefix("fatal:") || $0.hasPrefix("error:") } ?? lines.last
        var reason = telling.map(String.init) ?? "it ended with \(finished.ending)"
        for prefix in ["fatal: ", "error: "] where reason.hasPrefix(prefix) {
            reason.removeFirst(prefix.count)
        }
        self.reason = Visible.line(reason)
    }

    package var exit: Exit { .io }
    package var code: String { "git" }
    package var description: String { "git \(action) failed: \(reason)" }
}
