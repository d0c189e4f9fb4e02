import Records
import Results
import Smelt

/// What a person reads before deciding: the question, why it is asked, and the whole change. All
/// of it may be the agent's words, so nothing reaches the terminal that it would obey.
struct ReviewPage {
    let run: RunID
    let request: ReviewFiles.Request
    let decision: ReviewFiles.Decision?
    let results: Git

    func print() throws {
        guard try results.commit(request.commit) != nil, try results.commit(request.base) != nil
        else { throw ReviewFault.noCommit(run, request.commit) }
        try put(head)
        for format in [["--stat=80"], ["--patch"]] {
            let finished = try results.command(
                ["diff", "--no-color", "--no-ext-diff", "--no-textconv", "--find-renames"] + format
                    + [request.base, request.commit, "--"]
            ).run()
            guard finished.succeeded else { throw GitFault("diff", finished) }
            try put("\n" + Visible.block(finished.text))
        }
    }

    private var head: String {
        var lines = [
            "run      \(run)", "title    \(Visible.line(request.title))",
            "branch   \(Visible.line(request.branch))", "commit   \(Visible.line(request.commit))",
            "base     \(Visible.line(request.base))", "summary  \(Visible.line(request.summary))",
            "expires  \(request.expires)",
        ]
        if let decision {
            lines.append(
                "answer   \(decision.decision.rawValue) by \(decision.actor) at \(decision.time)"
                    + (decision.note.map { ": \(Visible.line($0))" } ?? ""))
        }
        lines += request.reasons.map { "reason   \(Visible.line($0))" }
        lines += request.warnings.map { "warning  \(Visible.line($0))" }
        return lines.joined(separator: "\n") + "\n"
    }
}
