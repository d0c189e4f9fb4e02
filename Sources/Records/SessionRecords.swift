/// How a session ended.
package enum Ending: String, Codable, Sendable, CaseIterable {
    case succeeded
    case failed
    case gateFailed = "gate_failed"
    case timedOut = "timed_out"
    /// Silent for too long.
    case stalled
    case outOfMemory = "out_of_memory"
    case overLimit = "over_limit"
    case cancelled
    case skipped
}

/// What a session used; what could not be measured is absent, never 0.
package struct Usage: Codable, Equatable, Sendable {
    package var wallSeconds: Double?
    package var userSeconds: Double?
    package var systemSeconds: Double?
    package var peakMemoryBytes: Int?
    package var peakSwapBytes: Int?
    package var readBytes: Int?
    package var writtenBytes: Int?
    package var processes: Int?
    /// Time in which something wanted to run and the limit `cpu` did not let it.
    package var throttledSeconds: Double?
    /// Processes that were killed for want of memory.
    package var oomKills: Int?
    package var inputTokens: Int?
    package var outputTokens: Int?
    /// In US dollars, as the agent reports it.
    package var cost: Double?

    package init() {}
}

/// A session's first process is running.
package struct SessionStarted: Record {
    package static let type = "session.started"

    package var session: String
    /// From 1.
    package var attempt: Int
    /// Absent for a command alone, like the commit.
    package var branch: String?
    /// The commit that it starts from.
    package var commit: String?
    package var workspace: String

    package init(
        session: String, attempt: Int, branch: String? = nil, commit: String? = nil,
        workspace: String
    ) {
        self.session = session
        self.attempt = attempt
        self.branch = branch
        self.commit = commit
        self.workspace = workspace
    }
}

package struct SessionFinished: Record {
    package static let type = "session.finished"

    package var session: String
    package var attempt: Int
    package var ending: Ending
    package var exitStatus: Int32?
    package var signal: Int32?
    package var branch: String?
    /// The last commit of the session's branch as the session says.
    package var commit: String?
    /// Whether smelt had to commit what the agent left.
    package var committedForAgent: Bool?
    /// Why it was skipped or cancelled, or what limit it met.
    package var reason: String?
    /// The session that this one was skipped for.
    package var because: String?
    package var usage: Usage?

    package init(
        session: String, attempt: Int, ending: Ending, exitStatus: Int32? = nil,
        signal: Int32? = nil, branch: String? = nil, commit: String? = nil,
        committedForAgent: Bool? = nil, reason: String? = nil, because: String? = nil,
        usage: Usage? = nil
    ) {
        self.session = session
        self.attempt = attempt
        self.ending = ending
        self.exitStatus = exitStatus
        self.signal = signal
        self.branch = branch
        self.commit = commit
        self.committedForAgent = committedForAgent
        self.reason = reason
        self.because = because
        self.usage = usage
    }
}

package struct GateFinished: Record {
    package static let type = "gate.finished"

    package var session: String
    package var command: String
    package var ok: Bool
    /// 128 + n for a signal, 124 when its time ran out.
    package var status: Int32
    package var seconds: Double

    package init(session: String, command: String, ok: Bool, status: Int32, seconds: Double) {
        self.session = session
        self.command = command
        self.ok = ok
        self.status = status
        self.seconds = seconds
    }
}

/// Every session has ended.
package struct SessionsFinished: Record {
    package static let type = "sessions.finished"

    /// How many ended how, by the words of `Ending`; those that did not occur are absent.
    package var endings: [String: Int]

    package init(endings: [String: Int]) {
        self.endings = endings
    }
}
