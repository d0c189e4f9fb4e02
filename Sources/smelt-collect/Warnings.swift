import Records
import Results
import Smelt

/// What a person should know about a result, and what is no reason to refuse it.
struct Warnings {
    private let sessions: [Ended]
    private let changes: FileChanges
    private let conflicts: [ResultFault]
    private let kept: [String: String]

    /// Changed lines from which on a change is called large: more than one reads in an hour.
    private static let large = 10_000

    /// `kept` are the references of sessions whose work is not in the result, by session.
    init(
        _ sessions: [Ended], _ changes: FileChanges, _ conflicts: [ResultFault],
        kept: [String: String]
    ) {
        self.sessions = sessions
        self.changes = changes
        self.conflicts = conflicts
        self.kept = kept
    }

    var all: [String] {
        conflicts.map(\.description) + sessions.flatMap(about)
            + Self.first(10, of: binaries, "binary files")
            + Self.first(10, of: executables, "executable files") + size
    }

    /// The first few of many, and how many more there are.
    static func first(_ most: Int, of items: [String], _ what: String) -> [String] {
        guard items.count > most else { return items }
        return items.prefix(most) + ["\(items.count - most) more \(what)"]
    }

    private func about(_ session: Ended) -> [String] {
        var texts: [String] = []
        let name = "session '\(Visible.line(session.name))'"
        if session.finished.ending == .gateFailed { texts.append("\(name): its gate failed") }
        if session.finished.committedForAgent == true {
            texts.append("\(name): smelt committed what the agent had left uncommitted")
        }
        if let ref = kept[session.name] {
            let ending = session.finished.ending.rawValue
            texts.append(
                "\(name): ended \(ending), its work is not in the result but kept as \(ref)")
        }
        return texts
    }

    private var binaries: [String] {
        changes.all.filter { $0.isBinary && $0.status == .added }.map {
            "binary file '\($0.shown)' of \($0.sizeBytes ?? 0) bytes is new"
        }
    }

    private var executables: [String] {
        changes.all.filter {
            $0.newMode == FileChange.Mode.executable && $0.oldMode != FileChange.Mode.executable
        }.map { "'\($0.shown)' is now executable" }
    }

    private var size: [String] {
        let lines = changes.insertions + changes.deletions
        return lines > Self.large ? ["\(lines) lines are changed: too many to read well"] : []
    }
}
