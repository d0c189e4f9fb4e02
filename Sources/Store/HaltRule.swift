/// When a group begins no more of its jobs, in the words of GNU parallel's `--halt`.
package struct HaltRule: Equatable, Sendable {
    package enum When: String, CaseIterable, Sendable {
        /// What runs goes on.
        case soon
        /// What runs is asked to stop, too.
        case now
    }

    package enum What: String, CaseIterable, Sendable { case fail, success, done }

    package enum Bound: Equatable, Sendable {
        case number(Int64)
        /// Of those that ended, from 1 to 100.
        case percent(Int64)
    }

    package let when: When
    package let what: What
    package let bound: Bound

    /// Before so many have come no percentage says anything: the first that fails would be all of them.
    package static let fewest: Int64 = 3
    private static let most: Int64 = 1_000_000_000

    /// From `soon,fail=3` or `now,success=10%`; nil when it is none. Of all that end, a share says nothing.
    package init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 2, let when = When(rawValue: String(parts[0])) else { return nil }
        let sides = parts[1].split(separator: "=", omittingEmptySubsequences: false)
        guard sides.count == 2, let what = What(rawValue: String(sides[0])) else { return nil }
        let isShare = sides[1].last == "%"
        guard let first = sides[1].utf8.first, first != UInt8(ascii: "+"),
            let number = Int64(isShare ? sides[1].dropLast() : sides[1])
        else { return nil }
        guard (1...(isShare ? 100 : Self.most)).contains(number), !isShare || what != .done else {
            return nil
        }
        (self.when, self.what) = (when, what)
        bound = isShare ? .percent(number) : .number(number)
    }

    package var text: String {
        switch bound {
        case .number(let number): "\(when.rawValue),\(what.rawValue)=\(number)"
        case .percent(let share): "\(when.rawValue),\(what.rawValue)=\(share)%"
        }
    }

    /// Why, when as many have ended so; nil while too few have.
    func reason(failures: Int64, successes: Int64) -> String? {
        let all = failures + successes
        let count =
            switch what {
            case .fail: failures
            case .success: successes
            case .done: all
            }
        let end =
            switch what {
            case .fail: "failed"
            case .success: "succeeded"
            case .done: "ended"
            }
        let jobs = count == 1 ? "1 job" : "\(count) jobs"
        switch bound {
        case .number(let number): return count >= number ? "\(jobs) \(end) (\(text))" : nil
        case .percent(let share):
            guard count >= Self.fewest, count * 100 >= share * all else { return nil }
            return "\(count) of \(all) jobs \(end) (\(text))"
        }
    }
}
