internal import Glibc
package import Records

/// What the kernel holds a command to without control groups: limits of each process, and of the number
/// of processes, which it counts per user namespace and so per sandbox.
struct ResourceLimits {
    struct Limit: Equatable {
        let name: String
        let resource: Int32
        let soft: UInt64
        let hard: UInt64
    }

    private(set) var all: [Limit] = []

    init(_ limits: Limits, bestEffort: Bool) throws(SandboxFault) {
        let missing = limits.unenforceable
        guard missing.isEmpty || bestEffort else { throw .unenforceable(missing) }

        // No core files: they would hold what the process knew, and go where the host's pattern says.
        set("core", RLIMIT_CORE, 0)
        // As login sessions have it; memory that cannot be swapped out is the host's.
        set("locked memory", __RLIMIT_MEMLOCK, 8 << 20)
        set("message queues", __RLIMIT_MSGQUEUE, 819_200)
        // 1,024 for programs that use select; they may raise it themselves to what servers want.
        set("open files", RLIMIT_NOFILE, 1024, 65_536)
        set("priority", __RLIMIT_RTPRIO, 0)
        if let processes = limits.processes {
            // One more for our own first process.
            set("processes", __RLIMIT_NPROC, UInt64(max(1, processes)) + 1)
        }
        if let bytes = limits.memoryBytes { set("memory", RLIMIT_AS, UInt64(max(0, bytes))) }
        if let bytes = limits.diskBytes { set("disk", RLIMIT_FSIZE, UInt64(max(0, bytes))) }
    }

    /// Never above what the caller has: only root could raise it.
    private mutating func set(
        _ name: String, _ kind: __rlimit_resource, _ soft: UInt64, _ hard: UInt64? = nil
    ) {
        var now = rlimit()
        getrlimit(Int32(bitPattern: kind.rawValue), &now)
        let most = min(hard ?? soft, UInt64(now.rlim_max))
        all.append(
            Limit(
                name: name, resource: Int32(bitPattern: kind.rawValue), soft: min(soft, most),
                hard: most))
    }
}

extension Limits {
    /// Names of those asked for that need control groups or quotas and so are refused, or with best
    /// effort only approximated: memory per process, disk per file, cpu not at all.
    package var unenforceable: [String] {
        var names: [String] = []
        if cpu != nil { names.append("cpu") }
        if memoryBytes != nil { names.append("memory") }
        if diskBytes != nil { names.append("disk") }
        return names
    }
}
