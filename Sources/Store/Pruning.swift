internal import Smelt

extension Store {
    /// Removes jobs that were over before that time, each with its whole log and all that hangs on it; the audit stays. With
    /// `states`, only of those. Answers how many went.
    package func prune(
        before time: Int64, states: [JobState] = [], keep: Int64 = 0, by actor: Actor,
        _ now: Instant
    ) throws(StoreFault) -> Int {
        try eachOld(before: time, states, keep) { (jobs, state) throws(StoreFault) in
            try remove(jobs, state, by: actor, now)
        }
    }

    /// As `prune`, but takes only what they printed; the jobs and all else of their logs stay. Answers of how many it was.
    package func pruneOutput(
        before time: Int64, states: [JobState] = [], keep: Int64 = 0, by actor: Actor,
        _ now: Instant
    ) throws(StoreFault) -> Int {
        try step(now) { () throws(StoreFault) in
            try note(
                actor, "prune output", "",
                [
                    ("keep", keep > 0 ? "\(keep)" : nil),
                    ("before", Timestamp(milliseconds: min(time, now.wall)).description),
                ], now)
        }
        return try eachOld(before: time, states, keep) { (jobs, state) throws(StoreFault) in
            var trimmed = 0
            for job in jobs {
                let before = try lastTrimmed(of: job)
                while try trim(job, to: 0, while: state, now) {}
                if try lastTrimmed(of: job) != before { trimmed += 1 }
            }
            return trimmed
        }
    }

    private func lastTrimmed(of job: Int64) throws(StoreFault) -> Int64? {
        try database.number("SELECT trimmed FROM jobs WHERE job = ?", .number(job))
    }

    private func eachOld(
        before time: Int64, _ states: [JobState], _ keep: Int64,
        _ action: ([Int64], JobState) throws(StoreFault) -> Int
    ) throws(StoreFault) -> Int {
        let ends = JobState.allCases.filter { $0.isOver && (states.isEmpty || states.contains($0)) }
        var removed = 0
        for state in ends {
            // In pieces, so that others get their turns, and the log beside the file stays small.
            var last = Int64.max
            var spared = keep
            while true {
                let jobs = try database.all(
                    "SELECT job, finished FROM jobs WHERE state = ? AND job < ? ORDER BY job DESC LIMIT 500",
                    .number(state.rawValue), .number(last)
                ) { ($0.number(0), $0.number(1)) }
                guard let end = jobs.last else { break }
                last = end.0
                let stay = min(spared, Int64(jobs.count))
                spared -= stay
                let old = jobs.dropFirst(Int(stay)).filter { $0.1 < time }
                if !old.isEmpty { removed += try action(old.map(\.0), state) }
            }
        }
        return removed
    }

    private func remove(
        _ jobs: [Int64], _ state: JobState, by actor: Actor, _ now: Instant
    ) throws(StoreFault) -> Int {
        try step(now) { () throws(StoreFault) in
            var removed = 0
            // No later job may get the number of one that goes.
            let floor = try nextJob() - 1
            try database.run("UPDATE meta SET value = ? WHERE key = 'floor'", .number(floor))
            var first = ""
            for job in jobs {
                let row = try row(job)
                // Somebody may have tried it again since.
                guard row.state == state else { continue }
                if first.isEmpty { first = row.id }
                for text in [
                    "DELETE FROM log WHERE job = ?", "DELETE FROM labels WHERE job = ?",
                    "DELETE FROM attempts WHERE job = ?", "DELETE FROM needs WHERE job = ?",
                    "DELETE FROM needs WHERE needed = ?", "DELETE FROM requests WHERE job = ?",
                    "DELETE FROM jobs WHERE job = ?",
                ] as [StaticString] {
                    try database.run(text, .number(job))
                }
                count(state, row.group, -1)
                removed += 1
            }
            guard removed > 0 else { return 0 }
            try note(
                actor, "prune", first, [("count", "\(removed)"), ("state", state.word)], now)
            return removed
        }
    }
}
