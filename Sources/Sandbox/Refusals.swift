package import Records
internal import Smelt

/// What a command was refused, by whom ever: added up while it runs, and told at its end in records and in sentences.
/// Commands alone and sessions have this one way.
package struct Refusals: Sendable {
    /// One kind of thing, and how often.
    struct Refusal: Equatable, Sendable {
        let what: String
        /// A word of smelt-records(5).
        let mechanism: String
        let reason: String
        /// Of a call that was traced.
        var path: String?
        var error: String?
        var count: Int

        func record(of session: String) -> Denied {
            Denied(
                session: session, what: what, mechanism: mechanism, reason: reason, path: path,
                error: error, count: count)
        }

        var sentence: String {
            let times = count == 1 ? "once" : "\(count) times"
            return "refused \(times): \(what), \(reason)"
        }
    }

    /// How many kinds each mechanism has before the rest is one: who is confined chooses the names.
    static let mostKinds = 1000

    /// In the order in which they were first met.
    private var all: [Refusal] = []
    private var places: [Key: Int] = [:]
    private var kinds: [String: Int] = [:]
    private var remarks: [String] = []

    private struct Key: Hashable {
        let mechanism: String
        let what: String
    }

    package init() {}

    /// Tells of each by a record and a sentence, then by a sentence what is not in them; from then on it is empty.
    package mutating func tell(
        of session: String, record: (Denied) throws -> Void, sentence: (String) -> Void
    ) rethrows {
        let told = self
        self = Refusals()
        for refusal in told.all {
            try record(refusal.record(of: session))
            sentence(refusal.sentence)
        }
        for remark in told.remarks { sentence(remark) }
    }

    mutating func add(
        _ what: String, by mechanism: String, _ reason: String, times count: Int = 1,
        path: String? = nil, error: String? = nil
    ) {
        if let place = places[Key(mechanism: mechanism, what: what)] {
            all[place].count += count
            return
        }
        let known = kinds[mechanism, default: 0]
        guard known < Self.mostKinds else {
            let rest = Key(mechanism: mechanism, what: Self.rest)
            if let place = places[rest] { return all[place].count += count }
            places[rest] = all.count
            all.append(
                Refusal(
                    what: Self.rest, mechanism: mechanism,
                    reason: "only \(Self.mostKinds) kinds were told apart", count: count))
            return
        }
        kinds[mechanism] = known + 1
        places[Key(mechanism: mechanism, what: what)] = all.count
        all.append(
            Refusal(
                what: what, mechanism: mechanism, reason: reason, path: path, error: error,
                count: count))
    }

    private static let rest = "something else"

    /// What is missing in what is told, once.
    mutating func remark(_ sentence: String) {
        if !remarks.contains(sentence) { remarks.append(sentence) }
    }

    // MARK: who refuses

    /// A connection, unless it was let through.
    package mutating func add(_ decision: EgressWord.Decision) {
        guard !decision.allowed else { return }
        add(
            decision.attempt, by: "egress", decision.reason ?? "refused",
            times: decision.count ?? 1)
    }

    /// What a tracer noted.
    mutating func add(_ words: [Tracer.Word]) {
        for word in words {
            add(
                word.what, by: "trace", word.reason, times: word.count, path: word.path,
                error: word.error)
        }
    }

    /// System calls that a filter refused, and was asked to tell of.
    package mutating func add(_ calls: Denials) {
        for (what, count) in calls.all { add(what, by: "seccomp", "by seccomp", times: count) }
        if calls.isCutOff {
            remark("of refused system calls, only \(Denials.most) were counted")
        }
    }
}
