import Glibc
import Records
import Smelt

/// `list` and `status`: how runs stand, for people or as records.
enum Listing {
    static let directory = Option("dir", nil, .directory, "the project (default: here)")
    static let json = Option("json", nil, .flag, "records, also on a terminal")
    static let human = Option("human", nil, .flag, "a table, also in a pipe")
    static let all = Option("all", "a", .flag, "every run, not only each job's latest")

    static let list = Verb(
        "list", options: [directory, all, json, human],
        summary: "tells which runs there were and how they ended"
    ) { words in
        guard words.operands.isEmpty else { throw Usage("list takes no operands") }
        var runs: [(RunID, RunDescribed)] = []
        for job in try RecordedRuns.jobs(words[directory]) {
            let wanted = words[all] ? job.runs : Array(job.runs.suffix(1))
            for run in wanted {
                do { runs.append((run, try job.describe(run))) } catch { warn(error) }
            }
            // What the earlier smelt left has a state but no log.
            guard wanted.isEmpty else { continue }
            do {
                guard let state = try job.state() else { continue }
                runs.append((.unknown, RunDescribed(state, active: false, log: nil)))
            } catch { warn(error) }
        }
        guard isForPeople(words) else {
            for (run, described) in runs { try emit(described, run) }
            return .done
        }
        try put(runs.isEmpty ? "No past runs.\n" : table(runs.map(\.1)))
        return .done
    }

    static let status = Verb(
        "status", options: [directory, json, human], operands: "[JOB|RUN]",
        summary: "tells how a run stands; 0 while it is active, else 1"
    ) { words in
        guard words.operands.count <= 1 else { throw Usage("status takes one job or run") }
        let (run, described) = try one(words)
        if isForPeople(words) {
            try put(page(described, run))
        } else {
            try emit(described, run)
        }
        if !described.active, !described.phase.isFinal, described.status == nil {
            say("smelt-runs: the run ended without a word: smelt-provision gc clears up after it\n")
        }
        return described.active ? .done : .no
    }

    private static func one(_ words: Words) throws -> (RunID, RunDescribed) {
        do {
            let (job, run) = try RecordedRuns.find(words.operands.first, words[directory])
            return (run, try job.describe(run))
        } catch let fault as RunsFault {
            // The earlier smelt's files: a job's without a log, and one for all jobs.
            var paths = try RecordedRuns.places(words[directory]).compactMap { place in
                words.operands.first.flatMap { RunState.path(of: $0, in: place) }
            }
            if words.operands.isEmpty {
                paths = ["\(words[directory] ?? ".")/.smelt/run-state.toml"]
            }
            guard let path = paths.first(where: Files.exists) else {
                // A job that never ran is a no to the question, as it always was.
                throw RunsFault.no("\(fault)")
            }
            let state = try RunState(readFrom: path)
            return (.unknown, RunDescribed(state, active: false, log: nil))
        }
    }

    private static func isForPeople(_ words: Words) -> Bool {
        words[human] || !words[json] && isatty(1) == 1
    }

    static func emit(_ record: some Record, _ run: RunID) throws {
        try LineWriter(1).write(record, run: run)
    }

    private static func warn(_ error: any Error) {
        say("smelt-runs: \(error)\n")
    }

    private static func table(_ runs: [RunDescribed]) -> String {
        let rows = runs.map { run in
            [
                Visible.line(run.job), run.phase.rawValue,
                Quantity.describe(seconds: run.elapsedSeconds),
                run.pullRequestURL.map(Visible.line) ?? "-",
            ]
        }
        let head = ["JOB", "PHASE", "ELAPSED", "PR URL"]
        let widths = (0..<3).map { column in
            max([20, 15, 8][column], (rows.map { $0[column].count }.max() ?? 0) + 1)
        }
        func line(_ cells: [String]) -> String {
            let padded = zip(cells, widths).map { $0.padded(to: $1) }
            return "  \((padded + cells.suffix(1)).joined(separator: " "))\n"
        }
        let rule = "  " + String(repeating: "-", count: widths.reduce(9, +)) + "\n"
        return line(head) + rule + rows.map(line).joined()
    }

    private static func page(_ run: RunDescribed, _ id: RunID) -> String {
        var rows = [("Job", run.job), ("Phase", run.phase.rawValue)]
        if id != .unknown { rows.append(("Run", "\(id)")) }
        rows.append(("Active", run.active ? "yes" : "no"))
        if let status = run.status { rows.append(("Status", "\(status)")) }
        if let environment = run.environment { rows.append(("Container", environment)) }
        rows.append(("Sessions", run.sessions.joined(separator: ", ")))
        let age = Timestamp.now.seconds - run.started.seconds
        rows.append(("Started", "\(Quantity.describe(seconds: max(0, age.rounded(.down)))) ago"))
        rows.append(("Elapsed", Quantity.describe(seconds: run.elapsedSeconds)))
        if let branch = run.branch { rows.append(("Branch", branch)) }
        if let commit = run.commit { rows.append(("Commit", commit)) }
        if let log = run.logPath { rows.append(("Log", log)) }
        var text = rows.map(row).joined()
        if let url = run.pullRequestURL {
            text += "\n── Pull Request ──\n" + row("URL", url)
            text += row("State", run.pullRequestStatus ?? "unknown")
            text += row("CI", run.checks ?? "unknown")
            text += row("Reviews", "\(run.reviewCount ?? 0)")
        }
        return text
    }

    private static func row(_ name: String, _ value: String) -> String {
        "\("\(name):".padded(to: 11))\(Visible.line(value))\n"
    }
}
