import Glibc
import Records
import Smelt
import Store

/// `edit`: what was said of a job when it was added, before it begins.
enum Edit {
    static let after = Option(
        "after", "a", Kind<NewJob.After>.need.orNone,
        "what it needs now, in the place of all that it needed")
    static let at = Option("at", nil, Kind<Timestamp>.time.orNone, "not before that time")
    static let every = Option("every", nil, .text("CRON"), "another line, of a schedule")
    static let budget = Option(
        "budget", nil, Kind<Double>.duration.orNone, "for all attempts together")
    static let timeout = Option("timeout", "t", Kind<Double>.duration.orNone, "for each attempt")
    static let noLabel = Option(
        "no-label", nil, .text("KEY"), "take that label away; may be repeated")

    static let verb = Verb(
        "edit",
        options: [
            AddOptions.name, AddOptions.label, noLabel, AddOptions.group, AddOptions.priority,
            after, at, every, AddOptions.retries, AddOptions.backoff, budget, timeout,
        ], operands: "ID...|ID -- COMMAND [ARGUMENT]...",
        summary: "changes what was said of jobs that have not begun; alone, in an editor"
    ) { words in
        let argv = Array(words.operands.suffix(words.behindDashes))
        let ids = try words.ids(leaving: argv.count)
        if !argv.isEmpty || words.hasNoOptions {
            guard ids.count == 1 else {
                throw Usage("a command or an editor changes one job at a time")
            }
        }
        if argv.isEmpty, words.hasNoOptions { return try inEditor(ids[0]) }
        let edit = try read(words)
        return try Steer.each(ids) { (store, id, now) throws(StoreFault) in
            var edit = edit
            if !argv.isEmpty {
                let former = try store.request(id)
                edit.work = work(NewJob(.command, name: argv[0], body: Add.body(argv)), former)
            }
            try store.edit(id, edit, by: .caller, now)
        }
    }

    private static func work(_ new: NewJob, _ former: NewJob) -> JobEdit.Work {
        let usual = try? EditedText.job(former.body, like: former, name: "job")
        return JobEdit.Work(new, insteadOf: former, usual: usual)
    }

    private static func read(_ words: Words) throws -> JobEdit {
        var edit = JobEdit()
        edit.name = words[AddOptions.name]
        edit.labels = words.all(AddOptions.label)
        edit.droppedLabels = words.all(noLabel)
        edit.group = words[AddOptions.group]
        edit.priority = words[AddOptions.priority].map { Int64($0) }
        edit.due = words[at]?.map(\.milliseconds)
        edit.every = words[every]
        edit.retries = words[AddOptions.retries].map { Int64($0) }
        edit.backoff = words[AddOptions.backoff].map(AddOptions.milliseconds)
        edit.budget = words[budget]?.map(AddOptions.milliseconds)
        edit.timeout = words[timeout]?.map(AddOptions.milliseconds)
        let needs = words.all(after)
        guard needs.count < 2 || !needs.contains(where: { $0.value == nil }) else {
            throw Usage("--after none stands alone")
        }
        if !needs.isEmpty { edit.after = .to(needs.compactMap(\.value)) }
        return edit
    }

    /// The job's own text in the editor of whoever sits there, as crontab(1) does it.
    private static func inEditor(_ id: RunID) throws -> Exit {
        guard isatty(0) == 1, isatty(1) == 1 else {
            throw Usage("say what to change: an editor needs a terminal")
        }
        let store = try SmeltQueue.open()
        let former = try store.request(id)
        // Refused before anybody has typed anything.
        try store.check(mayEdit: id)
        let text = try EditedText(of: former, id)
        guard let new = try text.edited() else {
            say("smelt-queue: nothing was changed\n")
            return .done
        }
        var edit = JobEdit()
        edit.work = work(new, former)
        // Only what the text says otherwise than before: the others may be of options.
        let usual = text.usual?.labels ?? []
        edit.labels = new.labels.filter { !usual.contains($0) }
        edit.droppedLabels = usual.filter { label in
            former.labels.contains(label) && !new.labels.contains { $0.key == label.key }
        }.map(\.key)
        do throws(StoreFault) { try store.edit(id, edit, by: .caller, .now()) } catch {
            text.keep()
            throw error
        }
        text.remove()
        return .done
    }
}

extension Kind {
    /// Such a value, or `none`.
    var orNone: Kind<Changed<Value>> {
        let parse = parse
        return Kind<Changed<Value>>("\(placeholder)|none", wants: "\(wants), or none") { text in
            text == "none" ? Changed<Value>.none : parse(text).map { .to($0) }
        }
    }
}
