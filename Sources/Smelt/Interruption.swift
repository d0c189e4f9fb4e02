internal import CSystem
internal import Glibc
internal import Synchronization

/// INT and TERM as something to wait for. A stage finishes its bookkeeping after the first one; the
/// second means at once.
package enum Interruption {
    private static let count = Atomic<Int>(0)
    private static let first = Atomic<Int32>(0)
    private static let ignored = Atomic<Int>(0)
    private static let writing = Atomic<Int32>(-1)
    private static let reading = Atomic<Int32>(-1)

    /// Catches INT and TERM (also where they came ignored) and ignores PIPE, so that a closed
    /// output is an answer of `write`. To be called once, before anything is waited for.
    package static func install() {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [-1, -1]
        // Without it signals still cut waiting short; they only may come a moment too early for that.
        if system_pipe2(&ends, O_CLOEXEC | O_NONBLOCK) == 0 {
            reading.store(ends[0], ordering: .releasing)
            writing.store(ends[1], ordering: .releasing)
        }
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in
            Interruption.note(number)
        }
        sigaction(SIGINT, &action, nil)
        sigaction(SIGTERM, &action, nil)
    }

    /// Makes a signal that interrupts nothing readable from `descriptor`, too.
    package static func wake(by number: Int32) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in Interruption.wake() }
        sigaction(number, &action, nil)
    }

    private static func wake() {
        let saved = errno
        var byte: UInt8 = 0
        _ = write(writing.load(ordering: .acquiring), &byte, 1)
        errno = saved
    }

    /// Async-signal-safe: atomics and one `write`.
    private static func note(_ number: Int32) {
        let before = count.add(1, ordering: .acquiringAndReleasing).oldValue
        if before == 0 { first.store(number, ordering: .releasing) }
        if before >= ignored.load(ordering: .acquiring) { wake() }
    }

    /// For what must be done in any case: the first signal, which is for the others, stops nothing
    /// here.
    package static func ignoreFirst() { ignored.store(1, ordering: .releasing) }

    /// How many came so far.
    package static var signals: Int { count.load(ordering: .acquiring) }

    /// The status to end with, nil when none came that counts.
    package static var exit: Exit? {
        guard signals > ignored.load(ordering: .acquiring) else { return nil }
        return first.load(ordering: .acquiring) == SIGTERM ? .terminated : .interrupted
    }

    /// Readable from the first signal on (nobody drains it); -1 before `install`.
    package static var descriptor: Int32 { reading.load(ordering: .acquiring) }

    /// Takes the wake-ups that came out of the descriptor, for a loop that waits for the next.
    package static func drain() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(descriptor, &bytes, bytes.count) > 0 {}
    }

    package static func check() throws(Cancelled) {
        if let exit { throw Cancelled(exit) }
    }
}
