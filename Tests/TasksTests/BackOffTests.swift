import Testing

@testable import Tasks

/// SplitMix64: small, and the same on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Pushes every draw to one end: `.max` to the upper, 1 (0 would be thrown again for ever) to the lower.
struct ConstantGenerator: RandomNumberGenerator {
    let value: UInt64

    mutating func next() -> UInt64 { value }
}

@Suite struct BackOffTests {
    /// Any valid back-off, from a millisecond to the longest that 64 bits of milliseconds say.
    static func any(_ jitter: BackOff.Jitter, _ generator: inout SeededGenerator) -> BackOff {
        func milliseconds() -> Double {
            Double(
                UInt64.random(
                    in: 1...(.max >> UInt64.random(in: 0...63, using: &generator)),
                    using: &generator))
        }
        let (one, two) = (milliseconds() / 1000, milliseconds() / 1000)
        let factors = [1, 1.0000001, 1.5, 2, 10, 1e10, 1e300, Double.greatestFiniteMagnitude]
        let factor = factors.randomElement(using: &generator) ?? 1
        return BackOff(
            jitter: jitter, firstSeconds: min(one, two), mostSeconds: max(one, two), factor: factor)
    }

    @Test(arguments: BackOff.Jitter.allCases)
    func `every delay lies in its band, whatever the numbers`(jitter: BackOff.Jitter) {
        for seed in 0..<UInt64(2000) {
            var generator = SeededGenerator(seed)
            let backOff = Self.any(jitter, &generator)
            var exact = backOff
            exact.jitter = .none
            var previous: Double?
            for retry in [0, 1, 2, 3, 7, 64, 1023, 1024, 5000, UInt64.max] {
                let delay = backOff.delay(retry: retry, previous: previous, using: &generator)
                let base = exact.delay(retry: retry, previous: nil, using: &generator)
                let least =
                    switch jitter {
                    case .none: base
                    case .full: BackOff.least
                    case .equal: max(base / 2, BackOff.least)
                    case .decorrelated: backOff.firstSeconds
                    }
                let most =
                    jitter == .decorrelated
                    ? min(backOff.mostSeconds, (previous ?? backOff.firstSeconds) * 3) : base
                #expect(
                    delay.isFinite && delay >= least && delay <= max(most, least),
                    "seed \(seed): \(backOff), retry \(retry) after \(previous ?? 0): \(delay)")
                previous = delay
            }
        }
    }

    @Test func `without jitter the delays grow and stop at the most`() {
        for seed in 0..<UInt64(500) {
            var generator = SeededGenerator(seed)
            let backOff = Self.any(.none, &generator)
            let delays = (0..<UInt64(200)).map {
                backOff.delay(retry: $0, previous: nil, using: &generator)
            }
            #expect(delays.first == backOff.firstSeconds, "seed \(seed)")
            #expect(zip(delays, delays.dropFirst()).allSatisfy { $0 <= $1 }, "seed \(seed)")
            #expect(delays.allSatisfy { $0 <= backOff.mostSeconds }, "seed \(seed)")
            if backOff.factor > 1.4, backOff.firstSeconds * 1e12 > backOff.mostSeconds {
                #expect(delays.last == backOff.mostSeconds, "seed \(seed): \(backOff)")
            }
        }
    }

    @Test func `the factor is applied as often as was tried`() {
        var generator = SeededGenerator(1)
        let backOff = BackOff(jitter: .none, firstSeconds: 0.5, mostSeconds: 20, factor: 1.5)
        let delays = (0..<UInt64(12)).map {
            backOff.delay(retry: $0, previous: nil, using: &generator)
        }
        #expect(delays.prefix(4) == [0.5, 0.75, 1.125, 1.6875] && delays.last == 20)
    }

    @Test func `a factor of one stays where it is, a huge one jumps to the most`() {
        var generator = SeededGenerator(1)
        let flat = BackOff(jitter: .none, firstSeconds: 3, mostSeconds: 60, factor: 1)
        let steep = BackOff(
            jitter: .none, firstSeconds: 3, mostSeconds: 60, factor: .greatestFiniteMagnitude)
        for retry in [0, 1, 2, UInt64.max] {
            #expect(flat.delay(retry: retry, previous: nil, using: &generator) == 3)
            let delay = steep.delay(retry: retry, previous: nil, using: &generator)
            #expect(delay == (retry == 0 ? 3 : 60))
        }
    }

    /// Means of many draws; the bounds are more than ten standard errors wide.
    @Test func `full, equal and decorrelated draw evenly from their bands`() {
        var generator = SeededGenerator(42)
        let count = 20_000
        func mean(_ jitter: BackOff.Jitter, retry: UInt64, previous: Double?) -> Double {
            let backOff = BackOff(jitter: jitter, firstSeconds: 1, mostSeconds: 100, factor: 2)
            let sum = (0..<count).reduce(0.0) { sum, _ in
                sum + backOff.delay(retry: retry, previous: previous, using: &generator)
            }
            return sum / Double(count)
        }
        #expect(abs(mean(.full, retry: 3, previous: nil) - 4) < 0.2)
        #expect(abs(mean(.equal, retry: 3, previous: nil) - 6) < 0.1)
        #expect(abs(mean(.decorrelated, retry: 3, previous: 9) - 14) < 0.6)
        #expect(abs(mean(.decorrelated, retry: 9, previous: nil) - 2) < 0.1)
    }

    /// What makes it decorrelated: the same retry draws from another band after another delay.
    @Test func `a decorrelated delay depends on the one before and on nothing else`() {
        let backOff = BackOff(jitter: .decorrelated, firstSeconds: 1, mostSeconds: 1000, factor: 2)
        for (previous, most) in [(1.0, 3.0), (10, 30), (400, 1000), (1000, 1000)] {
            for retry in [0, 5, UInt64.max] {
                var high = ConstantGenerator(value: .max)
                var low = ConstantGenerator(value: 1)
                let above = backOff.delay(retry: retry, previous: previous, using: &high)
                let below = backOff.delay(retry: retry, previous: previous, using: &low)
                #expect(abs(above - most) < most * 1e-9 && below == 1)
            }
        }
    }

    @Test func `chance never makes a delay of nothing`() {
        var low = ConstantGenerator(value: 1)
        let backOff = BackOff(jitter: .full, firstSeconds: 5, mostSeconds: 5)
        #expect(backOff.delay(retry: 0, previous: nil, using: &low) == BackOff.least)
    }
}
