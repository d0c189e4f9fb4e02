internal import CEgress
internal import Glibc
internal import Smelt

/// Somebody who waits for a descriptor.
protocol Watcher: AnyObject {
    func ready(reading: Bool, writing: Bool)
}

/// Somebody whose time may run out.
protocol Timed: AnyObject {
    /// On the loop's clock. It may move away at any time; moving it nearer is told to the loop.
    var deadline: Double { get }
    func expire()
}

/// Waits for descriptors and clocks in one thread. It does not wake up while nothing happens and nothing is due.
final class Loop {
    private let poll: Int32
    private var watchers: [(watcher: (any Watcher)?, generation: UInt32)] = []
    private var free: [Int] = []
    private var timed: [ObjectIdentifier: any Timed] = [:]
    private var nextCheck = Double.infinity
    /// Monotonic seconds at the beginning of this turn.
    private(set) var now = monotonicSeconds()
    /// Called each turn: milliseconds until something else is due, -1 for never.
    var other: (() -> Int32)?
    /// What is read lands here first.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 131_072, alignment: 16)

    init() throws(SystemFault) {
        poll = egress_poll_make()
        guard poll >= 0 else { throw SystemFault(errno, "wait for", "sockets") }
    }

    deinit {
        close(poll)
        buffer.deallocate()
    }

    /// Stays watched until `forget`, also when the descriptor is closed before. `known` is one that was watched for
    /// somebody else and not closed since.
    func watch(
        _ number: Int32, reading: Bool, writing: Bool, _ watcher: any Watcher, known: Bool = false
    ) -> UInt64 {
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            watchers[slot].watcher = watcher
        } else {
            slot = watchers.count
            watchers.append((watcher, 0))
        }
        let mark = UInt64(watchers[slot].generation) << 32 | UInt64(slot)
        if known {
            change(number, mark, reading: reading, writing: writing)
        } else {
            _ = egress_poll_add(poll, number, Self.wanted(reading, writing), mark)
        }
        return mark
    }

    func change(_ number: Int32, _ mark: UInt64, reading: Bool, writing: Bool) {
        _ = egress_poll_change(poll, number, Self.wanted(reading, writing), mark)
    }

    /// To be called before the descriptor is closed and its number given to another.
    func forget(_ mark: UInt64) {
        let slot = Int(mark & 0xFFFF_FFFF)
        watchers[slot].watcher = nil
        // What is ready of the old one in this turn does not reach the next one.
        watchers[slot].generation &+= 1
        free.append(slot)
    }

    func time(_ somebody: any Timed) {
        timed[ObjectIdentifier(somebody)] = somebody
        sooner(somebody.deadline)
    }

    func sooner(_ deadline: Double) { nextCheck = min(nextCheck, deadline) }

    func untime(_ somebody: any Timed) { timed[ObjectIdentifier(somebody)] = nil }

    func turn() {
        var wait = other?() ?? -1
        if nextCheck.isFinite {
            let left = Int32(min(max(0, (nextCheck - monotonicSeconds()) * 1000 + 1), 3e8))
            wait = wait < 0 ? left : min(wait, left)
        }
        withUnsafeTemporaryAllocation(of: egress_event.self, capacity: 64) { events in
            guard let first = events.baseAddress else { return }
            let count = egress_poll_wait(poll, first, wait)
            now = monotonicSeconds()
            for event in events.prefix(Int(max(0, count))) {
                let slot = Int(event.mark & 0xFFFF_FFFF)
                guard watchers[slot].generation == UInt32(event.mark >> 32) else { continue }
                let watcher = watchers[slot].watcher
                watcher?.ready(
                    reading: event.ready & EGRESS_READ != 0,
                    writing: event.ready & EGRESS_WRITE != 0)
            }
        }
        if now >= nextCheck { check() }
    }

    private func check() {
        for somebody in timed.values where somebody.deadline <= now { somebody.expire() }
        nextCheck = timed.values.reduce(Double.infinity) { min($0, $1.deadline) }
        // Somebody who did not go away is asked again a little later.
        nextCheck = max(nextCheck, now + 0.01)
    }

    private static func wanted(_ reading: Bool, _ writing: Bool) -> Int32 {
        (reading ? EGRESS_READ : 0) | (writing ? EGRESS_WRITE : 0)
    }
}
