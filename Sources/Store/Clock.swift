internal import Glibc
internal import Smelt

/// Now, on both clocks: times that people name are on the one that may jump, leases on the one that only goes on. A lease
/// from before the machine was started is over.
package struct Instant: Sendable, Equatable {
    /// Milliseconds since 1970.
    package var wall: Int64
    /// Milliseconds since the machine was started, its sleep included.
    package var steady: Int64
    private let named: String?

    /// Which start of the machine that was.
    package var boot: String { named ?? Machine.boot }

    package init(wall: Int64, steady: Int64, boot: String? = nil) {
        self.wall = wall
        self.steady = steady
        named = boot
    }
}

extension Instant {
    /// Now.
    package static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        let steady = Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        return Instant(wall: Timestamp.now.milliseconds, steady: steady)
    }

    /// Whether the clock that may jump has gone on since as the other one has.
    package var isOfThisClock: Bool {
        let now = Instant.now()
        return abs((now.wall - now.steady) - (wall - steady)) < Self.longestDrift
    }

    /// Milliseconds by which the clocks may part within a turn, by adjtime(3).
    private static let longestDrift: Int64 = 1000
}
