package import Smelt

/// How a run stands, or stood at its end. Written by `smelt-runs list` and `status`, never in a pipe
/// of stages.
package struct RunDescribed: Record {
    package static let type = "run.described"

    package var job: String
    package var phase: Phase
    /// Whether its recorder lives.
    package var active: Bool
    package var started: Timestamp
    /// From the start to the last change; to now for an active run.
    package var elapsedSeconds: Double
    package var sessions: [String]
    package var environment: String?
    /// Of a run that has ended.
    package var status: Int?
    package var branch: String?
    package var commit: String?
    package var manifestPath: String?
    package var pullRequestURL: String?
    package var pullRequestNumber: Int?
    package var pullRequestStatus: String?
    package var checks: String?
    package var reviewCount: Int?
    package var logPath: String?

    /// `log` is absent for runs of the earlier smelt.
    package init(_ state: RunState, active: Bool, log: String?) {
        job = state.jobName
        phase = state.phase
        self.active = active
        started = Timestamp(milliseconds: Int64(state.startedAt) * 1000)
        let end = active ? Int(Timestamp.now.seconds) : state.updatedAt
        elapsedSeconds = Double(max(0, end - state.startedAt))
        sessions = state.sessions
        environment = state.containerID
        status = state.status
        branch = state.branch
        commit = state.commit
        manifestPath = state.manifest
        pullRequestURL = state.pullRequestURL
        pullRequestNumber = state.pullRequestNumber
        pullRequestStatus = state.pullRequestStatus
        checks = state.checks
        reviewCount = state.reviewCount
        logPath = log
    }
}

/// Work that is kept in smelt's own repository. Written by `smelt-runs rescue`.
package struct WorkKept: Record {
    package static let type = "work.kept"

    package enum Kind: String, Codable, Sendable {
        /// What a session had made when it ended.
        case session
        /// What the sessions' work came to.
        case result
        /// What was saved from an environment before it was removed.
        case rescued
    }

    package var kind: Kind
    package var session: String?
    package var ref: String
    package var commit: String
    /// The repository that has it.
    package var repository: String

    package init(kind: Kind, session: String?, ref: String, commit: String, repository: String) {
        self.kind = kind
        self.session = session
        self.ref = ref
        self.commit = commit
        self.repository = repository
    }
}

/// A run that is no longer kept. Written by `smelt-runs prune`.
package struct RunPruned: Record {
    package static let type = "run.pruned"

    package var job: String

    package init(job: String) {
        self.job = job
    }
}
