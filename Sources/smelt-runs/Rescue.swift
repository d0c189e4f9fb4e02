import Glibc
import Records
import Results
import Smelt

/// `rescue`: what is kept of runs in smelt's own repository, and how to get it.
enum Rescue {
    static let destination = Option(
        "to", nil, .directory, "bring the session's work as a branch into this repository")
    static let branch = Option(
        "branch", nil, .text("NAME"), "name of that branch (default: smelt/SESSION)")

    static let verb = Verb(
        "rescue", options: [Listing.json, Listing.human, destination, branch],
        operands: "[RUN [SESSION]]", summary: "lists the work that is kept, or brings it out"
    ) { words in
        guard words.operands.count <= 2 else { throw Usage("rescue takes a run and a session") }
        let run = try words.operands.first.map { word in
            guard let run = RunID(word) else { throw Usage("'\(word)' is no run id") }
            return run
        }
        let session = words.operands.count > 1 ? words.operands[1] : nil
        let kept = try Kept.all(of: run).filter { session == nil || $0.1.session == session }
        if let destination = words[destination] {
            guard let run, let session else { throw Usage("--to needs a run and a session") }
            guard let work = kept.first(where: { $0.1.kind == .rescued }) ?? kept.first else {
                throw RunsFault.noWork(run, session)
            }
            try bring(work.1, to: destination, as: words[branch] ?? "smelt/\(session)")
            return .done
        }
        if words[Listing.human] || !words[Listing.json] && isatty(1) == 1 {
            try put(page(kept))
        } else {
            for (run, work) in kept { try Listing.emit(work, run) }
        }
        return .done
    }

    /// A plain fetch into the user's repository: a branch that is there moves forward or not at all.
    private static func bring(_ work: WorkKept, to: String, as branch: String) throws {
        let refs = "\(work.ref):refs/heads/\(branch)"
        var command = Command(
            "git", "-C", to, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head",
            work.repository, refs)
        command.output = .descriptor(2)
        let finished = try command.run()
        guard finished.succeeded else { throw GitFault("fetch", finished) }
    }

    private static func page(_ kept: [(RunID, WorkKept)]) -> String {
        guard let repository = kept.first?.1.repository else { return "Nothing is kept.\n" }
        let lines = kept.map { run, work in
            "\(run)  \(work.kind.rawValue.padded(to: 8))  \(work.commit.prefix(12))"
                + "  \(Visible.line(work.session ?? "-"))\n"
        }
        return lines.joined() + "\nTo look at one: smelt-runs rescue RUN SESSION --to REPOSITORY\n"
            + "or: git fetch \(Visible.line(repository)) REF, with REF from --json\n"
    }
}

/// The references that smelt keeps for runs.
enum Kept {
    private static let places: [(String, WorkKept.Kind)] = [
        ("refs/smelt/runs/", .session), ("refs/smelt/results/", .result),
        ("refs/smelt/rescued/", .rescued),
    ]

    static func repository() throws -> Git? {
        let state = try Places.state()
        return Files.exists("\(state)/results.git/HEAD")
            ? try Repositories(state: state).results() : nil
    }

    /// By run, oldest first.
    static func all(of run: RunID?) throws -> [(RunID, WorkKept)] {
        guard let git = try repository() else { return [] }
        let listing = try git.run(
            "for-each-ref", "--format=%(objectname) %(refname)", "refs/smelt/runs",
            "refs/smelt/results", "refs/smelt/rescued")
        let kept = String(decoding: listing, as: UTF8.self).split(separator: "\n").compactMap {
            work($0, in: git.repository)
        }
        return kept.filter { run == nil || $0.0 == run }
            .sorted { ($0.0.description, $0.1.ref) < ($1.0.description, $1.1.ref) }
    }

    private static func work(_ line: Substring, in repository: String) -> (RunID, WorkKept)? {
        let words = line.split(separator: " ", maxSplits: 1)
        guard words.count == 2, let place = places.first(where: { words[1].hasPrefix($0.0) }) else {
            return nil
        }
        let parts = words[1].dropFirst(place.0.count).split(separator: "/", maxSplits: 1)
        guard let run = parts.first.flatMap({ RunID(String($0)) }) else { return nil }
        let session = parts.count > 1 ? SafeName.meant(by: String(parts[1])) : nil
        return (
            run,
            WorkKept(
                kind: place.1, session: session, ref: String(words[1]), commit: String(words[0]),
                repository: repository)
        )
    }
}
