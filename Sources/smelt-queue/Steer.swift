import Smelt
import Store

/// What people do with jobs that are there: `cancel`, `hold`, `release`, `retry`, `priority`.
enum Steer {
    static let why = Option("why", nil, .text, "kept with it")
    static let failed = Option(
        "failed", nil, .flag, "every job that failed, with --group of one group")
    static let resume = Option("resume", nil, .flag, "from where it failed")

    static let cancel = Verb(
        "cancel", options: [why], operands: "ID...",
        summary: "ends jobs that wait, and asks those that run to stop"
    ) { words in
        try each(words) { (store, id, now) throws(StoreFault) in
            try store.cancel(id, by: .caller, why: words[why], now)
        }
    }

    static let hold = Verb(
        "hold", operands: "ID...", summary: "keeps jobs from beginning"
    ) { words in
        try each(words) { (store, id, now) throws(StoreFault) in
            try store.hold(id, by: .caller, now)
        }
    }

    static let release = Verb(
        "release", operands: "ID...", summary: "lets jobs that are held go on"
    ) { words in
        try each(words) { (store, id, now) throws(StoreFault) in
            try store.release(id, by: .caller, now)
        }
    }

    static let retry = Verb(
        "retry", options: [failed, Lists.group, resume], operands: "[ID]...",
        summary: "begins jobs again that are over, or that wait to be tried again"
    ) { words in
        guard words[failed] else {
            guard words[Lists.group] == nil else { throw Usage("--group goes with --failed") }
            return try each(words) { (store, id, now) throws(StoreFault) in
                if words[resume] { try Resume.check(id, in: store) }
                try store.retry(id, resume: words[resume], by: .caller, now)
            }
        }
        guard words.operands.isEmpty else { throw Usage("name jobs, or say --failed") }
        return try retryFailed(words[Lists.group], resume: words[resume])
    }

    /// Whoever does not hear which they were, or only of some, has begun all of them again.
    private static func retryFailed(_ group: String?, resume: Bool) throws -> Exit {
        let store = try SmeltQueue.open()
        var filter = JobFilter()
        filter.states = [.failed, .gatesFailed]
        filter.group = group
        var begun: [RunID] = []
        var exit = Exit.done
        var last: (any Error)?
        // Oldest first, as they were.
        for job in try store.list(filter, most: 1_000_000).reversed() {
            do {
                if resume { try Resume.check(job.id, in: store) }
                try store.retry(job.id, resume: resume, by: .caller, .now())
                begun.append(job.id)
            } catch {
                guard case StoreFault.notNow = error else {
                    last = error
                    break
                }
                exit = .refused
                say("smelt-queue: \(error)\n")
            }
        }
        try Unprinted.put(
            begun.flatMap { Array("\($0)\n".utf8) },
            done: Unprinted.named(
                begun, "begins again all the same", "begin again all the same"))
        if let last { throw last }
        return exit
    }

    static let priority = Verb(
        "priority", operands: "N ID...", summary: "lets jobs overtake others, or wait for them"
    ) { words in
        guard let first = words.operands.first, let number = Int64(first),
            NewJob.priorities.contains(number)
        else { throw Usage("priority needs a number from -1000 to 1000 and jobs") }
        return try each(words, after: 1) { (store, id, now) throws(StoreFault) in
            try store.setPriority(id, number, by: .caller, now)
        }
    }

    /// All that can be, also behind one that cannot; the first fault is the command's.
    private static func each(
        _ words: Words, after skipped: Int = 0,
        _ action: (Store, RunID, Instant) throws(StoreFault) -> Void
    ) throws -> Exit {
        try each(words.ids(after: skipped), action)
    }

    static func each(
        _ ids: [RunID], _ action: (Store, RunID, Instant) throws(StoreFault) -> Void
    ) throws -> Exit {
        let store = try SmeltQueue.open()
        var exit = Exit.done
        for id in ids {
            do throws(StoreFault) { try action(store, id, .now()) } catch {
                say("smelt-queue: \(error)\n")
                if exit == .done { exit = error.exit }
            }
        }
        return exit
    }
}
