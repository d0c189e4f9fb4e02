internal import CSystem
internal import Glibc

/// A process of this machine, told from every other that has had its number or will have it.
package struct HostProcess: Hashable, Sendable {
    package let pid: Int32
    /// In the kernel's ticks since the machine was started.
    package let start: UInt64

    package init(pid: Int32, start: UInt64) {
        self.pid = pid
        self.start = start
    }

    /// Nil when there is no such process, or it is one that only waits for its parent.
    package static func find(_ pid: Int32) -> HostProcess? {
        guard let facts = Facts(pid), !facts.isOver else { return nil }
        return HostProcess(pid: pid, start: facts.start)
    }

    package var isAlive: Bool { HostProcess.find(pid) == self }

    /// In which numbers of processes mean the same; elsewhere they mean others, or nothing.
    package static let namespace: String = {
        let name = Files.goal(ofLink: "/proc/self/ns/pid") ?? ""
        return String(name.filter { $0.isNumber })
    }()

    /// Sends a signal to this process and never to another one, where `isStill` says yes of it; whether it was there.
    @discardableResult
    package func signal(_ number: Int32, where isStill: (Facts) -> Bool = { _ in true }) -> Bool {
        let handle = Descriptor(owning: system_process_handle(pid))
        // Only now: from here on the number cannot come to mean another process.
        guard handle.number >= 0, let facts = Facts(pid), facts.start == start, isStill(facts)
        else { return false }
        return system_process_signal(handle.number, number) == 0
    }

    /// What /proc/PID/stat says; see proc(5).
    package struct Facts {
        package let isOver: Bool
        /// By a signal, such as SIGSTOP.
        package let isStopped: Bool
        package let session: Int32
        package let start: UInt64

        package init?(_ pid: Int32) {
            guard let text = try? Files.readText("/proc/\(pid)/stat", upTo: 4096),
                // The name may hold anything, so that the last parenthesis is the one that ends it.
                let end = text.lastIndex(of: ")")
            else { return nil }
            let fields = text[text.index(after: end)...].split(separator: " ")
            guard fields.count > 19, let session = Int32(fields[3]), let start = UInt64(fields[19])
            else { return nil }
            isOver = fields[0] == "Z" || fields[0] == "X"
            isStopped = fields[0] == "T"
            (self.session, self.start) = (session, start)
        }
    }
}
