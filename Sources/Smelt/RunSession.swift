internal import Glibc

/// The processes of a run: the session that its first process leads, in whatever groups they are.
///
/// The kernel gives a session's number to nobody else while anything of it is there, and not while its first process, having
/// ended, waits for us (pid_namespaces(7) and credentials(7) say what has such a number). So it can mean another session only
/// where all of the run went while nobody looked after it.
package struct RunSession {
    private let leader: HostProcess
    /// What one of its processes finds in its environment.
    private let marks: [[UInt8]]
    private let isOurs: Bool

    /// `variables` are those of which one has the run's id; with `isOurs` the leader is a child of ours that is not reaped.
    package init(
        leader: HostProcess, run: RunID, in variables: [String] = ["SMELT_RUN"], isOurs: Bool
    ) {
        self.leader = leader
        marks = variables.map { Array("\($0)=\(run)".utf8) }
        self.isOurs = isOurs
    }

    /// Those that have not ended; nil when that cannot be told now.
    package var members: [HostProcess]? {
        var isSure = isOurs
        if !isSure, let facts = HostProcess.Facts(leader.pid) {
            guard facts.start == leader.start else { return [] }
            isSure = true
        }
        let names = Files.names(in: "/proc")
        // We are there ourselves.
        guard !names.isEmpty else { return nil }
        let members = names.compactMap { name -> HostProcess? in
            guard let pid = Int32(name), let facts = HostProcess.Facts(pid), belongs(facts)
            else { return nil }
            return HostProcess(pid: pid, start: facts.start)
        }
        // What one of them tells holds of all: at one time the number means one session.
        return isSure || members.contains { isMarked($0.pid) } ? members : []
    }

    private func belongs(_ facts: HostProcess.Facts) -> Bool {
        facts.session == leader.pid && !facts.isOver
    }

    /// Whether a process was started for this run. A daemon of somebody else's may be in a session whose first process is gone, as
    /// all are that were started in the old way; and what was started with an environment of its own says nothing.
    private func isMarked(_ pid: Int32) -> Bool {
        guard let bytes = try? Files.read("/proc/\(pid)/environ") else { return false }
        return bytes.split(separator: 0).contains { entry in
            marks.contains { entry.elementsEqual($0) }
        }
    }

    package func signal(_ number: Int32) {
        for process in members ?? [] { process.signal(number, where: belongs) }
    }

    /// Kills all of it, what is made meanwhile, too: until nobody is found who was not killed.
    package func end() {
        var killed: Set<HostProcess> = []
        while true {
            let new = (members ?? []).filter { killed.insert($0).inserted }
            if new.isEmpty { return }
            for process in new { process.signal(SIGKILL, where: belongs) }
        }
    }
}
