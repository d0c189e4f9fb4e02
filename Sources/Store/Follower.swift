internal import Glibc
internal import Smelt

/// Waits for news in the file of a store, without a look at it while there is none.
///
/// Every commit rings the `Bell`, and that wakes at once. Who was killed between his commit and the bell has rung it for
/// nobody: hence a write to the log beside the file, which comes before the commit counts, is followed by looks a little later.
package final class Follower {
    private let events: Descriptor
    /// When to look although nobody rang, the next first.
    private var late: [Double] = []
    private let delays: [Double]

    package enum News: Sendable, Equatable {
        /// Something may have been committed.
        case committed
        /// The file was moved or removed, by somebody who should not have. A restore is never that: it waits until nobody has
        /// the file open.
        case replaced
        case nothing
    }

    /// The store must be open, so that its log is there. To be made before the first look: nothing that comes in between is
    /// missed.
    package init(_ path: String, delays: [Double] = [0.05, 5]) throws(StoreFault) {
        self.delays = delays
        events = Descriptor(owning: inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK)))
        guard events.number >= 0 else { throw .failed(SystemFault(errno, "watch", path)) }
        let wanted = UInt32(IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF)
        guard inotify_add_watch(events.number, path, wanted) >= 0 else {
            throw .failed(SystemFault(errno, "watch", path))
        }
        // Only makes a rare case quicker.
        _ = inotify_add_watch(events.number, "\(path)-wal", UInt32(IN_MODIFY))
    }

    /// Readable when there is news, for loops that wait for more than this.
    package var descriptor: Int32 { events.number }

    /// Seconds after which a loop has to look whatever the descriptor says; nil is never.
    package var patience: Double? { late.first.map { max(0, $0 - monotonicSeconds()) } }

    /// Waits at most so many seconds, for ever with nil; a signal ends it with `nothing`, and so does another descriptor that can be
    /// read.
    package func wait(_ seconds: Double? = nil, or other: Int32 = -1) -> News {
        let end = seconds.map { monotonicSeconds() + $0 }
        while true {
            let now = monotonicSeconds()
            if let time = late.first, time <= now {
                late.removeFirst()
                return .committed
            }
            if let end, end <= now { return .nothing }
            let until = [late.first, end].compactMap { $0 }.min()
            var waiting = [events.number, other].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            let pause = until.map { Int32(min(1e9, ((($0 - now) * 1000).rounded(.up)))) } ?? -1
            let ready = poll(&waiting, 2, pause)
            if ready < 0 { return .nothing }
            if ready > 0, let news = take() { return news }
            if waiting[1].revents != 0 { return .nothing }
        }
    }

    /// What came; nil when it was only a write that may become a commit.
    package func take() -> News? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var news: News?
        while true {
            let count = read(events.number, &buffer, buffer.count)
            guard count > 0 else { break }
            buffer.withUnsafeBytes { bytes in
                var at = 0
                while at + 16 <= count {
                    let mask = bytes.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self)
                    let length = bytes.loadUnaligned(fromByteOffset: at + 12, as: UInt32.self)
                    if mask & UInt32(IN_MOVE_SELF | IN_DELETE_SELF) != 0 {
                        news = .replaced
                    } else if mask & UInt32(IN_ATTRIB) != 0, news == nil {
                        news = .committed
                    }
                    at += 16 + Int(length)
                }
            }
        }
        // From its first write to its end a commit mostly takes less than the first of them, and on a slow disk than the second.
        // What takes longer still, by somebody who dies before he rings, is noticed with whatever comes next.
        if news == nil { late = delays.map { monotonicSeconds() + $0 } }
        if news == .committed { late = [] }
        return news
    }
}
