import Records
import Smelt
import Store

/// What `add` is told of every job. A line of `add -` may say it for itself.
enum AddOptions {
    static let json = Option("json", nil, .flag, "a record for each instead of ids")
    static let name = Option("name", nil, .text("NAME"), "for lists")
    static let label = Option("label", "l", .label, "to find it by; may be repeated")
    static let group = Option(
        "group", "g", .text("NAME"), "with whom it takes turns (default: default)")
    static let priority = Option(
        "priority", "p", .number(-1000...1000), "each point is worth a minute of waiting")
    static let after = Option(
        "after", "a", .need, "ID[:ok|:failed|:any], only when that has ended so; may be repeated")
    static let at = Option("at", nil, .time, "not before that time")
    static let every = Option("every", nil, .text("CRON"), "again each time that a cron line names")
    static let hold = Option("hold", nil, .flag, "not until it is released")
    static let unique = Option(
        "unique", nil, .text("KEY"), "not while another with that key is not over")
    static let slot = Option("slot", nil, .text("NAME"), "one at a time of those with that name")
    static let admission = Option(
        // Its `words` look up conformances, which takes a fifth of the time of all options.
        "admission", nil, .choice(SlotAdmission.allCases.map { $0.word }),
        "when the slot is taken (default queue)")
    static let lock = Option(
        "lock", nil, .text("NAME"), "never beside another with that name; manifests have one")
    static let retries = Option(
        "retries", "r", .number(Int(NewJob.retries.lowerBound)...Int(NewJob.retries.upperBound)),
        "of a job that fails by itself")
    static let backoff = Option(
        "backoff", nil, .duration, "before the first retry at most, then doubled (default 5s)")
    static let budget = Option("budget", nil, .duration, "for all attempts together")
    static let timeout = Option("timeout", "t", .duration, "for each attempt")
    static let wait = Option("wait", nil, .flag, "until all are over, and end as they did")

    static let all: [any Declared] = [
        name, label, group, priority, after, at, every, hold, unique, slot, admission, lock,
        retries, backoff, budget, timeout, wait, json,
    ]

    /// The job with all that the words say of it.
    static func apply(_ words: Words, to job: inout NewJob) {
        if words.hasNoOptions { return }
        if let name = words[name] { job.name = name }
        for label in words.all(label) { job.set(label) }
        if let group = words[group] { job.group = group }
        if let priority = words[priority] { job.priority = Int64(priority) }
        job.after += words.all(after)
        if let time = words[at] { job.due = time.milliseconds }
        if let every = words[every] { job.every = every }
        if words[hold] { job.hold = true }
        if let key = words[unique] { job.unique = key }
        if let slot = words[slot] { job.slot = slot }
        if let word = words[admission] { job.admission = SlotAdmission(word: word) ?? .queue }
        if let lock = words[lock] { job.lock = lock }
        if let retries = words[retries] { job.retries = Int64(retries) }
        if let seconds = words[backoff] { job.backoff = milliseconds(seconds) }
        if let seconds = words[budget] { job.budget = milliseconds(seconds) }
        if let seconds = words[timeout] { job.timeout = milliseconds(seconds) }
    }

    static func milliseconds(_ seconds: Double) -> Int64 { Int64(min(seconds, 1e12) * 1000) }
}

extension Kind where Value == NewJob.Label {
    static var label: Kind {
        Kind("KEY=VALUE", wants: "a label such as team=web") { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else { return nil }
            return NewJob.Label(String(parts[0]), String(parts[1]))
        }
    }
}

extension Kind where Value == NewJob.After {
    static var need: Kind {
        Kind("ID", wants: "a job's id, and perhaps :ok, :failed or :any") { text in
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2, let id = parts.first.flatMap({ RunID(String($0)) }) else {
                return nil
            }
            guard parts.count == 2 else { return NewJob.After(id, .ok) }
            return Need(word: parts[1]).map { NewJob.After(id, $0) }
        }
    }
}

extension Kind where Value == Timestamp {
    /// A moment, or how long from now.
    static var time: Kind {
        Kind("TIME", wants: "a time such as 2026-01-31T12:00:00Z, or +90m from now") { text in
            if text.hasPrefix("+"), let seconds = Quantity.seconds(String(text.dropFirst())) {
                let now = Timestamp.now.milliseconds
                return Timestamp(milliseconds: now + AddOptions.milliseconds(seconds))
            }
            return Timestamp(text)
        }
    }
}
