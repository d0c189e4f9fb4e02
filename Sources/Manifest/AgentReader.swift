internal import Records
internal import Toml

/// Who works: a preset's name, or a table with a preset or a command.
struct AgentReader {
    let model: String?
    let findings: Findings

    func read(_ table: Table, _ key: String) -> Agent? {
        if let name = table.text(key) { return Presets.agent(name.value, model: model) }
        guard let section = table.table(key, JobKeys.agent) else { return nil }
        let command = section.texts("command")
        if let name = section.text("preset") {
            if section.has("command") || section.has("prompt") {
                findings.complain(
                    name.place, "\(name.path) already says command and prompt: keep one of them")
            }
            return Presets.agent(name.value, model: model)
        }
        guard section.mentions("command") || section.mentions("preset") else {
            findings.complain(
                section.place, "\(section.path) names nobody: give it a preset or a command")
            return nil
        }
        guard section.has("command") else { return nil }
        guard !command.isEmpty else {
            if let empty = section.any("command") {
                findings.complain(
                    empty.place, "\(empty.path) is empty: name a program and its arguments")
            }
            return nil
        }
        return Agent(
            command: command.map(fill),
            prompt: section.choice("prompt", Agent.Prompt.self) ?? .stdin)
    }

    /// `{model}` is known now; `{prompt}` and `{spec_file}` are filled in when the session starts.
    private func fill(_ word: Found<String>) -> String {
        let pieces = word.value.split("{model}")
        guard pieces.count > 1 else { return word.value }
        guard let model else {
            findings.complain(
                word.place, "\(word.path) wants a model: name it in [credentials] model")
            return word.value
        }
        return pieces.joined(separator: model)
    }
}

extension String {
    /// The pieces between occurrences of `separator`.
    fileprivate func split(_ separator: String) -> [String] {
        var pieces = [""]
        var at = startIndex
        while at < endIndex {
            if self[at...].hasPrefix(separator) {
                pieces.append("")
                at = index(at, offsetBy: separator.count)
            } else {
                pieces[pieces.count - 1].append(self[at])
                at = index(after: at)
            }
        }
        return pieces
    }
}
