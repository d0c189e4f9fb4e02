internal import Smelt

/// A group of jobs: how many at once, and whether any.
package struct Group: Sendable, Equatable {
    package let name: String
    /// 0 is as many as there are workers for.
    package let parallel: Int64
    package let isPaused: Bool
    /// Milliseconds since 1970; 0 is not paused until a time.
    package let pausedUntil: Int64
    /// When it pauses itself; nil is never.
    package let halt: HaltRule?
    /// Why it is paused, as far as somebody said, or the rule.
    package let reason: String?

    package func isPaused(at time: Int64) -> Bool { isPaused || pausedUntil > time }
}

extension Store {
    /// The number of the group, which is made where there is none.
    func number(ofGroup name: String) throws(StoreFault) -> Int64 {
        if let known = groups[name] { return known }
        let found = try database.number("SELECT grp FROM groups WHERE name = ?", .text(name))
        if let found {
            groups[name] = found
            return found
        }
        try database.run("INSERT INTO groups (name) VALUES (?)", .text(name))
        return try database.number("SELECT grp FROM groups WHERE name = ?", .text(name)) ?? 0
    }

    private func existing(group name: String) throws(StoreFault) -> Int64 {
        guard let found = try database.number("SELECT grp FROM groups WHERE name = ?", .text(name))
        else { throw .unknownGroup(name) }
        return found
    }

    /// Nothing of the group begins any more, until it is resumed or that time has come; what runs goes on. Where it is paused
    /// without a time it stays so, unless `resuming` says that the time is meant instead.
    package func pause(
        _ name: String, until time: Int64? = nil, resuming: Bool = false, by actor: Actor,
        why reason: String? = nil, _ now: Instant
    ) throws(StoreFault) {
        try step(now) { () throws(StoreFault) in
            let group = try existing(group: name)
            if let time {
                if resuming { try countAnew(group) }
                // The later of two limits holds; what somebody says holds as he says it.
                try database.run(
                    """
                    UPDATE groups SET paused_until = iif(?2, max(paused_until, ?1), ?1), paused = paused AND ?2,
                    reason = iif(paused AND ?2, reason, ?3) WHERE grp = ?4
                    """, .number(time), .number(resuming ? 0 : 1), Value(reason), .number(group))
            } else {
                try database.run(
                    "UPDATE groups SET reason = coalesce(?, iif(paused, reason, NULL)), paused = 1 WHERE grp = ?",
                    Value(reason), .number(group))
            }
            let until = time.map { Timestamp(milliseconds: $0).description }
            try note(actor, "pause", name, [("until", until), ("why", reason)], now)
        }
    }

    /// Its jobs begin again, and its rule counts anew.
    package func resume(_ name: String, by actor: Actor, _ now: Instant) throws(StoreFault) {
        try step(now) { () throws(StoreFault) in
            let group = try existing(group: name)
            try database.run(
                "UPDATE groups SET paused = 0, paused_until = 0, reason = NULL WHERE grp = ?",
                .number(group))
            try countAnew(group)
            try note(actor, "resume", name, [], now)
        }
    }

    /// Makes the group where there is none. `parallel` 0 is no bound; what is nil stays. A rule that is said counts from now on,
    /// also where it is the one that was; a group that is paused stays so.
    package func set(
        _ name: String, parallel: Int64? = nil, halt: Changed<HaltRule>? = nil, by actor: Actor,
        _ now: Instant
    ) throws(StoreFault) {
        guard (0...1_000_000).contains(parallel ?? 0), !name.isEmpty, name.utf8.count <= 255 else {
            throw .invalid("a group has a name of 1 to 255 bytes and runs 0 to 1000000 at once")
        }
        try step(now) { () throws(StoreFault) in
            let group = try number(ofGroup: name)
            if let parallel {
                try database.run(
                    "UPDATE groups SET parallel = ? WHERE grp = ?", .number(parallel),
                    .number(group))
            }
            if let halt {
                try database.run(
                    "UPDATE groups SET halt = ? WHERE grp = ?", Value(halt.value?.text),
                    .number(group))
                try countAnew(group)
            }
            let rule = halt.map { $0.value?.text ?? "never" }
            try note(
                actor, "group", name, [("halt", rule), ("parallel", parallel.map { "\($0)" })],
                now)
        }
    }

    package func allGroups() throws(StoreFault) -> [Group] {
        try database.all(
            "SELECT name, parallel, paused, paused_until, halt, reason FROM groups ORDER BY name"
        ) { (row) throws(StoreFault) in
            let name = row.text(0)
            return Group(
                name: name, parallel: row.number(1), isPaused: row.number(2) != 0,
                pausedUntil: try row.sound(3),
                halt: try row.optionalText(4).map { text throws(StoreFault) in
                    try rule(text, of: name)
                }, reason: row.optionalText(5))
        }
    }

    /// How many jobs of each group are in each state.
    package func counts() throws(StoreFault) -> [(group: String, state: JobState, count: Int64)] {
        try database.all(
            "SELECT g.name, c.state, c.n FROM counts c JOIN groups g USING (grp) WHERE c.n > 0 ORDER BY g.name, c.state"
        ) { ($0.text(0), JobState(rawValue: $0.number(1)) ?? .failed, $0.number(2)) }
    }
}
