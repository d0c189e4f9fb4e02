internal import Glibc
internal import Smelt

/// A process of this machine, told from every other that has had its number or will have it.
struct HostProcess: Equatable {
    let pid: Int32
    /// In the kernel's ticks since the machine was started.
    let start: UInt64

    /// Nil when there is no such process, or it is one that only waits for its parent.
    static func find(_ pid: Int32) -> HostProcess? {
        guard let facts = Facts(pid), !facts.isOver else { return nil }
        return HostProcess(pid: pid, start: facts.start)
    }

    var isAlive: Bool { HostProcess.find(pid) == self }

    /// Whether anything of the session that the process began is there, itself included.
    static func hasMembers(session: Int32) -> Bool {
        Files.names(in: "/proc").contains { name in
            guard let pid = Int32(name), let facts = Facts(pid) else { return false }
            return facts.session == session && !facts.isOver
        }
    }

    /// Ends its session's first group, if it is still there.
    func end() {
        if isAlive { kill(-pid, SIGKILL) }
    }

    /// What /proc/PID/stat says; see proc(5).
    private struct Facts {
        let isOver: Bool
        let session: Int32
        let start: UInt64

        init?(_ pid: Int32) {
            guard let text = try? Files.readText("/proc/\(pid)/stat", upTo: 4096),
                // The name may hold anything, so that the last parenthesis is the one that ends it.
                let end = text.lastIndex(of: ")")
            else { return nil }
            let fields = text[text.index(after: end)...].split(separator: " ")
            guard fields.count > 19, let session = Int32(fields[3]), let start = UInt64(fields[19])
            else { return nil }
            isOver = fields[0] == "Z" || fields[0] == "X"
            (self.session, self.start) = (session, start)
        }
    }
}

/// The name of a daemon as the owner of leases.
struct Owner {
    let process: HostProcess

    init() throws(DaemonFault) {
        guard let own = HostProcess.find(getpid()) else { throw .noProcesses }
        process = own
    }

    /// Numbers of processes mean nothing in another namespace of them.
    private static let namespace: String = {
        let name = Files.goal(ofLink: "/proc/self/ns/pid") ?? ""
        return String(name.filter { $0.isNumber })
    }()

    var text: String { "\(process.pid).\(process.start).\(Self.namespace)" }

    /// Whether the owner of a lease of this machine's time is a daemon that is no more. Of an owner that is none of ours
    /// nothing is known.
    static func isGone(_ text: String) -> Bool {
        let parts = text.split(separator: ".")
        guard parts.count == 3, parts[2] == namespace, let pid = Int32(parts[0]),
            let start = UInt64(parts[1])
        else {
            return false
        }
        return !HostProcess(pid: pid, start: start).isAlive
    }
}
