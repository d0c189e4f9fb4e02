internal import CChild
internal import Glibc
package import Records
internal import Smelt

/// A sandbox whose command has started. Let go, it is killed and reaped, so none outlives its owner.
package struct Running: ~Copyable, Sendable {
    package let pid: Int32
    /// Readable when everything inside has ended.
    package let descriptor: Int32
    private let report: Int32
    private let start: Double
    /// Removed at the end, after everything in it.
    private let group: Cgroup?
    private var tracing: Tracing?
    private var isReaped = false

    package enum Ending: Equatable, Sendable {
        case exited(code: Int32)
        case killed(signal: Int32)
        /// The whole sandbox was killed before its command had ended.
        case destroyed
        /// Something was killed for want of memory, and the command with it or for it. `atLimit` tells the group's own
        /// limit from those above it and the host's memory.
        case outOfMemory(atLimit: Bool)
    }

    package struct Finished: Sendable {
        package let ending: Ending
        package let usage: Records.Usage
        /// What a tracer noted; nil where there was none.
        let traced: [Tracer.Word]?
        let lostTracer: Bool
        /// Whether it was the group's own limit for which something was killed, if anything was.
        let metMemory: Bool
        /// How often there could be no more processes, where they are counted.
        let refusedProcesses: Int
    }

    init(_ handle: child_handle, _ group: Cgroup?, _ tracing: consuming Tracing?) {
        self.group = group
        self.tracing = tracing
        pid = handle.pid
        descriptor = handle.pidfd
        report = handle.report
        start = monotonicSeconds()
    }

    deinit {
        if !isReaped {
            kill()
            var status: Int32 = 0
            _ = retrying { waitpid(pid, &status, 0) }
        }
        close(descriptor)
        close(report)
    }

    /// Asks the command, with all of its process group; our first process inside hands it on.
    package func signal(_ number: Int32) {
        Glibc.kill(pid, number)
    }

    /// Ends everything inside at once.
    package func kill() {
        group?.kill()
        Glibc.kill(pid, SIGKILL)
    }

    /// Whether something inside was killed because the group's memory was used up.
    var lacksMemory: Bool { group.map { $0.metItsLimit && $0.oomKills > 0 } ?? false }

    /// How it ended and what all of it used; waits when it has not ended yet.
    package consuming func reap() -> Finished {
        var status: Int32 = 0
        var used = rusage()
        let isKnown = retrying { wait4(pid, &status, 0, &used) } == pid
        let wall = monotonicSeconds() - start
        var message = child_report()
        let count = retrying { read(report, &message, MemoryLayout<child_report>.size) }
        isReaped = true
        let wasTraced = tracing != nil
        let traced = tracing.take()?.finish()

        var usage = Records.Usage()
        usage.wallSeconds = wall
        if isKnown {
            usage.userSeconds = used.ru_utime.seconds
            usage.systemSeconds = used.ru_stime.seconds
            // Of the largest process alone, where there is no group.
            usage.peakMemoryBytes = used.ru_maxrss * 1024
        }
        group?.count(into: &usage)
        let isWhole = count == MemoryLayout<child_report>.size && message.kind == CHILD_ENDED
        return Finished(
            ending: ending(isWhole ? message.value : nil, usage), usage: usage,
            traced: traced, lostTracer: wasTraced && traced == nil,
            metMemory: group?.metItsLimit ?? false,
            refusedProcesses: group?.refusedProcesses ?? 0)
    }

    /// From the command's wait status; nil where its first process left none.
    private func ending(_ status: Int32?, _ usage: Records.Usage) -> Ending {
        guard let status else { return wantOfMemory(usage) ?? .destroyed }
        let signal = status & 0x7f
        if signal == SIGKILL, let ending = wantOfMemory(usage) { return ending }
        return signal == 0 ? .exited(code: (status >> 8) & 0xff) : .killed(signal: signal)
    }

    private func wantOfMemory(_ usage: Records.Usage) -> Ending? {
        guard let group, let kills = usage.oomKills, kills > 0 else { return nil }
        return .outOfMemory(atLimit: group.metItsLimit)
    }
}

extension timeval {
    fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) / 1e6 }
}
