package import Records

/// The life of a task as a value: which phase it is in, and what follows the end of an attempt. It starts nothing and
/// knows no clock.
///
///     pending ─→ running ─→ succeeded | failed | timeout ─→ (waits, then running again)
///                        └→ succeeded | failed | timeout | exhausted | canceled, for good
///
/// `exhausted` means that retries were spent, nothing else: what failed and was never to be retried has failed, and
/// what ran out of time has that as its phase. What was stopped is `canceled`, however it took that.
package struct Supervision: Equatable, Sendable {
    /// How an attempt ended.
    package enum Outcome: Equatable, Sendable, CaseIterable {
        case succeeded, failed, timedOut, canceled
        /// Failed in a way that no retry can change.
        case fatal
    }

    package enum Next: Equatable, Sendable {
        case again(afterSeconds: Double)
        case over
    }

    private enum State: Equatable {
        case waiting, running, over
    }

    package private(set) var phase = TaskPhase.pending
    /// 0 before the first.
    package private(set) var attempt = 0
    private var state = State.waiting
    private let restart: TaskSpec.Restart
    private let backOff: BackOff
    private let maxRetries: UInt64?
    /// Retries since the last success, and the delay before the last of them.
    private var retries: UInt64 = 0
    private var previous: Double?

    package init(restart: TaskSpec.Restart, backOff: BackOff, maxRetries: UInt64? = nil) {
        self.restart = restart
        self.backOff = backOff
        self.maxRetries = maxRetries
    }

    /// Without an interval, attempts that succeed at once begin no closer together than this: else they would spin.
    package static let shortestCycle = 0.1

    /// The next attempt begins; false, and nothing changes, when there is none to begin.
    package mutating func begin() -> Bool {
        guard state == .waiting else { return false }
        state = .running
        phase = .running
        attempt += 1
        return true
    }

    /// The attempt has ended after so many seconds. Nil, and nothing changes, when none runs.
    package mutating func end(
        _ outcome: Outcome, afterSeconds lasted: Double,
        using generator: inout some RandomNumberGenerator
    ) -> Next? {
        guard state == .running else { return nil }
        switch outcome {
        case .succeeded:
            phase = .succeeded
            (retries, previous) = (0, nil)
            guard case .always(let interval) = restart else { return finish() }
            let pause = interval > 0 ? interval : max(0, Self.shortestCycle - lasted)
            return wait(pause)
        case .failed, .timedOut:
            phase = outcome == .failed ? .failed : .timeout
            guard restart != .never else { return finish() }
            if let maxRetries, retries >= maxRetries {
                phase = .exhausted
                return finish()
            }
            let delay = backOff.delay(retry: retries, previous: previous, using: &generator)
            (retries, previous) = (retries + 1, delay)
            return wait(delay)
        case .fatal:
            phase = .failed
            return finish()
        case .canceled:
            phase = .canceled
            return finish()
        }
    }

    /// No attempt runs, and none is to begin any more; what is over stays as it is.
    package mutating func cancel() {
        guard state == .waiting else { return }
        phase = .canceled
        state = .over
    }

    private mutating func wait(_ seconds: Double) -> Next {
        state = .waiting
        return .again(afterSeconds: seconds)
    }

    private mutating func finish() -> Next {
        state = .over
        return .over
    }
}
