import Smelt
import Testing

@testable import Store

@Suite struct ModelTests {
    /// Another stretch of seeds with SMELT_TEST_SEED; what is printed repeats the one that failed.
    @Test(arguments: 0..<8) func `store and model agree`(part: Int) throws {
        let first = seed(part)
        for seed in first..<first + 250 {
            var agreement = try Agreement(seed: seed)
            if let wrong = try agreement.run(steps: 60) {
                Issue.record("SMELT_TEST_SEED=\(seed): \(wrong)")
                return
            }
        }
    }

    private func seed(_ part: Int) -> UInt64 {
        let given = Environment.nonEmpty("SMELT_TEST_SEED").flatMap { UInt64($0) }
        return (given ?? 1) &+ UInt64(part) * 1_000_000
    }
}
