import Glibc
import Records
import Smelt
import Store

/// `list` and `show`: how jobs stand, for people or as records.
enum Lists {
    static let json = Option("json", nil, .flag, "records, also on a terminal")
    static let human = Option("human", nil, .flag, "a table, also in a pipe")
    static let state = Option(
        "state", "s", .choice(JobState.words), "only of this state; may be repeated")
    static let group = Option("group", "g", .text("NAME"), "only of this group")
    static let label = Option("label", "l", .label, "only with this label")
    static let since = Option("since", nil, .time, "only added then or later")
    static let until = Option("until", nil, .time, "only added before")
    static let most = Option("limit", "n", .number(1...1_000_000), "at most so many (default 100)")
    static let before = Option(
        "before", nil, .job, "only those added before this job: the next page")

    static let list = Verb(
        "list", options: [state, group, label, since, until, most, before, json, human],
        summary: "tells which jobs there are, the newest first"
    ) { words in
        guard words.operands.isEmpty else { throw Usage("list takes no operands") }
        var filter = JobFilter()
        filter.states = words.all(state).compactMap { JobState(word: $0) }
        filter.group = words[group]
        filter.label = words[label]
        filter.since = words[since]?.milliseconds
        filter.until = words[until]?.milliseconds
        let store = try SmeltQueue.open(needsAll: false)
        let before = try words[before].map { try store.show($0).number }
        defer { SmeltQueue.tellLeftOut(store) }
        let jobs = try store.list(filter, before: before, most: Int64(words[most] ?? 100))
        if isForPeople(words) {
            try put(table(jobs))
        } else {
            let writer = LineWriter(1)
            for job in jobs { try writer.write(JobDescribed(job), run: job.id) }
        }
        return .done
    }

    static let show = Verb(
        "show", options: [json, human], operands: "ID...", summary: "tells all about jobs"
    ) { words in
        let ids = try words.ids()
        let store = try SmeltQueue.open(needsAll: false)
        for (index, id) in ids.enumerated() {
            let job = try store.show(id)
            if isForPeople(words) {
                try put((index > 0 ? "\n" : "") + page(job, try store.attempts(of: id)))
            } else {
                try LineWriter(1).write(JobDescribed(job), run: id)
            }
        }
        return .done
    }

    static func isForPeople(_ words: Words) -> Bool {
        words[human] || !words[json] && isatty(1) == 1
    }

    private static func table(_ jobs: [JobView]) -> String {
        let now = Instant.now().wall
        let rows = jobs.map { job in
            [
                job.id.description, job.state.word + (job.isPaused(at: now) ? ", paused" : ""),
                Visible.line(job.group), "\(job.attempt)",
                Visible.line(job.name),
            ]
        }
        let head = ["ID", "STATE", "GROUP", "ATTEMPT", "NAME"]
        return columns([head] + rows)
    }

    /// The last column is as long as it likes.
    static func columns(_ rows: [[String]]) -> String {
        guard let count = rows.first?.count else { return "" }
        let widths = (0..<count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { index, cell in
                index == count - 1
                    ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
            }
            return cells.joined(separator: "  ") + "\n"
        }.joined()
    }

    private static func page(_ job: JobView, _ attempts: [Attempt]) -> String {
        func time(_ milliseconds: Int64) -> String {
            Timestamp(milliseconds: milliseconds).description
        }
        let isAsked = job.cancelRequested && !job.state.isOver
        var rows = [
            ["Job", job.id.description], ["Name", job.name], ["Kind", job.kind.word],
            ["State", job.state.word + (isAsked ? ", asked to stop" : "")],
            ["Group", job.group], ["Priority", "\(job.priority)"], ["Added", time(job.added)],
        ]
        func add(_ name: String, _ value: String?) {
            if let value { rows.append([name, value]) }
        }
        add("Reason", job.reason)
        if job.isPaused(at: Instant.now().wall) {
            let why = job.groupReason.map { ": \($0)" } ?? ""
            rows.append(["Waits", "for its group, which is paused\(why)"])
        }
        add("Due", job.due > 0 && !job.state.isOver ? time(job.due) : nil)
        add("Every", job.every)
        add("Slot", job.slot)
        add("Lock", job.lock)
        add("Unique", job.unique)
        for label in job.labels { rows.append(["Label", "\(label.key)=\(label.value)"]) }
        add("Owner", job.owner)
        for attempt in attempts {
            let end = attempt.finished.map { "ended \(time($0))" } ?? "not over"
            let status = attempt.status.map { ", status \($0)" } ?? ""
            let why = attempt.reason.map { ", \($0)" } ?? ""
            rows.append([
                "Attempt \(attempt.attempt)",
                "run \(attempt.run), began \(time(attempt.started)), \(end)\(status)\(why)",
            ])
        }
        return columns(rows.map { ["\($0[0]):", Visible.line($0[1])] })
    }
}

extension JobDescribed {
    init(_ job: JobView) {
        func time(_ milliseconds: Int64?) -> Timestamp? {
            milliseconds.map { Timestamp(milliseconds: $0) }
        }
        self.init(
            id: job.id.description, name: job.name, kind: job.kind.word, state: job.state.word,
            group: job.group, priority: Int(job.priority), attempt: Int(job.attempt),
            added: Timestamp(milliseconds: job.added), seq: Int(job.seq))
        cancelRequested = job.cancelRequested ? true : nil
        due = job.due > 0 ? time(job.due) : nil
        every = job.every
        finished = time(job.finished)
        if job.isPaused(at: Instant.now().wall) {
            groupPaused = true
            groupReason = job.groupReason
        }
        labels = job.labels.isEmpty ? nil : Dictionary(job.labels.map { ($0.key, $0.value) }) { $1 }
        lock = job.lock
        owner = job.owner
        reason = job.reason
        runId = job.run?.description
        slot = job.slot
        started = time(job.started)
        status = job.status.map { Int($0) }
        unique = job.unique
        worker = job.worker.flatMap { $0.isEmpty ? nil : $0 }
    }
}
