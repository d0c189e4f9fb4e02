internal import Glibc
internal import Smelt

/// The name of a daemon as the owner of leases, and in its lock.
struct Owner {
    let process: HostProcess
    private let namespace: String

    init() throws(DaemonFault) {
        guard let own = HostProcess.find(getpid()) else { throw .noProcesses }
        (process, namespace) = (own, HostProcess.namespace)
    }

    var text: String { "\(process.pid).\(process.start).\(namespace)" }

    /// One that said its name; nil where that is none.
    init?(_ text: String) {
        let parts = text.split(separator: ".")
        guard parts.count == 3, let pid = Int32(parts[0]), pid > 0, let start = UInt64(parts[1])
        else { return nil }
        (process, namespace) = (HostProcess(pid: pid, start: start), String(parts[2]))
    }

    /// Whether it can be looked for from here.
    var isOfThisNamespace: Bool { namespace == HostProcess.namespace }

    /// Whether the owner of a lease of this machine's time is a daemon that is no more. Of an owner that is none of ours
    /// nothing is known.
    static func isGone(_ text: String) -> Bool {
        guard let owner = Owner(text), owner.isOfThisNamespace else { return false }
        return !owner.process.isAlive
    }
}
