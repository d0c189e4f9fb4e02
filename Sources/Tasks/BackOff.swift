internal import Glibc

/// How long to wait after a failure: longer from failure to failure, and spread so that many who failed together do
/// not come back together. A pure value; chance comes from outside.
package struct BackOff: Equatable, Sendable {
    package enum Jitter: Equatable, Sendable, CaseIterable {
        /// Exactly the base.
        case none
        /// Anything up to the base.
        case full
        /// The upper half of it.
        case equal
        /// From the first delay to three times the one before, whatever the factor: no two who failed together stay
        /// together, also later on.
        case decorrelated
    }

    package var jitter: Jitter
    /// Greater than 0.
    package var firstSeconds: Double
    /// Not less than the first.
    package var mostSeconds: Double
    /// Finite, at least 1.
    package var factor: Double

    /// Solti's defaults: full jitter, 1 s, doubled up to 30 s.
    package init(
        jitter: Jitter = .full, firstSeconds: Double = 1, mostSeconds: Double = 30,
        factor: Double = 2
    ) {
        self.jitter = jitter
        self.firstSeconds = firstSeconds
        self.mostSeconds = mostSeconds
        self.factor = factor
    }

    /// What no delay is below: with jitter it could be nothing, and a failing task would spin.
    package static let least = 0.001

    /// Seconds before the retry with number `retry`, counted from 0 since the last success, after `previous`, the
    /// delay before the last retry; nil for the first.
    package func delay(
        retry: UInt64, previous: Double?, using generator: inout some RandomNumberGenerator
    ) -> Double {
        let base = base(of: retry)
        let delay =
            switch jitter {
            case .none: base
            case .full: Double.random(in: 0...base, using: &generator)
            case .equal: base / 2 + Double.random(in: 0...base / 2, using: &generator)
            case .decorrelated:
                Double.random(
                    in:
                        firstSeconds...max(
                            firstSeconds, min(mostSeconds, (previous ?? firstSeconds) * 3)),
                    using: &generator)
            }
        return min(max(delay, Self.least), max(mostSeconds, Self.least))
    }

    /// first · factorⁿ, and the most where that is more than can be said.
    private func base(of retry: UInt64) -> Double {
        let grown = firstSeconds * pow(factor, Double(retry))
        return grown.isFinite ? min(grown, mostSeconds) : mostSeconds
    }
}
