package import Smelt

/// What the records of one run come to: fed record by record, it knows at any moment how far the
/// run is and which status it would end with. It looks at nothing but records.
package struct History: Sendable {
    /// What is known of one session.
    package struct SessionState: Sendable, Equatable {
        package var startedAt: Timestamp?
        package var finishedAt: Timestamp?
        /// Of the last attempt.
        package var ending: Ending?
        package var because: String?
        package var gateFailedAt: Timestamp?
    }

    /// The types that it wants to see.
    package static let wanted: Set<String> = [
        RunPlanned.type, EnvironmentReady.type, SessionTaken.type, SessionStarted.type,
        SessionFinished.type,
        GateFinished.type, SessionsFinished.type, ResultCollected.type, EnvironmentReleased.type,
        ReviewRequested.type, ReviewDecided.type, BranchUpdated.type, PullRequestOpened.type,
        PullRequestUpdated.type, Failed.type, RunFinished.type,
    ]

    package private(set) var run: RunID?
    package private(set) var planned: RunPlanned?
    package private(set) var startedAt: Timestamp?
    /// When the last record that counts was written.
    package private(set) var lastAt: Timestamp?
    package private(set) var environment: EnvironmentReady?
    package private(set) var sessions: [String: SessionState] = [:]
    package private(set) var result: ResultCollected?
    package private(set) var released: EnvironmentReleased?
    /// The question that waits for its answer.
    package private(set) var asked: ReviewRequested?
    package private(set) var decision: ReviewDecided?
    package private(set) var pullRequest: (any PullRequestRecord)?
    /// The first of each kind: of stages that can be begun again, and of others; that the run was cancelled, and all else.
    private var failures: [Failed] = []
    private var firstFailure: Failed? { failures.first }
    /// That nobody answered in time, or yet, or that the answer was no, which counts until somebody says yes: what was asked
    /// once can be asked again.
    private var unanswered: Failed?
    private static let answers = [Failed.reviewWaits, "review_expired", "review_denied"]
    /// A stage before those failed: they would do nothing.
    package var isBroken: Bool { failures.contains { !Failed.lastStages.contains($0.stage) } }
    /// The first failure that says the run was cancelled.
    package var cancelled: Failed? { failures.first(where: Self.isCancelled) }
    /// The last record that counts, when it is `run.finished`.
    package private(set) var finished: RunFinished?
    private var progress = Phase.provisioning

    package init() {}

    /// Takes in one record. One that says less than its type promises is passed over.
    package mutating func take(_ line: Line) {
        if let head = try? line.decode(Moment.self) {
            lastAt = head.time
            if line.type == RunPlanned.type, planned == nil {
                startedAt = head.time
                run = RunID(head.run)
            }
        }
        if finished != nil { goOn() }
        finished = nil
        switch line.type {
        case RunPlanned.type: if planned == nil { planned = try? line.decode(RunPlanned.self) }
        case EnvironmentReady.type:
            environment = try? line.decode(EnvironmentReady.self)
            progress = .executing
        case SessionTaken.type, SessionStarted.type, SessionFinished.type, GateFinished.type:
            takeSession(line)
        case SessionsFinished.type: progress = .collecting
        case ResultCollected.type:
            result = try? line.decode(ResultCollected.self)
            progress = environment == nil ? .delivering : .tearingDown
        case EnvironmentReleased.type:
            released = try? line.decode(EnvironmentReleased.self)
            // The question may have come first: it is asked as soon as there is a result.
            if progress != .reviewing { progress = .delivering }
        case ReviewRequested.type:
            asked = try? line.decode(ReviewRequested.self)
            progress = .reviewing
        case ReviewDecided.type:
            asked = nil
            decision = try? line.decode(ReviewDecided.self)
            progress = .delivering
        case PullRequestOpened.type:
            pullRequest = try? line.decode(PullRequestOpened.self)
        case PullRequestUpdated.type:
            pullRequest = try? line.decode(PullRequestUpdated.self)
        case Failed.type: takeFailure(line)
        case RunFinished.type: finished = try? line.decode(RunFinished.self)
        default: break
        }
    }

    private mutating func takeSession(_ line: Line) {
        guard let name = line.session else { return }
        var state = sessions[name] ?? SessionState()
        if line.type == SessionTaken.type { state = SessionState() }
        if let started = try? line.decode(SessionStarted.self), line.type == SessionStarted.type {
            state = SessionState(startedAt: lastAt)
            progress = started.attempt > 0 ? .executing : progress
        } else if line.type == SessionFinished.type,
            let ended = try? line.decode(SessionFinished.self)
        {
            state.finishedAt = lastAt
            state.ending = ended.ending
            state.because = ended.because
        } else if line.type == GateFinished.type, let gate = try? line.decode(GateFinished.self) {
            state.gateFailedAt = gate.ok ? nil : lastAt
        }
        sessions[name] = state
    }

    /// A record behind the run's end: the last stages were begun again, and what they could not do then they say now.
    private mutating func goOn() {
        failures.removeAll { Failed.lastStages.contains($0.stage) }
    }

    private static func isCancelled(_ failed: Failed) -> Bool { failed.code == "cancelled" }

    private mutating func takeFailure(_ line: Line) {
        guard line.session == nil, let failed = try? line.decode(Failed.self) else { return }
        take(failed: failed)
    }

    /// Takes in a failure of the reader's own.
    package mutating func take(failed: Failed) {
        finished = nil
        if failed.stage == "review", Self.answers.contains(failed.code) {
            unanswered = failed
            return
        }
        let isKnown = failures.contains {
            Self.isCancelled($0) == Self.isCancelled(failed)
                && Failed.lastStages.contains($0.stage) == Failed.lastStages.contains(failed.stage)
        }
        if !isKnown { failures.append(failed) }
    }

    /// The failure that ends the run, the first where there are several. A yes that came after the
    /// time was up lifts that of the review, wherever the two stand in the log.
    package var failure: Failed? {
        let isApproved =
            decision?.decision == .approved && decision?.commit == result?.commit && result != nil
        return firstFailure ?? (isApproved ? nil : unanswered)
    }

    /// Whether people were asked about the result as it is, and the run has not gone to its end with what they said.
    package var isResultOpen: Bool {
        guard let result else { return false }
        let isAsked =
            unanswered != nil || asked?.commit == result.commit
            || decision?.commit == result.commit
        // An answer lifts the failure of a review also behind the end that came of it.
        let isDone =
            failure == nil && cancelled == nil && finished != nil
            && finished?.status != Exit.later.rawValue && finished?.status != Exit.refused.rawValue
        return isAsked && !isDone
    }

    private var isWaiting: Bool { unanswered?.code == Failed.reviewWaits }

    /// Takes in the end that the reader itself writes.
    package mutating func take(finished: RunFinished) {
        lastAt = .now
        self.finished = finished
    }

    /// The run's status by smelt(7): cancelled; else the first failure that ends the run; else how
    /// the sessions ended.
    package var status: Int32 {
        if let failed = cancelled ?? failure {
            // A number that a shell can see, and never that of success.
            return (1...255).contains(failed.status) ? failed.status : Exit.no.rawValue
        }
        if sessions.values.contains(where: { $0.ending == .cancelled }) {
            return Exit.interrupted.rawValue
        }
        if sessions.keys.contains(where: endedBadly) { return Exit.no.rawValue }
        // A session did its work, and the result is without it.
        if result?.conflicts?.isEmpty == false { return Exit.no.rawValue }
        let gates = sessions.values.contains { $0.ending == .gateFailed }
        return gates ? Exit.gateFailed.rawValue : Exit.done.rawValue
    }

    private func endedBadly(_ name: String) -> Bool {
        switch sessions[name]?.ending {
        case .succeeded, .gateFailed: false
        case .skipped: !isSkippedForGate(name)
        default: true
        }
    }

    /// Whether the chain of skipped sessions goes back to one whose gate failed.
    private func isSkippedForGate(_ name: String) -> Bool {
        var name = name
        for _ in 0...sessions.count {
            guard let state = sessions[name] else { return false }
            if state.ending == .gateFailed { return true }
            guard state.ending == .skipped, let next = state.because else { return false }
            name = next
        }
        return false
    }

    /// How far the run is; once it has ended, how it ended.
    package var phase: Phase {
        guard finished != nil else { return progress }
        // The run ended so that nobody has to wait with it; it goes on with the answer.
        if isWaiting, failure == unanswered, cancelled == nil { return .reviewing }
        switch status {
        case Exit.done.rawValue: return .complete
        case Exit.gateFailed.rawValue: return .gatesFailed
        case Exit.interrupted.rawValue, Exit.terminated.rawValue, Exit.unheard.rawValue:
            return .cancelled
        default:
            let late = sessions.values.contains {
                $0.ending == .timedOut || $0.ending == .stalled
            }
            return failure == nil && late ? .timeout : .failed
        }
    }

    /// What the state file says; nil before `run.planned`. `pid` is the recorder's.
    package func state(pid: Int32) -> RunState? {
        guard let planned, let startedAt else { return nil }
        var state = RunState(
            jobName: planned.job.name, phase: phase, sessions: planned.job.sessions.map(\.name),
            startedAt: Int(startedAt.seconds), pid: Int(pid))
        state.updatedAt = max(state.startedAt, Int((lastAt ?? startedAt).seconds))
        state.run = run
        state.containerID = environment?.id
        if let pullRequest {
            state.pullRequestURL = pullRequest.url
            state.pullRequestNumber = pullRequest.number
            state.pullRequestStatus = "open"
        }
        state.forgeRepository = planned.job.forge?.repository
        state.forgeTokenEnv = planned.job.forge?.tokenEnv
        state.forgeProvider = planned.job.forge?.provider.rawValue
        state.forgeAPI = planned.job.forge?.apiURL
        state.status = finished.map { Int($0.status) }
        state.branch = result?.branch
        state.commit = result?.commit
        state.manifest = planned.manifest.path
        return state
    }
}

/// What the head of any record says of where it belongs.
package struct Moment: Record {
    package static let type = ""
    package var time: Timestamp
    package var run: String
}
