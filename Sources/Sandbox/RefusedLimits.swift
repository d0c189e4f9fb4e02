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
    /// each process that were asked for: which of those was met shows by a signal, of others than the command itself to a
    /// tracer alone.
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
        let traced = finished.traced ?? []
        add(traced.filter { $0.signal == nil })
        if finished.lostTracer {
            remark("the tracer was ended from outside, and what it traced with it")
        }
        for (signal, what, name, unit) in [
            (SIGXCPU, "more processor time", "cpu", "seconds"),
            (SIGXFSZ, "a larger file", "fsize", "bytes"),
        ] {
            // The signal that ended the command is among those that were traced.
            let times =
                finished.traced.map { $0.first { $0.signal == signal }?.count ?? 0 }
                ?? (finished.ending == .killed(signal: signal) ? 1 : 0)
            guard times > 0 else { continue }
            // No file may be larger than all of them together.
            let disk = name == "fsize" ? limits.diskBytes.map { UInt64(max(0, $0)) } : nil
            if let most = each[name], most != ResourceLimits.infinity, most <= disk ?? .max {
                add(what, by: "rlimit", "the rlimit \(name) is \(most) \(unit)", times: times)
            } else if let disk {
                add(what, "disk", "\(disk) bytes", times: times)
            } else if ResourceLimits.isBounded(name) {
                add(what, by: "rlimit", "the caller's rlimit \(name) is met", times: times)
            }
            // Else there is no limit, and somebody sent the signal. Where there is one, nobody can tell.
        }
    }
}
