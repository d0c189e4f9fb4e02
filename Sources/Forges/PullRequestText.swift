internal import Records
internal import Smelt

/// What a pull request says. The part between the two marks is ours and replaced at each delivery;
/// what people write around it stays.
package struct PullRequestText: Sendable {
    package let change: Change
    package let base: String

    package init(_ change: Change, base: String) {
        self.change = change
        self.base = base
    }

    static let begin = "<!-- smelt:begin -->"
    static let end = "<!-- smelt:end -->"
    /// GitHub takes 65,536 characters.
    static let longest = 60_000
    static let mostRows = 100

    package var title: String {
        let template = change.job.forge?.title ?? "[smelt] {job} — {head} → {base}"
        return Neutral.title(filled(template) { $0 })
    }

    package var body: String {
        let template =
            change.job.forge?.body
            ?? "Made by the job {job}, for {base}, from the sessions {sessions}."
        return filled(template) { Neutral.plain($0) } + "\n\n" + section
    }

    /// `body` of an existing request with our part renewed.
    package func renewed(_ body: String) -> String {
        guard let first = body.firstRange(of: Self.begin),
            let last = body[first.upperBound...].firstRange(of: Self.end)
        else { return body.isEmpty ? self.body : body + "\n\n" + section }
        return body[..<first.lowerBound] + section + body[last.upperBound...]
    }

    private func filled(_ template: String, _ made: (String) -> String) -> String {
        let values = [
            "job": change.job.name, "run": change.run.description, "head": change.result.branch,
            "base": base, "sessions": change.result.sessions.joined(separator: ", "),
        ]
        var result = ""
        var rest = template[...]
        // One pass, so that a value with braces is never filled again.
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            rest = rest[open...]
            if let close = rest.firstIndex(of: "}"),
                let value = values[String(rest[rest.index(after: open)..<close])]
            {
                result += made(value)
                rest = rest[rest.index(after: close)...]
            } else {
                result.append(rest.removeFirst())
            }
        }
        return result + rest
    }

    private var section: String {
        let parts = [gates, diffstat, conflicts, denied, uncommitted, warnings, origin]
        var text = ""
        for part in parts where !part.isEmpty {
            // Whole parts only: a table that is cut in the middle would swallow what follows.
            guard text.utf16.count + part.utf16.count < Self.longest else { continue }
            text += part + "\n"
        }
        return "\(Self.begin)\n\(text)\(Self.end)"
    }

    private var gates: String {
        guard !change.sessions.isEmpty else { return "" }
        // As in the manifest; they end in any order.
        let order = change.job.sessions.map(\.name)
        let sessions = change.sessions.sorted {
            order.firstIndex(of: $0.session) ?? .max < order.firstIndex(of: $1.session) ?? .max
        }
        let rows = sessions.prefix(Self.mostRows).map { session in
            let gate = change.gates.last { $0.session == session.session }
            let told =
                gate.map {
                    "\($0.ok ? "passed" : "**failed** (\($0.status))"): \(Neutral.code($0.command, most: 80))"
                } ?? "none"
            let time = session.usage?.wallSeconds.map { Quantity.describe(seconds: $0) } ?? ""
            return
                "| \(Neutral.code(session.session)) | \(session.ending.rawValue) | \(told) | \(time) |"
        }
        return "| session | ended | gate | time |\n|---|---|---|---|\n"
            + lines(rows, of: change.sessions.count)
    }

    private var diffstat: String {
        let result = change.result
        let files = change.files.prefix(Self.mostRows).map {
            "| \(Neutral.code($0.path, most: 150)) | \($0.insertions.map { "+\($0)" } ?? "binary") | \($0.deletions.map { "-\($0)" } ?? "") |"
        }
        let total =
            "\(Quantity.count(result.commits, "commit")), \(Quantity.count(result.files, "file")), "
            + "+\(result.insertions) -\(result.deletions)\n"
        guard !files.isEmpty else { return total }
        return total + "\n| file | | |\n|---|---|---|\n" + lines(files, of: change.files.count)
    }

    private var conflicts: String {
        list(
            "Left out because of conflicts",
            (change.result.conflicts ?? []).map {
                "\(Neutral.code($0.session)): \($0.files.prefix(20).map { Neutral.code($0, most: 150) }.joined(separator: ", "))"
            })
    }

    private var denied: String {
        list(
            "Refused connections",
            change.deniedHosts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
                .map { "\(Neutral.code($0.key)) \($0.value) ×" })
    }

    private var uncommitted: String {
        list(
            "Work that the agent left uncommitted (smelt committed it)",
            change.sessions.filter { $0.committedForAgent == true }.map { Neutral.code($0.session) }
        )
    }

    private var warnings: String {
        list("Warnings", (change.result.warnings ?? []).map { Neutral.code($0) })
    }

    private var origin: String {
        "Run `\(change.run)`, commit `\(Visible.line(change.result.commit))`.\n"
    }

    private func list(_ title: String, _ items: [String]) -> String {
        guard !items.isEmpty else { return "" }
        return "**\(title)**\n\n"
            + lines(items.prefix(Self.mostRows).map { "- \($0)" }, of: items.count)
    }

    private func lines(_ rows: [String], of count: Int) -> String {
        rows.joined(separator: "\n") + "\n"
            + (count > rows.count ? "\n… and \(count - rows.count) more\n" : "")
    }
}
