internal import FoundationEssentials
internal import Glibc
package import Sandbox
package import Smelt

/// Runs git, and only that, where an agent has written: in the sandbox, never on the host. It
/// starts `smelt-exec --plan`, since no other command makes sandboxes.
package struct SandboxedGit: Sendable {
    package let environment: SandboxEnvironment
    /// Seconds after which it is ended.
    package var timeout = 600.0
    /// The largest file that it may write, also on a descriptor that it was given.
    package var largest = 4 << 30

    package init(_ environment: SandboxEnvironment) {
        self.environment = environment
    }

    /// Runs `command` in the workspace to its end. Whatever it prints is an agent's: bounded, never
    /// trusted.
    package func run(
        _ command: [String], in workspace: SessionWorkspace,
        output: Command.Output = .captured(limit: 1 << 20), cancellable: Bool = true
    ) throws -> Command.Finished {
        let plan = environment.plan(
            in: workspace, command: command, environment: ["GIT_TERMINAL_PROMPT": "0"])
        return try run(plan, output: output, cancellable: cancellable)
    }

    /// The same with a plan of the environment's.
    package func run(
        _ plan: Plan, output: Command.Output, cancellable: Bool = true
    ) throws -> Command.Finished {
        var plan = plan
        plan.network = .none
        plan.limits.idleSeconds = nil
        plan.limits.outputBytes = nil
        plan.limits.wallSeconds = timeout
        plan.resourceLimits["fsize"] = UInt64(largest)
        plan.bestEffort = true
        plan.graceSeconds = 0

        let pipe = try Descriptor.pipe()
        let reading = Descriptor(owning: pipe.reading)
        // With a message's trailers a plan can be larger than a pipe is at first, and nobody reads it yet.
        widenPipe(pipe.writing, to: 1 << 20)
        do {
            let writing = Descriptor(owning: pipe.writing)
            try Array(JSONEncoder().encode(plan)).withUnsafeBytes {
                try writing.write($0, name: "plan")
            }
        }
        var started = Command([Self.program, "--plan", "\(reading.number)"])
        started.passing = [reading.number]
        started.output = output
        started.timeout = timeout + 5
        started.cancellable = cancellable
        let finished = try started.run()
        if finished.ending == .exited(code: 125) {
            throw RuntimeFault.notInside(
                command: plan.command.first ?? "", reason: Self.lastLine(of: finished.errors))
        }
        return finished
    }

    /// `smelt-exec` beside the command that runs now, else the one in `PATH`.
    package static var program: String {
        guard let own = try? Files.canonical("/proc/self/exe") else { return "smelt-exec" }
        let beside = "\(Files.parent(of: own))/smelt-exec"
        return access(beside, X_OK) == 0 ? beside : "smelt-exec"
    }

    static func lastLine(of text: String) -> String {
        Visible.line(text.split(separator: "\n").last.map(String.init) ?? "it said nothing")
    }
}
