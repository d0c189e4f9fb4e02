/// How an attempt ended, in what a pipeline says of itself (smelt(7)): never a wait status.
package struct Outcome: Sendable, Equatable {
    /// `run.finished.status`
    package var status: Int32
    /// The code of the first `failed` record.
    package var code: String?
    /// Milliseconds since 1970: the time that a "not now" named.
    package var notBefore: Int64?
    /// Whether there is a worker on which it was not tried yet.
    package var elsewhere = false
    /// Whether the run had its result, and a stage behind that could not do its work: it alone is done again.
    package var hasResult = false
    /// Milliseconds that the attempt took, on a clock that does not jump; nil where only the wall's is known.
    package var took: Int64?

    package init(
        status: Int32, code: String? = nil, notBefore: Int64? = nil, elsewhere: Bool = false
    ) {
        self.status = status
        self.code = code
        self.notBefore = notBefore
        self.elsewhere = elsewhere
    }
}

/// What counts for whether a job is tried again.
struct Trials: Sendable, Equatable {
    /// How often it was tried again, for any reason but "not now".
    var tries: Int64
    /// How often for a bug of ours.
    var bugs: Int64
    var retries: Int64
    /// Milliseconds, of all attempts.
    var spent: Int64
    var budget: Int64?
}

enum Verdict: Sendable, Equatable {
    case over(JobState)
    /// Again at that time, or after a pause where none was named; which spends no try.
    case later(Int64?)
    /// Again after a pause; with `avoiding`, not on the same worker.
    case again(avoiding: Bool, bug: Bool)
}

/// Which endings are tried again.
///
/// | status | |
/// |---|---|
/// | 75 not now | always, at the time that it names, else after a pause |
/// | 69 not there | on another worker, while there is one |
/// | 70 a bug of ours | once |
/// | 74 I/O, 141 nobody listened | up to `mostTries` |
/// | 0, 2, 64 to 66, 77, 78, 130, 143 | never |
/// | 1 and all others | as often as `retries` says |
///
/// Nothing but "not now" is tried again more than `mostTries` times, or `retries` where that is more; and nothing at all once
/// the budget is spent.
enum RetryRules {
    static let mostTries: Int64 = 20
    /// Where a job does not begin with a longer one; milliseconds.
    static let longestPause: Int64 = 300_000

    static func judge(_ outcome: Outcome, _ trials: Trials) -> Verdict {
        let end = end(of: outcome)
        let mayTry = trials.tries < mostTries
        if let budget = trials.budget, trials.spent >= budget { return .over(end) }
        switch outcome.status {
        case 0, 2, 64...66, 77, 78, 130, 143: return .over(end)
        case 75: return .later(outcome.notBefore)
        case 69:
            return mayTry && outcome.elsewhere ? .again(avoiding: true, bug: false) : .over(end)
        case 70: return mayTry && trials.bugs == 0 ? .again(avoiding: false, bug: true) : .over(end)
        case 74, 141: return mayTry ? .again(avoiding: false, bug: false) : .over(end)
        default:
            return trials.tries < trials.retries
                ? .again(avoiding: false, bug: false) : .over(end)
        }
    }

    /// The state of a job that ends so and is not tried again.
    static func end(of outcome: Outcome) -> JobState {
        switch outcome.status {
        case 0: .succeeded
        case 2: .gatesFailed
        case 77 where outcome.code == "review_expired": .expired
        case 130, 143: .cancelled
        default: .failed
        }
    }

    /// Milliseconds to wait before the try that follows `tries` others: any time up to `first` doubled as often, five minutes
    /// at the most (where `first` is not more). All of it is by chance, so that what failed together does not come together again.
    static func pause(
        first: Int64, tries: Int64, using generator: inout some RandomNumberGenerator
    ) -> Int64 {
        let most = max(first, longestPause)
        var limit = max(1, min(first, most))
        for _ in 0..<min(tries, 40) where limit < most { limit = min(most, limit * 2) }
        return Int64.random(in: 1...limit, using: &generator)
    }
}
