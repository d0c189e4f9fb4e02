import Records
import Smelt
import Store

/// `pause`, `resume`, `group` and `stats`.
enum Groups {
    static let until = Option("until", nil, .time, "resumed by itself then")
    static let parallel = Option(
        "parallel", "j", .number(0...1_000_000), "as many jobs at once; 0 is no bound")

    static let halt = Option(
        "halt", nil, .halt, "never, or soon|now,fail|success|done=N, fail|success=N%")

    static let pause = Verb(
        "pause", options: [until, Steer.why], operands: "[GROUP]...",
        summary: "begins no job of a group any more; what runs goes on"
    ) { words in
        try each(words) { (store, group) throws(StoreFault) in
            try store.pause(
                group, until: words[until]?.milliseconds, resuming: true, by: .caller,
                why: words[Steer.why], .now())
        }
    }

    static let resume = Verb(
        "resume", operands: "[GROUP]...", summary: "begins jobs of a group again"
    ) { words in
        try each(words) { (store, group) throws(StoreFault) in
            try store.resume(group, by: .caller, .now())
        }
    }

    private static func each(
        _ words: Words, _ action: (Store, String) throws(StoreFault) -> Void
    ) throws -> Exit {
        let store = try SmeltQueue.open()
        let named = words.operands.isEmpty ? ["default"] : words.operands
        // All of them, or none.
        try store.together(.now()) { () throws(StoreFault) in
            for group in named { try action(store, group) }
        }
        return .done
    }

    static let group = Verb(
        "group", options: [parallel, halt], operands: "set NAME",
        summary: "says how many jobs of a group may run at once, and when it pauses itself"
    ) { words in
        guard words.operands.count == 2, words.operands[0] == "set", !words.hasNoOptions
        else { throw Usage("group needs 'set', a name, and --parallel or --halt") }
        try SmeltQueue.open().set(
            words.operands[1], parallel: words[parallel].map { Int64($0) }, halt: words[halt],
            by: .caller, .now())
        return .done
    }

    /// When a pause ends by itself.
    private static func end(of group: Group, _ now: Int64) -> Timestamp? {
        group.isPaused || group.pausedUntil <= now
            ? nil : Timestamp(milliseconds: group.pausedUntil)
    }

    static let stats = Verb(
        "stats", options: [Lists.json, Lists.human],
        summary: "tells how many jobs of each group are in each state"
    ) { words in
        guard words.operands.isEmpty else { throw Usage("stats takes no operands") }
        let store = try SmeltQueue.open(needsAll: false)
        defer { SmeltQueue.tellLeftOut(store) }
        let counts = try store.counts()
        let groups = try store.allGroups()
        let now = Instant.now().wall
        if Lists.isForPeople(words) {
            let rows = groups.map { group in
                let states = counts.filter { $0.group == group.name }
                    .map { "\($0.count) \($0.state.word)" }
                let bound = group.parallel == 0 ? "-" : "\(group.parallel)"
                let why = group.reason.map { ": \(Visible.line($0))" } ?? ""
                let until = end(of: group, now).map { " until \($0)" } ?? ""
                return [
                    Visible.line(group.name), bound,
                    group.isPaused(at: now) ? "yes\(until)\(why)" : "no",
                    states.joined(separator: ", "),
                ]
            }
            try put(Lists.columns([["GROUP", "PARALLEL", "PAUSED", "JOBS"]] + rows))
            return .done
        }
        let writer = LineWriter(1)
        for group in groups {
            let states = counts.filter { $0.group == group.name }.map {
                ($0.state.word, Int($0.count))
            }
            try writer.write(
                GroupDescribed(
                    group: group.name, paused: group.isPaused(at: now),
                    pausedUntil: end(of: group, now),
                    parallel: group.parallel == 0 ? nil : Int(group.parallel),
                    states: Dictionary(states) { $1 }, halt: group.halt?.text,
                    reason: group.isPaused(at: now) ? group.reason : nil), run: .unknown)
        }
        return .done
    }
}

extension Kind where Value == Changed<HaltRule> {
    static var halt: Kind {
        Kind("RULE", wants: "never, or a rule such as soon,fail=3 or now,fail=10%") { text in
            text == "never" ? Changed<HaltRule>.none : HaltRule(text).map { .to($0) }
        }
    }
}
