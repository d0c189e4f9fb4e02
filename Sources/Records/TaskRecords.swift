/// Where a supervised task stands.
package enum TaskPhase: String, Codable, Sendable, CaseIterable {
    case pending, running
    /// These are of an attempt, and of the task when no other follows.
    case succeeded, failed, timeout
    /// Stopped on request.
    case canceled
    /// Failed, and has been tried again as often as it may.
    case exhausted
}

/// An attempt of a supervised task is over: another follows, or this is how the task ended.
package struct TaskPhased: Record {
    package static let type = "task.phase"

    /// The task's slot.
    package var session: String
    /// The last one that began; 0 when none did.
    package var attempt: Int
    package var phase: TaskPhase
    /// Until the next attempt; absent when there is none.
    package var delaySeconds: Double?
    package var reason: String?

    package init(
        session: String, attempt: Int, phase: TaskPhase, delaySeconds: Double? = nil,
        reason: String? = nil
    ) {
        self.session = session
        self.attempt = attempt
        self.phase = phase
        self.delaySeconds = delaySeconds
        self.reason = reason
    }
}
