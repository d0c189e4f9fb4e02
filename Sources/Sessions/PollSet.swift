internal import Glibc

/// What one turn of the loop waits for, and what to do about each.
struct PollSet: ~Copyable {
    private var entries: [pollfd] = []
    private var actions: [(Int16) throws -> Void] = []

    /// A negative descriptor is left out.
    mutating func add(
        _ descriptor: Int32, _ events: Int32, _ action: @escaping (Int16) throws -> Void
    ) {
        guard descriptor >= 0 else { return }
        entries.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
        actions.append(action)
    }

    /// Waits for one of them or until the moment on the monotonic clock, then acts.
    consuming func wait(until deadline: Double?, now: Double) throws {
        let milliseconds = deadline.map { Int32(min(max(0, ($0 - now) * 1000 + 0.999), 3e8)) } ?? -1
        guard poll(&entries, nfds_t(entries.count), milliseconds) > 0 else { return }
        for (entry, action) in zip(entries, actions) where entry.revents != 0 {
            try action(entry.revents)
        }
    }
}
