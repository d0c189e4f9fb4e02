internal import Records

/// From a file to a task, in either form, with or without `{"spec": …}` around it. Everything that is wrong is found
/// at once; nothing unknown is passed over.
package struct TaskReader {
    /// Larger than any script may make it: Solti's bound on a request.
    package static let mostBytes = 4 << 20

    private let findings: Findings

    /// `file` is for the problems' places. `runner` is the name that a `runnerSelector` may ask for.
    package static func read(
        _ bytes: [UInt8], file: String, runner: String
    ) throws(TaskFault) -> TaskSpec {
        let findings = Findings(file: file, bytes)
        let root: JSONNode
        do throws(JSONProblem) { root = try JSONParser.parse(bytes) } catch {
            findings.complain(error.offset, "", error.sentence)
            try findings.check()
            throw .invalid(file: file, problems: [error.sentence])
        }
        let task = TaskReader(findings: findings).task(root)
        try findings.check()
        guard let task else { throw .invalid(file: file, problems: ["\(file):1:1: no task"]) }
        guard task.selector?.matches(["runner-name": runner]) ?? true else {
            throw .notSelected(runner: runner)
        }
        return task
    }

    private func task(_ root: JSONNode) -> TaskSpec? {
        guard let fields = Fields(root, "", findings) else { return nil }
        guard fields.has("spec") else { return spec(fields) }
        let inner = fields.required("spec")
        fields.finish()
        return inner.flatMap { Fields($0, "spec", findings) }.flatMap(spec)
    }

    private func spec(_ fields: Fields) -> TaskSpec? {
        let form = form(of: fields)
        let slot = slot(fields)
        let work = WorkReader(form: form, findings: findings).work(fields)
        let timeout =
            form == .domain
            ? fields.required("timeout") : fields.required("timeoutMs", "timeout_ms")
        let name = form == .domain ? "timeout" : "timeoutMs"
        let milliseconds = fields.integer(timeout, name, least: 1)
        let restart = form == .domain ? restartObject(fields) : restartWord(fields)
        let backOff = backOff(fields, form)
        let admission = fields.word(
            fields.required("admission"), "admission", Vocabularies.admission, form)
        let labels = fields.map(fields.optional("labels"), "labels")
        let selector = form == .domain ? selector(fields) : nil
        let retries = fields.integer(
            fields.optional("maxRetries", "max_retries"), "maxRetries", least: 1)
        fields.finish(
            foreign: form == .domain
                ? ["timeoutMs", "timeout_ms", "restartIntervalMs", "restart_interval_ms"]
                : ["timeout", "runnerSelector"], form)
        guard let slot, let work, let milliseconds, let restart, let backOff, let admission else {
            return nil
        }
        return TaskSpec(
            slot: slot, work: work, timeoutSeconds: Double(milliseconds) / 1000, restart: restart,
            backOff: backOff, admission: admission, labels: labels, selector: selector,
            maxRetries: retries)
    }

    /// The member that both must have decides; without it, what looks like one of them.
    private func form(of fields: Fields) -> TaskForm {
        if fields.has("timeoutMs") || fields.has("timeout_ms") {
            return fields.has("timeout") ? .domain : .wire
        }
        if case .object? = fields.optional("restart")?.value { return .domain }
        return fields.has("timeout") || !fields.has("restart") ? .domain : .wire
    }

    private func slot(_ fields: Fields) -> String? {
        guard let node = fields.required("slot"), let slot = fields.text(node, "slot") else {
            return nil
        }
        let isPlain = slot.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isPlain, (1...64).contains(slot.utf8.count), slot != ".", slot != ".." else {
            findings.complain(
                node.offset, fields.path("slot"),
                "must be 1 to 64 letters, digits, '.', '_' and '-', and not '.' or '..'")
            return nil
        }
        return slot
    }

    private func restartObject(_ fields: Fields) -> TaskSpec.Restart? {
        guard let node = fields.required("restart"),
            let restart = Fields(node, fields.path("restart"), findings)
        else { return nil }
        let word = restart.word(
            restart.required("type"), "type", Vocabularies.restart, .domain)
        // Nothing is said about the interval of a word that there is not.
        let interval =
            word == .always || word == nil
            ? restart.integer(restart.optional("intervalMs"), "intervalMs") : nil
        restart.finish()
        return word.map { Self.restart($0, milliseconds: interval) }
    }

    private static func restart(
        _ word: Vocabularies.RestartWord, milliseconds: UInt64?
    ) -> TaskSpec.Restart {
        switch word {
        case .never: .never
        case .onFailure: .onFailure
        case .always: .always(everySeconds: Double(milliseconds ?? 0) / 1000)
        }
    }

    private func restartWord(_ fields: Fields) -> TaskSpec.Restart? {
        let word = fields.word(
            fields.required("restart"), "restart", Vocabularies.restart, .wire)
        // Beside another word it means nothing, and senders leave it there.
        let interval = fields.integer(
            fields.optional("restartIntervalMs", "restart_interval_ms"), "restartIntervalMs")
        return word.map { Self.restart($0, milliseconds: interval) }
    }

    private func backOff(_ fields: Fields, _ form: TaskForm) -> BackOff? {
        guard let node = fields.required("backoff"),
            let words = Fields(node, fields.path("backoff"), findings)
        else { return nil }
        let isWire = form == .wire
        let jitter = words.word(words.required("jitter"), "jitter", Vocabularies.jitter, form)
        let firstNode = isWire ? words.required("firstMs", "first_ms") : words.required("firstMs")
        let first = words.integer(firstNode, "firstMs", least: 1)
        let mostNode = isWire ? words.required("maxMs", "max_ms") : words.required("maxMs")
        let most = words.integer(mostNode, "maxMs", least: 1)
        if let first, let most, most < first, let mostNode {
            findings.complain(mostNode.offset, words.path("maxMs"), "must not be below 'firstMs'")
        }
        let factorNode = words.required("factor")
        let factor = words.number(factorNode, "factor")
        if let factor, let factorNode, !(factor.isFinite && factor >= 1) {
            findings.complain(factorNode.offset, words.path("factor"), "must be at least 1")
        }
        words.finish()
        guard let jitter, let first, let most, let factor else { return nil }
        return BackOff(
            jitter: jitter, firstSeconds: Double(first) / 1000, mostSeconds: Double(most) / 1000,
            factor: factor)
    }

    private func selector(_ fields: Fields) -> RunnerSelector? {
        guard let node = fields.optional("runnerSelector"),
            let words = Fields(node, fields.path("runnerSelector"), findings)
        else { return nil }
        let labels = words.map(words.optional("matchLabels"), "matchLabels")
        let name = "matchExpressions"
        let requirements = words.list(words.optional(name), name).enumerated().compactMap {
            requirement($1, words.path("\(name)[\($0)]"))
        }
        words.finish()
        return RunnerSelector(labels: labels, requirements: requirements)
    }

    private func requirement(_ node: JSONNode, _ path: String) -> RunnerSelector.Requirement? {
        guard let words = Fields(node, path, findings) else { return nil }
        let key = words.words(words.required("key"), "key")
        let text = words.text(words.required("operator"), "operator")
        let word = text.flatMap(RunnerSelector.Operator.init)
        if text != nil, word == nil {
            let names = RunnerSelector.Operator.allCases.map(\.rawValue).joined(separator: ", ")
            findings.complain(
                node.offset, words.path("operator"), "must be one of \(names)")
        }
        let values = words.texts(words.optional("values"), "values")
        words.finish()
        guard let key, let word else { return nil }
        if word.takesValues == values.isEmpty {
            findings.complain(
                node.offset, words.path("values"),
                word.takesValues
                    ? "must not be empty for '\(word.rawValue)'"
                    : "must be empty for '\(word.rawValue)'")
        }
        return RunnerSelector.Requirement(key: key, word: word, values: values)
    }
}
