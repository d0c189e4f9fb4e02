package import Smelt

/// A job of the queue has changed, or is to. Part of the job's log, where `run` is the job's id; never in a pipe of stages.
package struct JobChanged: Record {
    package static let type = "job.changed"

    /// The last one that began; 0 when none did.
    package var attempt: Int
    /// Whoever has the job was asked to stop.
    package var cancelRequested: Bool?
    /// When it begins, of a job that waits for a time.
    package var due: Timestamp?
    /// What people changed of what was asked for, in the words of the options; `work` is what it does.
    package var edited: [String]?
    /// The state before; absent of a job that was added.
    package var from: String?
    /// Who has it.
    package var owner: String?
    package var reason: String?
    /// The run of the attempt that began.
    package var runId: String?
    /// How the last attempt ended.
    package var status: Int?
    /// The state now.
    package var to: String
    /// The machine that runs it.
    package var worker: String?
}

/// What became of a job that was to be added to the queue; `run` is its id, all zeros where it was not let in.
package struct JobAdmitted: Record {
    package static let type = "job.admitted"

    package var admission: String
    /// The job that has its slot.
    package var because: String?
    package var state: String?

    package init(admission: String, because: String? = nil, state: String? = nil) {
        self.admission = admission
        self.because = because
        self.state = state
    }
}

/// A job of the queue; `run` is its id.
package struct JobDescribed: Record {
    package static let type = "job.described"

    package var added: Timestamp
    package var attempt: Int
    package var cancelRequested: Bool?
    package var due: Timestamp?
    package var every: String?
    package var finished: Timestamp?
    package var group: String
    /// It waits, and nothing of its group begins.
    package var groupPaused: Bool?
    /// Why it is so, as far as somebody said, or the group's rule.
    package var groupReason: String?
    package var id: String
    package var kind: String
    package var labels: [String: String]?
    package var lock: String?
    package var name: String
    package var owner: String?
    package var priority: Int
    package var reason: String?
    package var runId: String?
    package var seq: Int
    package var slot: String?
    package var started: Timestamp?
    package var state: String
    package var status: Int?
    package var unique: String?
    package var worker: String?

    package init(
        id: String, name: String, kind: String, state: String, group: String, priority: Int,
        attempt: Int, added: Timestamp, seq: Int
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.state = state
        self.group = group
        self.priority = priority
        self.attempt = attempt
        self.added = added
        self.seq = seq
    }
}

/// A group of the queue, and how many of its jobs are in which state; `run` is all zeros.
package struct GroupDescribed: Record {
    package static let type = "group.described"

    package var group: String
    /// When it pauses itself; absent is never.
    package var halt: String?
    /// How many run at once; absent without a bound.
    package var parallel: Int?
    package var paused: Bool
    package var pausedUntil: Timestamp?
    package var reason: String?
    package var states: [String: Int]

    package init(
        group: String, paused: Bool, pausedUntil: Timestamp?, parallel: Int?, states: [String: Int],
        halt: String? = nil, reason: String? = nil
    ) {
        self.group = group
        self.paused = paused
        self.pausedUntil = pausedUntil
        self.parallel = parallel
        self.states = states
        self.halt = halt
        self.reason = reason
    }
}

/// In the place of records of a job's log that were taken out of it, for they were many; `run` is the job's id.
package struct LogTrimmed: Record {
    package static let type = "log.trimmed"

    /// The number of the first of them, of those that were asked for.
    package var from: Int
    /// Of the last.
    package var to: Int

    package init(from: Int, to: Int) {
        self.from = from
        self.to = to
    }
}

/// A group has paused itself by its rule. Part of the log of the job by whose end it did so, where `run` is that job's id.
package struct GroupHalted: Record {
    package static let type = "group.halted"

    /// How many jobs that ran were asked to stop.
    package var cancelled: Int
    package var group: String
    package var reason: String
    package var rule: String

    package init(cancelled: Int, group: String, reason: String, rule: String) {
        self.cancelled = cancelled
        self.group = group
        self.reason = reason
        self.rule = rule
    }
}
