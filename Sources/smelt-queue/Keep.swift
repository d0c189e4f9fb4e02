import Glibc
import Smelt
import Store

/// `backup`, `verify`, `restore`, `prune` and `audit`.
enum Keep {
    static let older = Option(
        "older-than", nil, .duration, "only jobs that were over before that")
    static let output = Option(
        "output-older-than", nil, .duration,
        "only what jobs printed that were over before that; the jobs stay")
    static let keep = Option(
        "keep", nil, .number(0...1_000_000_000), "of each state so many newest stay")
    static let state = Option(
        "state", "s", .choice(JobState.allCases.filter(\.isOver).map(\.word)),
        "only of this state; may be repeated")
    static let verifies = Option("verify", nil, .flag, "check the chain instead of printing it")
    static let head = Option("head", nil, .flag, "print the last entry's number and hash alone")
    static let against = Option(
        "against", nil, .text("N:HASH"),
        "a head that was kept elsewhere: it must be part of the chain")
    static let after = Option("after", nil, .number(0...Int.max), "only entries behind this number")

    static let backup = Verb(
        "backup", operands: "FILE", summary: "writes a copy of the whole queue to a new file"
    ) { words in
        try SmeltQueue.open().backUp(to: try file(words, "backup"), by: .caller, .now())
        return .done
    }

    static let restore = Verb(
        "restore", operands: "FILE",
        summary: "puts a copy in the place of the queue, which nobody may use meanwhile"
    ) { words in
        let backup = try file(words, "restore")
        let restored = try Store.restore(backup, to: try SmeltQueue.path, by: .caller, .now())
        tell(restored)
        try Unprinted.put(
            (restored.gone ?? []).flatMap { Array("\($0)\n".utf8) },
            done: "the copy is in place all the same")
        return .done
    }

    private static func tell(_ restored: Restored) {
        guard let old = restored.old else { return }
        say("smelt-queue: what was there is '\(old)' now\n")
        guard let gone = restored.gone else {
            return say("smelt-queue: which jobs that has could not be read\n")
        }
        for (count, what) in [
            (gone.count, "only that has"),
            (restored.behind, "that are as they were then, and had gone on since"),
        ] where count > 0 { say("smelt-queue: jobs \(what): \(count)\n") }
        if restored.again.isEmpty { return }
        let named = restored.again.prefix(20).map { " \($0)" }.joined()
        let others = restored.again.count > 20 ? " and \(restored.again.count - 20) others" : ""
        say("smelt-queue: jobs that had been removed since, and can run again:\(named)\(others)\n")
    }

    private static func file(_ words: Words, _ verb: String) throws -> String {
        guard words.operands.count == 1 else { throw Usage("\(verb) takes one file") }
        return Files.resolve(words.operands[0], against: Files.workingDirectory)
    }

    static let verify = Verb(
        "verify", options: [against],
        summary: "looks through the whole queue; 0 when all of it is right"
    ) { words in
        guard words.operands.isEmpty else { throw Usage("verify takes no operands") }
        return report(try SmeltQueue.open().verify(head: try kept(words)))
    }

    private static func report(_ wrong: [String]) -> Exit {
        for sentence in wrong { say("smelt-queue: \(sentence)\n") }
        return wrong.isEmpty ? .done : .io
    }

    private static func kept(_ words: Words) throws -> (number: Int64, hash: String)? {
        guard let text = words[against] else { return nil }
        let parts = text.split(separator: ":")
        guard parts.count == 2, let number = Int64(parts[0]), parts[1].utf8.count == 64 else {
            throw Usage("--against needs what audit --head printed, not '\(Visible.line(text))'")
        }
        return (number, String(parts[1]))
    }

    static let prune = Verb(
        "prune", options: [older, output, keep, state],
        summary: "removes jobs that are over, or what they printed; the audit stays"
    ) { words in
        guard words.operands.isEmpty else { throw Usage("prune takes no operands") }
        guard words[older] != nil || words[output] != nil || words[keep] != nil else {
            throw Usage("say what may go, with --keep, --older-than or --output-older-than")
        }
        guard words[older] == nil || words[output] == nil else {
            throw Usage("jobs and what others printed are removed one after the other")
        }
        let now = Instant.now()
        let age = words[output] ?? words[older]
        let time = age.map { now.wall - AddOptions.milliseconds($0) } ?? .max
        let states = words.all(state).compactMap { JobState(word: $0) }
        let kept = Int64(words[keep] ?? 0)
        let store = try SmeltQueue.open()
        let removed =
            try words[output] != nil
            ? store.pruneOutput(before: time, states: states, keep: kept, by: .caller, now)
            : store.prune(before: time, states: states, keep: kept, by: .caller, now)
        try put("\(removed)\n")
        return .done
    }

    static let audit = Verb(
        "audit", options: [verifies, head, against, after],
        summary: "prints who did what and when, a line each"
    ) { words in
        guard words.operands.isEmpty else { throw Usage("audit takes no operands") }
        let store = try SmeltQueue.open()
        if words[verifies] || words[against] != nil {
            let exit = report(try store.verifyAudit(head: try kept(words)))
            guard exit == .done, words[head] else { return exit }
        }
        if words[head] {
            let last = try store.auditHead()
            try put("\(last.number):\(last.hash)\n")
            return .done
        }
        var number = Int64(words[after] ?? 0)
        while true {
            let entries = try store.audit(after: number)
            guard let last = entries.last else { return .done }
            try put(entries.map { "\($0.text.dropLast()),\"hash\":\"\($0.hash)\"}\n" }.joined())
            number = last.number
        }
    }
}
