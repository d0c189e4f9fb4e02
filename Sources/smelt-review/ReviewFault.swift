import Records
import Smelt

/// Why a review does not let a result pass, or why somebody cannot answer.
enum ReviewFault: Fault {
    case denied(actor: String, note: String?)
    /// With the job, where the queue asked.
    case expired(Timestamp, job: RunID?)
    case unknown(RunID)
    case noCommit(RunID, String)
    case decided(ReviewFiles.Decision, RunID)
    case otherCommit(asked: String, named: String)
    case unreadable(String)
    case removed(String)
    /// Nobody has answered yet, and nobody waits here.
    case waits(RunID, until: Timestamp)
    case tooLate(Timestamp, job: RunID)
    case notAsked(String, reviewers: [String])
    case jobOver(RunID, state: String)
    case noUser(String)
    case noQueue
    /// A run of the queue's daemon that the daemon cannot go on with.
    case noResume
    case tooFew(Int, of: Int64)
    /// A run of the queue that has not come so far.
    case notYet(RunID, job: RunID)

    var exit: Exit {
        switch self {
        case .denied, .expired, .decided, .otherCommit, .tooLate, .notAsked, .jobOver: .refused
        case .waits, .notYet: .later
        case .noUser, .noResume, .tooFew: .misconfigured
        case .noQueue: .unavailable
        case .unknown, .noCommit: .missing
        case .unreadable: .invalid
        case .removed: .io
        }
    }

    var code: String {
        switch self {
        case .denied: "review_denied"
        case .expired: "review_expired"
        case .unknown, .noCommit: "missing"
        case .decided: "already_decided"
        case .otherCommit: "other_commit"
        case .unreadable: "invalid"
        case .removed: "io"
        case .waits: Failed.reviewWaits
        case .tooLate: "review_expired"
        case .notAsked: "not_asked"
        case .jobOver: "wrong_state"
        case .noUser: "no_user"
        case .noQueue: "no_queue"
        case .noResume: "no_resume"
        case .tooFew: "too_few"
        case .notYet: "not_asked_yet"
        }
    }

    var description: String {
        switch self {
        case .denied(let actor, let note):
            "the review was denied by \(actor)" + (note.map { ": '\(Visible.line($0))'" } ?? "")
        case .expired(let time, _):
            "nobody answered the review until \(time)"
        case .unknown(let run):
            "there is no review of run '\(run)': 'smelt-review list' shows what waits"
        case .noCommit(let run, let commit):
            "could not show the result of run '\(run)': commit '\(commit)' is not in the state directory"
        case .decided(let decision, let run):
            "run '\(run)' was \(decision.decision.rawValue) by \(decision.actor) at \(decision.time); nothing was changed"
        case .otherCommit(let asked, let named):
            "the review is about commit '\(asked)', not '\(named)': look at it with 'smelt-review show'"
        case .unreadable(let path):
            "could not read '\(path)': it is not what smelt-review writes there"
        case .removed(let path):
            "somebody removed '\(path)' while the review waited"
        case .waits(let run, let time):
            "the result of run '\(run)' waits until \(time) for an answer, with which the job goes on"
        case .tooLate(let time, let job):
            "nobody answered the review until \(time), and the job has gone on with that: ask again "
                + "with 'smelt-queue retry --resume \(job)'"
        case .notAsked(let actor, let reviewers):
            "\(actor) was not asked: an answer of "
                + "\(reviewers.map { Visible.line($0) }.joined(separator: " or ")) counts"
        case .noUser(let name):
            "there is no user '\(Visible.line(name))' on this machine: name another in [review], or such "
                + "as \"uid:1000\""
        case .noQueue:
            "who may answer is kept in the queue, where this run is not: add the job with smelt-queue, or "
                + "take reviewers, count and owner out of [review]"
        case .noResume:
            "the queue cannot go on with this run when somebody has answered: set resume beside command "
                + "in [pipeline] of the daemon's file, or take reviewers, count and owner out of [review]"
        case .tooFew(let people, let count):
            "\(count) have to agree, of \(Quantity.count(people, "reviewer")): name more in [review], or "
                + "set count"
        case .notYet(let run, let job):
            "run '\(run)' has asked nothing yet: wait until job '\(job)' is in 'smelt-review list'"
        case .jobOver(let job, let state):
            "job '\(job)' is \(state): nothing waits for an answer any more"
        }
    }

    var hint: String? {
        switch self {
        case .expired(_, let job?):
            "ask again with 'smelt-queue retry --resume \(job)'"
        case .expired:
            "approve it all the same with 'smelt-review approve' and feed the run's log to smelt-review again"
        default: nil
        }
    }
}
