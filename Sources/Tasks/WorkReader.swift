internal import Records

/// The member `kind` of a task: what is to run.
struct WorkReader {
    let form: TaskForm
    let findings: Findings

    private static let foreignKinds = ["wasm", "container", "embedded"]

    func work(_ fields: Fields) -> Subprocess? {
        guard let node = fields.required("kind") else { return nil }
        let path = fields.path("kind")
        // The only one that has no members of its own.
        if node.value == .string("embedded") {
            findings.foreignKind = "embedded"
            return nil
        }
        guard let kind = Fields(node, path, findings) else { return nil }
        let work = kind.optional("subprocess")
        let foreign = Self.foreignKinds.filter { kind.optional($0) != nil }
        kind.finish()
        guard (work == nil ? 0 : 1) + foreign.count == 1 else {
            findings.complain(
                node.offset, path, "must have exactly one of 'subprocess', 'container' and 'wasm'")
            return nil
        }
        guard let work else {
            findings.foreignKind = foreign.first
            return nil
        }
        return Fields(work, kind.path("subprocess"), findings).flatMap(subprocess)
    }

    private func subprocess(_ fields: Fields) -> Subprocess? {
        var mode: Subprocess.Mode?
        if form == .wire {
            // Whoever wrote the other form's member hears of that alone.
            if !fields.has("mode") { mode = self.mode(fields) }
        } else if let node = fields.required("mode"),
            let inner = Fields(node, fields.path("mode"), findings)
        {
            mode = self.mode(inner)
            inner.finish()
        }
        let environment = environment(fields)
        let cwd = fields.optional("cwd")
        let directory = fields.words(cwd, "cwd")
        let failNode =
            form == .wire
            ? fields.optional("failOnNonZero", "fail_on_non_zero")
            : fields.optional("failOnNonZero")
        // Left out, protobuf's default is false and Solti's own is true.
        let fails = fields.flag(failNode, "failOnNonZero") ?? (form == .domain)
        fields.finish(foreign: form == .domain ? ["command", "script"] : ["mode"], form)
        return mode.map {
            Subprocess(
                mode: $0, environment: environment, directory: directory, failsOnNonZero: fails)
        }
    }

    private func mode(_ fields: Fields) -> Subprocess.Mode? {
        let (command, script) = (fields.optional("command"), fields.optional("script"))
        switch (command, script) {
        case (let node?, nil):
            return Fields(node, fields.path("command"), findings).flatMap(self.command)
        case (nil, let node?):
            return Fields(node, fields.path("script"), findings).flatMap(self.script)
        case (nil, nil), (_?, _?):
            fields.complain("must have exactly one of 'command' and 'script'")
            return nil
        }
    }

    private func command(_ fields: Fields) -> Subprocess.Mode? {
        let command = fields.words(fields.required("command"), "command")
        let arguments = fields.texts(fields.optional("args"), "args")
        fields.finish()
        return command.map { .command($0, arguments: arguments) }
    }

    private func script(_ fields: Fields) -> Subprocess.Mode? {
        let interpreter = form == .domain ? runtime(fields) : wireRuntime(fields)
        let node = fields.required("body")
        let body = body(node, fields)
        let arguments = fields.texts(fields.optional("args"), "args")
        fields.finish(
            foreign: form == .domain ? ["wellKnown", "well_known", "custom"] : ["runtime"], form)
        guard let interpreter, let body else { return nil }
        return .script(interpreter, body: body, arguments: arguments)
    }

    private func runtime(_ fields: Fields) -> Subprocess.Interpreter? {
        guard let node = fields.required("runtime") else { return nil }
        guard case .object = node.value else {
            return fields.word(node, "runtime", Vocabularies.runtime, .domain)
        }
        guard let words = Fields(node, fields.path("runtime"), findings) else { return nil }
        let custom = words.required("custom")
        words.finish()
        return custom.flatMap { self.custom($0, words.path("custom")) }
    }

    private func wireRuntime(_ fields: Fields) -> Subprocess.Interpreter? {
        let known = fields.optional("wellKnown", "well_known")
        let custom = fields.optional("custom")
        switch (known, custom) {
        case (let node?, nil):
            return fields.word(node, "wellKnown", Vocabularies.runtime, .wire)
        case (nil, let node?): return self.custom(node, fields.path("custom"))
        case (nil, nil), (_?, _?):
            fields.complain("must have exactly one of 'wellKnown' and 'custom'")
            return nil
        }
    }

    /// The flag is from the time when scripts went into the arguments: it must be there, and nothing reads it.
    private func custom(_ node: JSONNode, _ path: String) -> Subprocess.Interpreter? {
        guard let words = Fields(node, path, findings) else { return nil }
        let command = words.words(words.required("command"), "command")
        _ = words.words(words.required("flag"), "flag")
        words.finish()
        return command.map { .custom($0) }
    }

    private func body(_ node: JSONNode?, _ fields: Fields) -> [UInt8]? {
        guard let node, let text = fields.text(node, "body") else { return nil }
        func complain(_ sentence: String) -> [UInt8]? {
            findings.complain(node.offset, fields.path("body"), sentence)
            return nil
        }
        guard let bytes = Base64.decode(text) else { return complain("must be padded base64") }
        guard !bytes.isEmpty else { return complain("must not be empty") }
        guard bytes.count <= Subprocess.mostScriptBytes else {
            return complain("must be at most \(Subprocess.mostScriptBytes) bytes, decoded")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            return complain("must be UTF-8, decoded")
        }
        return bytes
    }

    private func environment(_ fields: Fields) -> [String: String] {
        var variables: [String: String] = [:]
        for (index, node) in fields.list(fields.optional("env"), "env").enumerated() {
            guard let entry = Fields(node, fields.path("env[\(index)]"), findings) else { continue }
            // In the wire form an empty text may be left out, like every default.
            let keyNode = entry.required("key")
            let valueNode = form == .wire ? entry.optional("value") : entry.required("value")
            let value = entry.text(valueNode, "value") ?? ""
            entry.finish()
            guard let keyNode, let key = entry.text(keyNode, "key") else { continue }
            guard !key.isEmpty, !key.contains("=") else {
                findings.complain(
                    keyNode.offset, entry.path("key"), "must be a name without '='")
                continue
            }
            variables[key] = value
        }
        return variables
    }
}

extension Fields {
    /// About the object as a whole.
    func complain(_ sentence: String) { findings.complain(offset, path, sentence) }
}
