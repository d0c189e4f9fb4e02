import Smelt

/// Why the stage does not even ask the other side.
enum DeliverFault: Fault {
    case notApproved(String)
    case noCommit(String)
    case noRun(RunID, [String])
    case noJob(String, [String])
    case noPullRequest(String)
    case notLocal(String)

    var exit: Exit {
        switch self {
        case .notApproved: .refused
        case .noCommit, .noRun, .noJob, .noPullRequest: .missing
        case .notLocal: .usage
        }
    }

    var code: String {
        switch self {
        case .notApproved: "review_missing"
        case .noCommit, .noRun, .noJob, .noPullRequest: "missing"
        case .notLocal: "usage"
        }
    }

    var description: String {
        switch self {
        case .notApproved(let commit):
            "the result needs a review and nobody approved commit '\(Visible.line(commit))': put smelt-review before smelt-pr"
        case .noCommit(let commit):
            "commit '\(Visible.line(commit))' is not in the state directory: collect it again, or set SMELT_STATE_DIR as it was"
        case .noRun(let run, let places):
            "there is no log of run '\(run)' in \(Self.list(places)): name the directory with --runs"
        case .noJob(let job, let places):
            "there is no job '\(Visible.line(job))' in \(Self.list(places)): name the directory with --runs"
        case .noPullRequest(let what): "\(Visible.line(what)) has no pull request"
        case .notLocal(let what): "'\(Visible.line(what))' is no request of a local forge"
        }
    }

    private static func list(_ places: [String]) -> String {
        places.map { "'\(Visible.line($0))'" }.joined(separator: " or ")
    }
}

/// What no fault describes.
struct Unexpected: Fault {
    let description: String
    var exit: Exit { .bug }

    init(_ text: String) { description = "unexpected: \(text)" }
}
