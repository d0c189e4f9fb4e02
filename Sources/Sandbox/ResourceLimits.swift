internal import Glibc
internal import Records

/// What the kernel holds a command to beside its control group: limits of each process, and of the number
/// of processes, which it counts per user namespace and so per sandbox. What is set cannot be raised again: that takes
/// a capability of the host's.
package struct ResourceLimits {
    /// What a limit's number means.
    package enum Unit: Sendable { case bytes, seconds, microseconds, count }

    /// By the names that prlimit(1) and ulimit have for them.
    package static let kinds: [String: (resource: Int32, unit: Unit)] = [
        "as": (number(RLIMIT_AS), .bytes), "core": (number(RLIMIT_CORE), .bytes),
        "cpu": (number(RLIMIT_CPU), .seconds), "data": (number(RLIMIT_DATA), .bytes),
        "fsize": (number(RLIMIT_FSIZE), .bytes), "locks": (number(__RLIMIT_LOCKS), .count),
        "memlock": (number(__RLIMIT_MEMLOCK), .bytes),
        "msgqueue": (number(__RLIMIT_MSGQUEUE), .bytes), "nice": (number(__RLIMIT_NICE), .count),
        "nofile": (number(RLIMIT_NOFILE), .count), "nproc": (number(__RLIMIT_NPROC), .count),
        "rss": (number(__RLIMIT_RSS), .bytes), "rtprio": (number(__RLIMIT_RTPRIO), .count),
        "rttime": (number(__RLIMIT_RTTIME), .microseconds),
        "sigpending": (number(__RLIMIT_SIGPENDING), .count),
        "stack": (number(RLIMIT_STACK), .bytes),
    ]

    private static func number(_ kind: __rlimit_resource) -> Int32 {
        Int32(bitPattern: kind.rawValue)
    }

    /// RLIM_INFINITY, which the Swift module of the C library leaves out.
    static let infinity = UInt64.max

    /// Whether the caller is held to one that commands inherit.
    static func isBounded(_ name: String) -> Bool {
        var now = rlimit()
        guard let resource = kinds[name]?.resource, getrlimit(resource, &now) == 0 else {
            return false
        }
        return UInt64(now.rlim_cur) != infinity
    }

    struct Limit: Equatable {
        let name: String
        let resource: Int32
        let soft: UInt64
        let hard: UInt64
    }

    private(set) var all: [Limit] = []

    /// Of limits that are `missing` the nearest that a process has: memory of each, size of each file. Where a control
    /// group holds the number of processes, `countsProcesses`, it is met first, since it tells what it refused.
    init(
        _ limits: Limits, each: [String: UInt64] = [:], missing: [String] = [],
        countsProcesses: Bool = false
    ) throws(SandboxFault) {
        for (name, most) in each {
            guard Self.kinds[name] != nil else { throw .badPlan("there is no limit '\(name)'") }
            // At the first comes SIGXCPU, which leaves a second to end in; at the last SIGKILL.
            set(name, most, name == "cpu" ? most &+ 1 : most)
        }
        if let processes = limits.processes {
            // One more for our own first process.
            set("nproc", UInt64(max(1, processes)) + (countsProcesses ? 2 : 1))
        }
        if let bytes = limits.memoryBytes, missing.contains("memory") {
            set("as", UInt64(max(0, bytes)))
        }
        if let bytes = limits.diskBytes { set("fsize", UInt64(max(0, bytes))) }
        for (name, soft, hard) in Self.usual where !all.contains(where: { $0.name == name }) {
            set(name, soft, hard)
        }
    }

    private static let usual: [(String, soft: UInt64, hard: UInt64)] = [
        // No core files: they would hold what the process knew, and go where the host's pattern says.
        ("core", 0, 0),
        // As login sessions have it; memory that cannot be swapped out is the host's.
        ("memlock", 8 << 20, 8 << 20), ("msgqueue", 819_200, 819_200),
        // 1,024 for programs that use select; they may raise it themselves to what servers want.
        ("nofile", 1024, 65_536), ("rtprio", 0, 0),
    ]

    /// Never above what the caller has: only root could raise it. Of two for the same thing the stricter.
    private mutating func set(_ name: String, _ soft: UInt64, _ hard: UInt64? = nil) {
        guard let resource = Self.kinds[name]?.resource else { return }
        var now = rlimit()
        getrlimit(resource, &now)
        let before = all.firstIndex { $0.name == name }.map { all.remove(at: $0) }
        let most = min(hard ?? soft, UInt64(now.rlim_max), before?.hard ?? .max)
        all.append(
            Limit(
                name: name, resource: resource, soft: min(soft, most, before?.soft ?? .max),
                hard: most))
    }
}
