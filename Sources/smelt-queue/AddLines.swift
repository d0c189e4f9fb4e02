import Daemon
import Records
import Smelt
import Store
import Toml

/// `add -`: a job a line, in JSON. A line is a task, or says with `argv`, `task`, `manifest` (a file) or `toml` (the text) what
/// to do, and with the names of the options how; what it does not say, the options say.
enum AddLines {
    static func read(_ words: Words) throws -> [NewJob] {
        let reader = LineReader(0)
        let directory = Files.workingDirectory
        var model = NewJob(.command, name: "", body: [])
        AddOptions.apply(words, to: &model)
        var jobs: [NewJob] = []
        while !reader.isAtEnd {
            while let piece = reader.next() {
                guard case .line(let bytes) = piece else {
                    throw AddFault.line(reader.number, "is longer than \(longestLine) bytes")
                }
                if bytes.allSatisfy({ [0x20, 0x09, 0x0A, 0x0D].contains($0) }) { continue }
                do {
                    var new = try job(Array(bytes), like: model, in: directory, words)
                    new.source = "line \(reader.number) of standard input"
                    jobs.append(new)
                } catch let fault as any Fault { throw AddFault.line(reader.number, "\(fault)") }
            }
            try reader.fill()
        }
        return jobs
    }

    private static func job(
        _ bytes: [UInt8], like model: NewJob, in directory: String, _ words: Words
    ) throws -> NewJob {
        let root: JSONNode
        do throws(JSONProblem) { root = try JSONParser.parse(bytes) } catch {
            throw AddFault.wrong("\(error.sentence), at byte \(error.offset + 1)")
        }
        guard case .object(let members) = root.value else {
            throw AddFault.wrong("it is no JSON object")
        }
        try refuseDoubled(members)
        let kinds = ["argv", "task", "manifest", "toml"].filter { members.named($0) != nil }
        guard kinds.count <= 1 else {
            throw AddFault.wrong("it has both '\(kinds[0])' and '\(kinds[1])'")
        }
        var job: NewJob
        if let argv = members.named("argv") {
            let argv = try argv.texts("argv")
            guard let first = argv.first, !first.isEmpty else {
                throw AddFault.wrong("'argv' is empty")
            }
            guard !argv.contains(where: { $0.utf8.contains(0) }) else {
                throw AddFault.wrong("'argv' has a zero byte in it, which no program can be given")
            }
            job = model
            job.name = model.name.isEmpty ? first : model.name
            job.body = Add.body(argv)
            job.origin = directory
        } else if let text = members.named("toml") {
            job = try NewJob(
                manifest: SourceFile(
                    name: "toml", path: "\(directory)/job.toml", directory: directory,
                    text: Array(try text.text("toml").utf8)))
            AddOptions.apply(words, to: &job)
        } else if let file = members.named("manifest") {
            job = try AddFile.read(try file.text("manifest"), words)
        } else if members.contains(where: { $0.name == "slot" || $0.name == "spec" }),
            members.named("task") == nil
        {
            job = try AddFile.task(bytes, file: "task", directory: directory)
            AddOptions.apply(words, to: &job)
            return job
        } else if let task = members.named("task") {
            job = try AddFile.task(
                bytes.value(at: task.offset), file: "task", directory: directory)
            AddOptions.apply(words, to: &job)
        } else {
            throw AddFault.wrong("say what to do with 'argv', 'task', 'manifest' or 'toml'")
        }
        for member in members { try apply(member, to: &job) }
        guard job.slot != nil || members.named("admission") == nil else {
            throw AddFault.wrong("'admission' is about a slot: name it with 'slot'")
        }
        return job
    }

    /// One program would take the first of them, another the last.
    private static func refuseDoubled(_ members: [JSONNode.Member]) throws(AddFault) {
        if members.count < 2 { return }
        var names: Set<String> = []
        for member in members where !names.insert(member.name).inserted {
            throw .wrong("'\(Visible.line(member.name))' is there twice")
        }
    }

    private static func apply(_ member: JSONNode.Member, to job: inout NewJob) throws {
        let (name, value) = (member.name, member.value)
        switch name {
        case "argv", "task", "manifest", "toml": return
        case "name": job.name = try value.text(name)
        case "labels":
            guard case .object(let labels) = value.value else {
                throw value.isNo("an object", name)
            }
            try refuseDoubled(labels)
            for label in labels {
                job.set(NewJob.Label(label.name, try label.value.text("labels")))
            }
        case "group": job.group = try value.text(name)
        case "priority": job.priority = try value.whole(name)
        case "after":
            for text in try value.texts(name) {
                job.after.append(try option(AddOptions.after.kind, text, name))
            }
        case "at": job.due = try option(AddOptions.at.kind, value.text(name), name).milliseconds
        case "every": job.every = try value.text(name)
        case "hold": job.hold = try value.flag(name)
        case "unique": job.unique = try value.text(name)
        case "slot": job.slot = try value.text(name)
        case "admission":
            let word = try option(AddOptions.admission.kind, value.text(name), name)
            job.admission = SlotAdmission(word: word) ?? .queue
        case "lock": job.lock = try value.text(name)
        case "retries": job.retries = try value.whole(name)
        case "backoffSeconds": job.backoff = AddOptions.milliseconds(try value.number(name))
        case "budgetSeconds": job.budget = AddOptions.milliseconds(try value.number(name))
        case "timeoutSeconds": job.timeout = AddOptions.milliseconds(try value.number(name))
        case "directory":
            job.origin = Files.resolve(try value.text(name), against: job.origin ?? "/")
        default:
            let near = Spelling.nearest(to: name, among: names)
            throw AddFault.wrong(
                "'\(Visible.line(name))' is unknown"
                    + (near.map { "; did you mean '\($0)'?" } ?? ""))
        }
    }

    private static let names = [
        "argv", "task", "manifest", "toml", "name", "labels", "group", "priority", "after", "at",
        "every", "hold", "unique", "slot", "admission", "lock", "retries", "backoffSeconds",
        "budgetSeconds", "timeoutSeconds", "directory",
    ]

    private static func option<Value>(
        _ kind: Kind<Value>, _ text: String, _ name: String
    ) throws(AddFault) -> Value {
        guard let value = kind.parse(text) else {
            throw .wrong("'\(name)' needs \(kind.wants), not '\(Visible.line(text))'")
        }
        return value
    }
}
