internal import Records

/// The two ways to write a task in JSON. They differ in the names of members, in the words of enumerations, and in
/// what `failOnNonZero` is when it is left out.
enum TaskForm: CustomStringConvertible {
    /// What Solti's own structs serialize to.
    case domain
    /// The canonical JSON of its protobuf messages, which its HTTP interface speaks.
    case wire

    var description: String { self == .domain ? "domain" : "wire" }
    var other: TaskForm { self == .domain ? .wire : .domain }
}

/// An enumeration's words in both forms.
struct Vocabulary<Value: Sendable>: Sendable {
    /// In protobuf's order, from number 1; 0 is "unspecified" and never valid.
    let values: [(domain: [String], wire: String, value: Value)]
    /// The wire form's, of all versions; the name behind is the same in each.
    let prefixes: [String]

    func value(_ node: JSONNode, _ form: TaskForm) -> Value? {
        switch (form, node.value) {
        case (.domain, .string(let text)):
            let word = text.lowercased()
            return values.first { $0.domain.contains { $0.lowercased() == word } }?.value
        case (.wire, .string(let text)):
            return values.first { row in prefixes.contains { $0 + row.wire == text } }?.value
        case (.wire, .number(let digits)):
            guard let number = Int(digits), values.indices.contains(number - 1) else { return nil }
            return values[number - 1].value
        default: return nil
        }
    }

    func words(_ form: TaskForm) -> String {
        let names = values.map { form == .domain ? $0.domain[0] : (prefixes.first ?? "") + $0.wire }
        return names.joined(separator: ", ")
    }
}

extension Fields {
    func word<Value>(
        _ node: JSONNode?, _ name: String, _ vocabulary: Vocabulary<Value>, _ form: TaskForm
    ) -> Value? {
        guard let node else { return nil }
        guard let value = vocabulary.value(node, form) else {
            findings.complain(
                node.offset, path(name), "must be one of \(vocabulary.words(form))")
            return nil
        }
        return value
    }
}

enum Vocabularies {
    enum RestartWord { case never, onFailure, always }

    static let restart = Vocabulary<RestartWord>(
        values: [
            (["never"], "NEVER", .never),
            (["onFailure", "on-failure", "failure"], "ON_FAILURE", .onFailure),
            (["always"], "ALWAYS", .always),
        ],
        prefixes: ["RESTART_STRATEGY_", "RESTART_POLICY_"])

    static let jitter = Vocabulary<BackOff.Jitter>(
        values: [
            (["none"], "NONE", .none), (["full", "default"], "FULL", .full),
            (["equal"], "EQUAL", .equal),
            (["decorrelated"], "DECORRELATED", .decorrelated),
        ],
        prefixes: ["JITTER_STRATEGY_", "JITTER_POLICY_"])

    static let admission = Vocabulary<TaskSpec.Admission>(
        values: [
            (["dropIfRunning", "drop-if-running", "drop"], "DROP_IF_RUNNING", .dropIfRunning),
            (["replace"], "REPLACE", .replace),
            (["queue", "add", "new"], "QUEUE", .queue),
        ],
        prefixes: ["ADMISSION_STRATEGY_", "ADMISSION_POLICY_"])

    static let runtime = Vocabulary<Subprocess.Interpreter>(
        values: [
            (["bash"], "BASH", .bash), (["python"], "PYTHON", .python), (["node"], "NODE", .node),
        ],
        prefixes: ["SCRIPT_RUNTIME_"])
}
