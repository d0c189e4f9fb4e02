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

    /// Who answers, as records name him: root as the one who became root, where the kernel knows that (pam_loginuid(8)).
    static let caller: String = {
        let uid = getuid()
        guard uid == 0, let text = try? Files.readText("/proc/self/loginuid", upTo: 32),
            let login = UInt32(text), login != .max
        else { return "uid:\(uid)" }
        return "uid:\(login)"
    }()

    static func list(_ words: Words) throws -> Exit {
        guard words.operands.isEmpty else { throw Usage("list takes no operands") }
        let asTable = words[human] || !words[json] && isatty(1) == 1
        let writer = LineWriter(1)
        for (run, request) in try open(state: try Places.state()) {
            if asTable {
                try put(
                    "\(run)  until \(request.expires)  \(Visible.line(request.title))"
                        + "  \(Visible.line(request.summary))\n")
            } else {
                try writer.write(
                    ReviewRequested(
                        title: request.title, summary: request.summary, expires: request.expires,
                        commit: request.commit), run: run)
            }
        }
        return .done
    }

    /// The questions that wait: of runs that wait themselves, and of the queue's jobs.
    private static func open(state: String) throws -> [(RunID, ReviewFiles.Request)] {
        var found: [(RunID, ReviewFiles.Request)] = []
        for files in ReviewFiles.all(state: state) {
            do {
                guard let request = try files.request(), request.expires > .now,
                    try files.decision(for: request.commit) == nil,
                    !files.isExpired(request.commit)
                else { continue }
                found.append((files.run, request))
            } catch ReviewFault.unreadable(let path) {
                // The others are no worse for it.
                say("smelt-review: \(ReviewFault.unreadable(path))\n")
            }
        }
        for review in try QueuedReviews.store(state: state)?.openReviews(.now()) ?? [] {
            do { found.append((review.run, try review.request())) } catch {
                say("smelt-review: \(error)\n")
            }
        }
        return found
    }

    static func show(_ words: Words) throws -> Exit {
        let (run, state) = try named(words)
        let results = try Repositories(state: state).results()
        if let review = try QueuedReviews.store(state: state)?.review(named: run) {
            try ReviewPage(
                run: review.run, request: try review.request(), decision: review.fileDecision,
                results: results
            ).print()
            return .done
        }
        let files = ReviewFiles(run, state: state)
        guard let request = try files.request() else { throw ReviewFault.unknown(run) }
        try ReviewPage(
            run: run, request: request, decision: try files.decision(for: request.commit),
            results: results
        ).print()
        return .done
    }

    static func answer(_ decision: ReviewDecided.Decision, _ words: Words) throws -> Exit {
        let (run, state) = try named(words)
        let files = ReviewFiles(run, state: state)
        let store = try QueuedReviews.store(state: state)
        if let store, let review = try store.review(named: run) {
            try check(words, asked: review.commit)
            let standing = try QueuedReviews.answer(
                review, decision, note: words[note], in: store)
            if let standing { try tell(standing, decision, review.run) }
            return .done
        }
        // Who may answer is known when the run asks.
        if let attempt = try store?.attempt(ofRun: run), try files.request() == nil {
            throw attempt.isOver ? ReviewFault.unknown(run) : .notYet(run, job: attempt.job)
        }
        let asked = try subject(files, state)
        try check(words, asked: asked)
        let mine = ReviewFiles.Decision(
            decision: decision, commit: asked, actor: caller, note: words[note], time: .now)
        let standing = try files.decide(mine)
        try tell(standing, decision, run)
        if files.isExpired(asked) {
            say(
                "smelt-review: the question had expired: feed the run's log to smelt-review and"
                    + " smelt-pr again to deliver\n")
        }
        return .done
    }

    private static func check(_ words: Words, asked: String) throws(ReviewFault) {
        if let named = words[commit], named != asked {
            throw .otherCommit(asked: asked, named: named)
        }
    }

    private static func tell(
        _ standing: ReviewFiles.Decision, _ wanted: ReviewDecided.Decision, _ run: RunID
    ) throws {
        guard standing.decision == wanted else { throw ReviewFault.decided(standing, run) }
        if isatty(1) == 1 {
            try put("\(wanted.rawValue): run \(run), commit \(standing.commit)\n")
        } else {
            try LineWriter(1).write(standing.record, run: run)
        }
    }

    /// What an answer is about: the question's commit or, before it was asked, the result's.
    private static func subject(_ files: ReviewFiles, _ state: String) throws -> String {
        if let request = try files.request() { return request.commit }
        if Files.exists("\(state)/results.git"),
            let commit = try Repositories(state: state).results()
                .commit("refs/smelt/results/\(files.run)")
        {
            return commit
        }
        throw ReviewFault.unknown(files.run)
    }

    private static func named(_ words: Words) throws -> (RunID, state: String) {
        guard let word = words.operands.first, words.operands.count == 1 else {
            throw Usage("name one run")
        }
        guard let run = RunID(word) else {
            throw Usage("'\(Visible.line(word))' is no run id of 26 characters")
        }
        return (run, try Places.state())
    }
}
