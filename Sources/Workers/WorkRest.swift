internal import Glibc
internal import Smelt

/// What is left of a run here whose supervisor was killed, or is stopped and so is killed: the programs that it began, in the
/// session that it led. Nobody looks after them any more, so whoever comes for the run, or for the next one of its job, ends
/// them first.
extension WorkPlace {
    /// Who led the session, and where its number means that: not when the machine, or the container, was started anew since.
    private struct Leader: Codable {
        var process: Int32
        var start: UInt64
        var boot: String
        var namespace: String

        /// Nil where its number means another one.
        var here: HostProcess? {
            boot == Machine.boot && namespace == HostProcess.namespace
                ? HostProcess(pid: process, start: start) : nil
        }
    }

    /// Written by the supervisor before it begins anything.
    private var leader: String { "\(directory)/leader" }
    /// There once what is left was asked to stop: when that was, in monotonic seconds.
    private var asked: String { "\(directory)/asked" }

    func noteLeader() throws {
        guard let own = HostProcess.find(getpid()) else {
            throw SystemFault(ENOENT, "find this process in", "/proc")
        }
        let leader = Leader(
            process: own.pid, start: own.start, boot: Machine.boot, namespace: HostProcess.namespace
        )
        try Files.replace(self.leader, with: Wire.bytes(leader))
    }

    /// Nil where it cannot be read.
    private var knownLeader: Leader? { try? Wire.read(Leader.self, Files.read(leader)) }

    /// Whether its supervisor is stopped (SIGSTOP), and so hears and does nothing.
    var isStopped: Bool {
        guard let supervisor = knownLeader?.here, let facts = HostProcess.Facts(supervisor.pid)
        else {
            return false
        }
        return facts.start == supervisor.start && facts.isStopped
    }

    /// Kills a supervisor that is stopped. What it began is then ended like what is left of any that was killed.
    func endStopped() {
        _ = knownLeader?.here?.signal(SIGKILL) { $0.isStopped }
    }

    /// To be called again and again, for there is nothing to wait for, while its supervisor is gone: whether nothing is left. What
    /// is there is asked to stop, once, whoever calls; what is there still after a while, or with `atOnce`, is killed.
    func endRest(atOnce: Bool = false) -> Bool {
        // It may have come to its end, and said so, as the last of it.
        guard Files.exists(leader), !Files.exists(ended) else { return true }
        guard let known = knownLeader else { return false }
        guard let supervisor = known.here else { return true }
        let session = RunSession(leader: supervisor, run: run, isOurs: false)
        if let members = session.members, members.isEmpty { return true }
        if atOnce || !ask(session) { session.end() }
        return false
    }

    /// False when that was done, and has not helped; also when it cannot be known later that it was done.
    private func ask(_ session: RunSession) -> Bool {
        let now = monotonicSeconds()
        do throws(SystemFault) {
            try Files.replace(asked, with: "\(now)".utf8, exclusive: true)
        } catch {
            let text = error.number == EEXIST ? try? Files.readText(asked, upTo: 64) : nil
            return text.flatMap { Double($0) }.map { now < $0 + Supervisor.patience } ?? false
        }
        complain("what looked after the run here was killed: what is left of it is ended")
        session.signal(SIGTERM)
        return true
    }

    /// As one of the run's programs does.
    private func complain(_ sentence: String) {
        guard let file = try? Descriptor(opening: errors, O_WRONLY | O_APPEND | O_NOFOLLOW) else {
            return
        }
        try? Array("smelt-queue: \(sentence)\n".utf8).withUnsafeBytes {
            try file.write($0, name: errors)
        }
    }
}
