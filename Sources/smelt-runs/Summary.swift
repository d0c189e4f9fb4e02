import Records
import Smelt

/// What is left on a terminal below the last picture of a run: what its stages said on the way,
/// which the picture may have been drawn over, what came of it, and where to look on.
struct Summary {
    let history: History
    let style: Style

    var text: String {
        let parts = warnings.map { "warning: \($0)\n" } + [rescued, failure, outcome, log, status]
        return parts.joined()
    }

    private var warnings: [String] {
        let told = (history.environment?.warnings ?? []) + (history.result?.warnings ?? [])
        let conflicts = (history.result?.conflicts ?? []).map { conflict in
            "session '\(conflict.session)' was left out, it conflicts in "
                + conflict.files.prefix(5).joined(separator: ", ")
        }
        return (told + conflicts).map(Visible.line)
    }

    private var rescued: String {
        guard let run = history.run, history.released?.rescued.isEmpty == false else { return "" }
        return "work that is in no result is kept: smelt-runs rescue \(run) lists it\n"
    }

    private var failure: String {
        guard let failure = history.cancelled ?? history.failure else { return "" }
        let message = Visible.line(failure.message)
        return style.paint("failed", "smelt-\(Visible.line(failure.stage)): \(message)") + "\n"
            + (failure.hint.map { "  \(Visible.line($0))\n" } ?? "")
    }

    private var outcome: String {
        if let request = history.pullRequest {
            return "pull request \(request.number): \(Visible.line(request.url))\n"
        }
        guard let result = history.result, result.commit != result.base else { return "" }
        return "result: \(Visible.line(result.branch)) \(result.commit)\n"
    }

    /// Where all of it is, for who wants to know why.
    private var log: String {
        guard history.status != 0, let run = history.run, let planned = history.planned,
            let directory = RunState.directory(
                of: planned.job.name, in: planned.runsDirectory)
        else { return "" }
        return "log: \(Visible.line(directory))/\(run).jsonl\n"
    }

    private var status: String {
        let phase = history.phase.rawValue.replacing("_", by: " ")
        return "\(phase), status \(history.finished?.status ?? history.status)\n"
    }
}
