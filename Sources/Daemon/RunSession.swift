internal import Glibc
internal import Smelt
internal import Store

/// The processes of a run: the session that its first process leads, in whatever groups they are.
///
/// The kernel gives a session's number to nobody else while anything of it is there, and not while its first process, having
/// ended, waits for us (pid_namespaces(7) and credentials(7) say what has such a number). So it can mean another session only
/// where all of the run went while no daemon looked after it.
struct RunSession {
    let leader: HostProcess
    let run: RunID
    /// The leader is a child of ours that is not reaped.
    let isOurs: Bool

    /// Those that have not ended; nil when that cannot be told now.
    var members: [HostProcess]? {
        var isSure = isOurs
        if !isSure, let facts = HostProcess.Facts(leader.pid) {
            guard facts.start == leader.start else { return [] }
            isSure = true
        }
        let names = Files.names(in: "/proc")
        // We are there ourselves.
        guard !names.isEmpty else { return nil }
        return names.compactMap { name in
            guard let pid = Int32(name), let facts = HostProcess.Facts(pid), belongs(facts),
                isSure || isMarked(pid)
            else { return nil }
            return HostProcess(pid: pid, start: facts.start)
        }
    }

    private func belongs(_ facts: HostProcess.Facts) -> Bool {
        facts.session == leader.pid && !facts.isOver
    }

    /// Whether a process was started for this attempt. One that goes on with an earlier run has that one's id in `SMELT_RUN`; of
    /// a daemon from before there was another variable it is the only one. A daemon of somebody else's may be in a session whose first process is
    /// gone, as all are that were started in the old way.
    private func isMarked(_ pid: Int32) -> Bool {
        guard let bytes = try? Files.read("/proc/\(pid)/environ") else { return false }
        let marks = [CurrentAttempt.runVariable, "SMELT_RUN"].map { Array("\($0)=\(run)".utf8) }
        return bytes.split(separator: 0).contains { entry in
            marks.contains { entry.elementsEqual($0) }
        }
    }

    func signal(_ number: Int32) {
        for process in members ?? [] { process.signal(number, where: belongs) }
    }

    /// Kills all of it, what is made meanwhile, too: until nobody is found who was not killed.
    func end() {
        var killed: Set<HostProcess> = []
        while true {
            let new = (members ?? []).filter { killed.insert($0).inserted }
            if new.isEmpty { return }
            for process in new { process.signal(SIGKILL, where: belongs) }
        }
    }
}
