internal import CChild
internal import CSeccomp
internal import Glibc
internal import Records
internal import Smelt

/// From a plan to a running command. The order of confinement is here and in CChild's start.c:
/// the layout and the limits are decided, a privileged caller opens the sources, and then the child goes its way.
package enum Launch {
    /// The three descriptors that become the command's 0, 1 and 2; they stay the caller's.
    package struct Streams {
        package var input: Int32
        package var output: Int32
        package var errors: Int32
        /// Instead of them, where the plan has one.
        package var terminal: Terminal?

        package init(input: Int32 = 0, output: Int32 = 1, errors: Int32 = 2) {
            self.input = input
            self.output = output
            self.errors = errors
        }
    }

    /// Returns once the command runs, after a few milliseconds; everything that can fail before that is a fault. The
    /// caller must be single-threaded: the child goes on in a copy of it until it executes. `service` is of the same
    /// plan; `known` is what the caller has found out already about its limits. Who gives `denials` is told there of
    /// system calls that are refused, and must answer them.
    package static func start(
        _ plan: Plan, _ streams: Streams = Streams(), _ service: EgressService? = nil,
        _ known: Enforcement? = nil, denials: Denials? = nil
    ) throws(SandboxFault) -> Running {
        try prepare(plan, streams, service, known, denials: denials).start()
    }

    /// The half of `start` after which there is no process of the sandbox yet.
    package static func prepare(
        _ plan: Plan, _ streams: Streams = Streams(), _ service: EgressService? = nil,
        _ known: Enforcement? = nil, denials: Denials? = nil
    ) throws(SandboxFault) -> Ready {
        guard plan.network != .allow || service != nil else {
            throw .badPlan("there is nobody to serve its network")
        }
        let enforcement =
            if let known { known } else {
                try Enforcement(plan)
            }
        guard enforcement.missing.isEmpty || plan.bestEffort else {
            throw .unenforceable(enforcement.missing, enforcement.lack)
        }
        try DiskImage.appear(for: plan)
        let layout = try Layout(plan)
        let limits = try ResourceLimits(
            plan.limits, each: plan.resourceLimits, missing: enforcement.missing,
            countsProcesses: enforcement.countsProcesses)
        if let run = plan.run, RunID(run) == nil { throw .badPlan("'\(run)' is no run's id") }
        let group = try enforcement.makeGroup(plan.limits, run: plan.run.flatMap(RunID.init))
        let arena = Arena()
        let user = try hostUser(plan)
        let trees = try Trees(layout, plan, arena: arena)
        let programs = try Self.programs(plan)

        var ready = Ready(plan, layout, limits, enforcement, group, arena, trees, denials)
        var child = child()
        child.host_user = user
        child.host_group = plan.hostUser == nil ? getegid() : plan.hostGroup ?? user
        child.user = Plan.user
        child.group = Plan.user
        try SubordinateIDs(plan)?.set(in: &child, arena)
        child.privileged = plan.hostUser != nil
        child.network = plan.network == .host
        if let service {
            child.door = service.door
            child.listeners = UnsafePointer(arena.array(service.listeners.map(\.prepared)))
            child.listener_count = service.listeners.count
        }
        child.control_group = group?.number ?? -1
        var sources: [child_source] = []
        for (source, tree) in zip(layout.sources, trees.numbers) {
            var raw = try source.prepared(in: arena)
            raw.tree = tree
            sources.append(raw)
        }
        child.sources = UnsafePointer(arena.array(sources))
        child.source_count = sources.count
        var mounts: [child_mount] = []
        for (target, mount) in layout.mounts {
            var raw = try mount.prepared(at: target, in: arena)
            raw.rights = layout.rights(below: mount).rawValue
            mounts.append(raw)
        }
        child.mounts = UnsafePointer(arena.array(mounts))
        child.mount_count = mounts.count
        child.scratch = scratchBytes(plan.limits)
        if let masks = try Landlock.masks(for: plan.landlock) { child.landlock = masks }
        child.capabilities = plan.capabilities.mask
        child.news = -1
        if let filter = try SeccompCache.program(for: plan.seccomp) {
            child.filter = UnsafeRawPointer(arena.array(filter.instructions))
            child.filter_length = filter.instructions.count
            if let denials {
                child.news = try denials.open(for: filter)
                let telling = filter.telling(except: ENOSYS)
                child.telling_filter = UnsafeRawPointer(arena.array(telling.instructions))
            }
        }
        child.tracer = -1
        if plan.traced {
            child.tracer = try ready.trace()
            let filter = TracedCalls.filter(architecture: seccomp_arch_native())
            child.tracing_filter = UnsafeRawPointer(arena.array(filter.instructions))
            child.tracing_filter_length = filter.instructions.count
        }
        child.hostname = try arena.text(plan.hostname)
        child.limits = UnsafePointer(
            arena.array(
                limits.all.map {
                    child_limit(
                        resource: $0.resource,
                        value: rlimit(rlim_cur: rlim_t($0.soft), rlim_max: rlim_t($0.hard)))
                }))
        child.limit_count = limits.all.count
        child.directory = try arena.text(plan.directory)
        var candidates: [UnsafePointer<CChar>] = []
        for path in programs { candidates.append(try arena.text(path)) }
        child.programs = UnsafePointer(arena.array(candidates))
        child.program_count = candidates.count
        child.arguments = UnsafePointer(try arena.vector(plan.command))
        child.environment = UnsafePointer(
            try arena.vector(
                plan.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }))
        child.stdio = (streams.input, streams.output, streams.errors)
        child.terminal = -1
        if let terminal = streams.terminal {
            child.terminal = try ready.open(terminal)
            child.window = terminal.size.window
        }
        ready.child = child
        return ready
    }

    /// What `/tmp`, HOME and the other private directories may hold together; they are memory, but what is bounded on
    /// disks is not to go there instead. Files of ours lie there, too, for which there must be room.
    private static func scratchBytes(_ limits: Limits) -> UInt64 {
        let half =
            UInt64(max(1, sysconf(Int32(_SC_PHYS_PAGES))))
            * UInt64(max(1, sysconf(Int32(_SC_PAGESIZE)))) / 2
        return min(half, limits.diskBytes.map { UInt64(max($0, 1 << 20)) } ?? half)
    }

    private static func hostUser(_ plan: Plan) throws(SandboxFault) -> UInt32 {
        guard let user = plan.hostUser else {
            guard geteuid() != 0 else { throw .noHostUser }
            return geteuid()
        }
        guard geteuid() == 0 else { throw .foreignHostUser(user) }
        guard user != 0, plan.hostGroup != 0 else { throw .noHostUser }
        return user
    }

    private static func programs(_ plan: Plan) throws(SandboxFault) -> [String] {
        guard let name = plan.command.first, !name.isEmpty else {
            throw .badPlan("there is no command")
        }
        guard plan.environment.keys.allSatisfy({ !$0.isEmpty && !$0.contains("=") }) else {
            throw .badPlan("a variable has no name")
        }
        guard !name.contains("/") else { return [name] }
        let path = plan.environment["PATH"] ?? Plan.environment["PATH"] ?? "/usr/bin"
        // An empty part would mean the working directory, which the command itself may have written.
        return path.split(separator: ":").map { "\($0)/\(name)" }
    }
}
