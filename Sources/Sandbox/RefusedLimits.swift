internal import Glibc
package import Records
internal import Smelt

/// Limits that a command met, as refusals of more.
extension Refusals {
    /// What somebody outside watches and ends a command for.
    package enum Clock: Sendable {
        case wall(seconds: Double)
        /// A session's own.
        case timeout(seconds: Double)
        case idle(seconds: Double)
        case output(bytes: Int)
        case disk(bytes: Int)
    }

    package mutating func add(_ clock: Clock) {
        switch clock {
        case .wall(let seconds): add("more time", "wall", Quantity.describe(seconds: seconds))
        case .timeout(let seconds): add("more time", "timeout", Quantity.describe(seconds: seconds))
        case .idle(let seconds): add("more silence", "idle", Quantity.describe(seconds: seconds))
        case .output(let bytes): add("more output", "output", "\(bytes) bytes")
        case .disk(let bytes): add("more space on disks", "disk", "\(bytes) bytes")
        }
    }

    private mutating func add(
        _ what: String, _ name: String, _ value: String, times count: Int = 1
    ) {
        add(what, by: "limit", "the limit \(name) is \(value)", times: count)
    }

    /// What the kernel counted against the limits of a command that has ended, or ended it for. `each` are the limits of
    /// each process that were asked for. Of those only the command itself shows which it met, and by its signal.
    package mutating func add(
        _ finished: Running.Finished, limits: Limits, each: [String: UInt64] = [:]
    ) {
        if let kills = finished.usage.oomKills, kills > 0 {
            if finished.metMemory, let most = limits.memoryBytes {
                add("more memory", "memory", "\(most) bytes", times: kills)
            } else {
                add("more memory", by: "host", "the host has no more for it", times: kills)
            }
        }
        if finished.refusedProcesses > 0 {
            if let most = limits.processes {
                add("another process", "processes", "\(most)", times: finished.refusedProcesses)
            } else {
                add(
                    "another process", by: "host", "the host lets it have no more",
                    times: finished.refusedProcesses)
            }
        }
        add(finished.traced ?? [])
        if finished.lostTracer {
            remark("the tracer was ended from outside, and what it traced with it")
        }
        switch finished.ending {
        case .killed(SIGXCPU): add("more processor time", ofProcess: "cpu", each["cpu"], "seconds")
        case .killed(SIGXFSZ): add("a larger file", ofProcess: "fsize", each["fsize"], "bytes")
        default: break
        }
    }

    private mutating func add(
        _ what: String, ofProcess name: String, _ most: UInt64?, _ unit: String
    ) {
        let reason = most.map { "the rlimit \(name) is \($0) \(unit)" }
        add(what, by: "rlimit", reason ?? "the caller's rlimit \(name) is met")
    }
}
