internal import Glibc
import Records
import Results
import Smelt

/// Waits for a person's yes or no; shows what waits, and answers it.
@main
enum SmeltReview {
    static let always = Option("always", nil, .flag, "ask about every result")
    static let note = Option("note", "n", .text, "a sentence that goes into the record")
    static let commit = Option(
        "commit", nil, .text("COMMIT"), "answer only when the review is about this commit")
    static let json = Option("json", nil, .flag, "print records also on a terminal")
    static let human = Option("human", nil, .flag, "print a table also into a pipe")

    static func main() {
        Tool(
            "smelt-review", summary: "Waits in the pipe until a person agrees to a result.",
            verbs: [
                Verb("", options: [always], summary: "wait in the pipe") { words in
                    guard words.operands.isEmpty else {
                        throw Usage("unknown command '\(words.operands[0])'")
                    }
                    return try ReviewStage(state: try Places.state(), always: words[always]).run()
                },
                Verb(
                    "list", options: [json, human], summary: "what waits for an answer", body: list),
                Verb(
                    "show", operands: "RUN", summary: "the question and the whole change",
                    body: show),
                Verb("approve", options: [note, commit], operands: "RUN", summary: "say yes") {
                    try answer(.approved, $0)
                },
                Verb("deny", options: [note, commit], operands: "RUN", summary: "say no") {
                    try answer(.denied, $0)
                },
            ]
        ).start()
    }

    static func list(_ words: Words) throws -> Exit {
        guard words.operands.isEmpty else { throw Usage("list takes no operands") }
        let asTable = words[human] || !words[json] && isatty(1) == 1
        let writer = LineWriter(1)
        for files in ReviewFiles.all(state: try Places.state()) {
            guard let request = try files.request(), request.expires > .now,
                try files.decision(for: request.commit) == nil,
                !files.isExpired(request.commit)
            else { continue }
            if asTable {
                try put(
                    "\(files.run)  until \(request.expires)  \(Visible.line(request.title))"
                        + "  \(Visible.line(request.summary))\n")
            } else {
                try writer.write(
                    ReviewRequested(
                        title: request.title, summary: request.summary, expires: request.expires,
                        commit: request.commit), run: files.run)
            }
        }
        return .done
    }

    static func show(_ words: Words) throws -> Exit {
        let (files, request, state) = try question(words)
        try ReviewPage(
            run: files.run, request: request, decision: try files.decision(for: request.commit),
            results: try Repositories(state: state).results()
        ).print()
        return .done
    }

    static func answer(_ decision: ReviewDecided.Decision, _ words: Words) throws -> Exit {
        let (files, asked) = try subject(words)
        if let named = words[commit], named != asked {
            throw ReviewFault.otherCommit(asked: asked, named: named)
        }
        let mine = ReviewFiles.Decision(
            decision: decision, commit: asked, actor: "uid:\(getuid())",
            note: words[note], time: .now)
        let standing = try files.decide(mine)
        guard standing.decision == decision else { throw ReviewFault.decided(standing, files.run) }
        if isatty(1) == 1 {
            try put("\(decision.rawValue): run \(files.run), commit \(asked)\n")
        } else {
            try LineWriter(1).write(standing.record, run: files.run)
        }
        if files.isExpired(asked) {
            say(
                "smelt-review: the question had expired: feed the run's log to smelt-review and"
                    + " smelt-pr again to deliver\n")
        }
        return .done
    }

    /// The question about the run that was named.
    private static func question(
        _ words: Words
    ) throws -> (ReviewFiles, ReviewFiles.Request, state: String) {
        let (files, state) = try named(words)
        guard let request = try files.request() else { throw ReviewFault.unknown(files.run) }
        return (files, request, state)
    }

    /// What an answer is about: the question's commit or, before it was asked, the result's.
    private static func subject(_ words: Words) throws -> (ReviewFiles, commit: String) {
        let (files, state) = try named(words)
        if let request = try files.request() { return (files, request.commit) }
        if Files.exists("\(state)/results.git"),
            let commit = try Repositories(state: state).results()
                .commit("refs/smelt/results/\(files.run)")
        {
            return (files, commit)
        }
        throw ReviewFault.unknown(files.run)
    }

    private static func named(_ words: Words) throws -> (ReviewFiles, state: String) {
        guard let word = words.operands.first, words.operands.count == 1 else {
            throw Usage("name one run")
        }
        guard let run = RunID(word) else {
            throw Usage("'\(Visible.line(word))' is no run id of 26 characters")
        }
        let state = try Places.state()
        return (ReviewFiles(run, state: state), state)
    }
}
