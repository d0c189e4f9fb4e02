import Records
import Smelt

/// A result that needs an answer.
struct Question {
    let result: ResultCollected
    let files: ReviewFiles
    /// Nil until everything that was already in the input has been looked at: the answer may
    /// be in it, when the input is the log of an earlier run.
    var request: ReviewFiles.Request?
    /// What the rules say, once they were looked at.
    var acceptance: Looked?

    struct Looked {
        let answer: ReviewDecided?
    }

    /// The question as people see it. `job` is nil only of a log without its plan.
    func newRequest(by job: Job?, _ rules: ReviewRules) -> ReviewFiles.Request {
        let now = Timestamp.now
        return ReviewFiles.Request(
            job: job?.name ?? "", title: "\(job?.name ?? "a job"): \(result.branch)",
            summary: result.summary, branch: result.branch, base: result.base,
            commit: result.commit, asked: now,
            expires: Timestamp(
                milliseconds: now.milliseconds
                    + Int64(ReviewRules.bounded(rules.expiresSeconds) * 1000)),
            warnings: result.warnings ?? [], reasons: result.reviewReasons ?? [])
    }
}

extension ReviewRequested {
    init(_ request: ReviewFiles.Request) {
        self.init(
            title: request.title, summary: request.summary, expires: request.expires,
            commit: request.commit)
    }
}

extension ResultCollected {
    /// What changed, in one sentence without any text of the agent's.
    fileprivate var summary: String {
        "\(Quantity.count(commits, "commit")) in \(Quantity.count(files, "file")), "
            + "+\(insertions) -\(deletions)"
            + (draft ? "; a gate failed, or work is missing" : "")
    }
}
