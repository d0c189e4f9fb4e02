internal import Records

/// How policies go together: lists add up, of single values the later one counts, and what is named (variables,
/// limits, brokers, secrets) is so each for itself.
extension Policy {
    package mutating func add(_ later: Policy) {
        readOnly += later.readOnly
        readWrite += later.readWrite
        binds += later.binds
        memory += later.memory
        devices += later.devices
        hidden += later.hidden
        masked += later.masked
        linkless += later.linkless
        root = later.root ?? root
        hostname = later.hostname ?? hostname
        directory = later.directory ?? directory
        variables.merge(later.variables) { $1 }
        clearsVariables = later.clearsVariables ?? clearsVariables
        limits.add(later.limits)
        graceSeconds = later.graceSeconds ?? graceSeconds
        stopSignal = later.stopSignal ?? stopSignal
        resourceLimits.merge(later.resourceLimits) { $1 }
        capabilities += later.capabilities
        mapsUsers = later.mapsUsers ?? mapsUsers
        landlock = later.landlock ?? landlock
        seccomp = later.seccomp ?? seccomp
        addNetwork(later)
        secrets.removeAll { old in later.secrets.contains { $0.value.name == old.value.name } }
        secrets += later.secrets
        terminal = later.terminal ?? terminal
        bestEffort = later.bestEffort ?? bestEffort
        tracesDenials = later.tracesDenials ?? tracesDenials
        origins.merge(later.origins) { $1 }
    }

    private mutating func addNetwork(_ later: Policy) {
        if let mode = later.mode {
            self.mode = mode
            // Whoever says that nothing is reached, or everything, has no use for the rules of others.
            if mode != .allow { (rules, brokers, resolvers, trafficBytes) = ([], [], [], nil) }
        }
        rules += later.rules
        brokers.removeAll { old in later.brokers.contains { $0.name == old.name } }
        brokers += later.brokers
        resolvers += later.resolvers
        trafficBytes = later.trafficBytes ?? trafficBytes
    }
}

extension Limits {
    /// Those of a policy, each with its key.
    static let numbers: [(key: String, value: @Sendable (Limits) -> Double?)] = [
        ("wall", { $0.wallSeconds }), ("idle", { $0.idleSeconds }),
        ("output", { $0.outputBytes.map(Double.init) }),
        ("processes", { $0.processes.map(Double.init) }),
        ("memory", { $0.memoryBytes.map(Double.init) }),
        ("memory_high", { $0.memoryHighBytes.map(Double.init) }),
        ("swap", { $0.swapBytes.map(Double.init) }), ("cpu", { $0.cpu }),
        ("disk", { $0.diskBytes.map(Double.init) }),
        ("io_read", { $0.ioReadBytesPerSecond.map(Double.init) }),
        ("io_write", { $0.ioWriteBytesPerSecond.map(Double.init) }),
        ("io_read_ops", { $0.ioReadOperationsPerSecond.map(Double.init) }),
        ("io_write_ops", { $0.ioWriteOperationsPerSecond.map(Double.init) }),
    ]

    /// What `later` has counts. Written out: key paths would take a tenth of a command's start.
    mutating func add(_ later: Limits) {
        wallSeconds = later.wallSeconds ?? wallSeconds
        idleSeconds = later.idleSeconds ?? idleSeconds
        outputBytes = later.outputBytes ?? outputBytes
        cpu = later.cpu ?? cpu
        cpuWeight = later.cpuWeight ?? cpuWeight
        cpus = later.cpus ?? cpus
        memoryBytes = later.memoryBytes ?? memoryBytes
        memoryHighBytes = later.memoryHighBytes ?? memoryHighBytes
        swapBytes = later.swapBytes ?? swapBytes
        processes = later.processes ?? processes
        diskBytes = later.diskBytes ?? diskBytes
        ioWeight = later.ioWeight ?? ioWeight
        ioReadBytesPerSecond = later.ioReadBytesPerSecond ?? ioReadBytesPerSecond
        ioWriteBytesPerSecond = later.ioWriteBytesPerSecond ?? ioWriteBytesPerSecond
        ioReadOperationsPerSecond = later.ioReadOperationsPerSecond ?? ioReadOperationsPerSecond
        ioWriteOperationsPerSecond = later.ioWriteOperationsPerSecond ?? ioWriteOperationsPerSecond
    }
}
