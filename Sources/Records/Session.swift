/// One piece of work: a task, who does it, and what decides that it is good.
package struct Session: Codable, Equatable, Sendable {
    package var name: String
    /// The task in words, or the file that holds it when it is over 64 KiB.
    package var spec: String
    package var specPath: String?
    package var specSha256: String?
    /// The gate: a shell command. Without an agent it is the work.
    package var harness: String
    /// Agent, commit and gate together.
    package var timeoutSeconds: Double
    package var dependsOn: [String]
    /// This session's own agent; nil means the job's.
    package var agent: Agent?
    package var env: [String: String]
    /// Relative to the workspace.
    package var workingDirectory: String?
    /// Which of the job's credentials its agent gets, by their names inside; nil means all of them.
    package var credentials: [String]?

    package init(
        name: String, spec: String, specPath: String? = nil, specSha256: String? = nil,
        harness: String, timeoutSeconds: Double, dependsOn: [String] = [], agent: Agent? = nil,
        env: [String: String] = [:], workingDirectory: String? = nil, credentials: [String]? = nil
    ) {
        self.name = name
        self.spec = spec
        self.specPath = specPath
        self.specSha256 = specSha256
        self.harness = harness
        self.timeoutSeconds = timeoutSeconds
        self.dependsOn = dependsOn
        self.agent = agent
        self.env = env
        self.workingDirectory = workingDirectory
        self.credentials = credentials
    }
}

/// The program that does the work.
package struct Agent: Codable, Equatable, Sendable {
    /// How the task reaches the program.
    package enum Prompt: String, Codable, Sendable, CaseIterable {
        /// On standard input.
        case stdin
        /// As one more argument, or in place of `{prompt}` where the command has it.
        case argument
        /// By the path in `SMELT_SPEC_FILE`, also in place of `{spec_file}`.
        case file
    }

    package var preset: String?
    package var command: [String]
    package var prompt: Prompt

    package init(preset: String? = nil, command: [String], prompt: Prompt = .stdin) {
        self.preset = preset
        self.command = command
        self.prompt = prompt
    }
}

/// What holds somebody to a limit of what he may put on disks.
package enum DiskGuard: String, Codable, Sendable, CaseIterable {
    /// A quota of the file system: what would go over it cannot be written.
    case quota
    /// A file system of that size: what is too much for it cannot be written.
    case sized
    /// It is measured again and again what was written, and who wrote more is ended.
    case watched
}

/// Bounds of a job; what is nil is not bounded.
package struct Limits: Codable, Equatable, Sendable {
    /// The whole run.
    package var wallSeconds: Double?
    /// Processors, fractions allowed.
    package var cpu: Double?
    /// A share of the processors when they are contended, 1 to 10,000; 100 is what everybody else has.
    package var cpuWeight: Int?
    /// The processors that may be used, as the kernel lists them: `0-3,6`.
    package var cpus: String?
    /// With what is swapped out, unless `swapBytes` says otherwise.
    package var memoryBytes: Int?
    /// Beyond it memory is taken back and everything becomes slow, but nothing is killed.
    package var memoryHighBytes: Int?
    package var swapBytes: Int?
    package var processes: Int?
    /// What a session, or a command alone, may put on disks; see `DiskGuard`.
    package var diskBytes: Int?
    /// A share of the disks when they are contended, 1 to 10,000; 100 is what everybody else has.
    package var ioWeight: Int?
    /// Of each disk of the host, like the next three.
    package var ioReadBytesPerSecond: Int?
    package var ioWriteBytesPerSecond: Int?
    package var ioReadOperationsPerSecond: Int?
    package var ioWriteOperationsPerSecond: Int?
    /// What a session may print.
    package var outputBytes: Int?
    /// Silence after which a session counts as stalled.
    package var idleSeconds: Double?
    /// Sessions at the same time.
    package var maxParallel: Int?

    package init(
        wallSeconds: Double? = nil, cpu: Double? = nil, cpuWeight: Int? = nil,
        cpus: String? = nil, memoryBytes: Int? = nil, memoryHighBytes: Int? = nil,
        swapBytes: Int? = nil, processes: Int? = nil, diskBytes: Int? = nil,
        ioWeight: Int? = nil, ioReadBytesPerSecond: Int? = nil,
        ioWriteBytesPerSecond: Int? = nil, ioReadOperationsPerSecond: Int? = nil,
        ioWriteOperationsPerSecond: Int? = nil, outputBytes: Int? = nil,
        idleSeconds: Double? = nil, maxParallel: Int? = nil
    ) {
        self.wallSeconds = wallSeconds
        self.cpu = cpu
        self.cpuWeight = cpuWeight
        self.cpus = cpus
        self.memoryBytes = memoryBytes
        self.memoryHighBytes = memoryHighBytes
        self.swapBytes = swapBytes
        self.processes = processes
        self.diskBytes = diskBytes
        self.ioWeight = ioWeight
        self.ioReadBytesPerSecond = ioReadBytesPerSecond
        self.ioWriteBytesPerSecond = ioWriteBytesPerSecond
        self.ioReadOperationsPerSecond = ioReadOperationsPerSecond
        self.ioWriteOperationsPerSecond = ioWriteOperationsPerSecond
        self.outputBytes = outputBytes
        self.idleSeconds = idleSeconds
        self.maxParallel = maxParallel
    }
}
