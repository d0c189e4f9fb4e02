internal import Glibc
internal import Smelt

/// Tells which runs have written something, from their directories (inotify(7)).
final class OutputWatch {
    private let events: Descriptor

    init() throws(SystemFault) {
        events = Descriptor(owning: inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK)))
        guard events.number >= 0 else { throw SystemFault(errno, "watch", "the runs' files") }
    }

    var descriptor: Int32 { events.number }

    /// To be called before the first reading, so that nothing is missed.
    func add(_ directory: String) throws(SystemFault) -> Int32 {
        let wanted = UInt32(IN_MODIFY | IN_CLOSE_WRITE | IN_ONLYDIR)
        let watch = inotify_add_watch(events.number, directory, wanted)
        guard watch >= 0 else { throw SystemFault(errno, "watch", directory) }
        return watch
    }

    func remove(_ watch: Int32) {
        guard watch >= 0 else { return }
        _ = inotify_rm_watch(events.number, watch)
    }

    /// The watches of which something was told; nil when too much was told to be kept, and all have to be looked at.
    func take() -> Set<Int32>? {
        var watches: Set<Int32> = []
        var isAll = false
        Inotify.drain(events.number) { watch, mask, _ in
            if mask & UInt32(IN_Q_OVERFLOW) != 0 { isAll = true }
            watches.insert(watch)
        }
        return isAll ? nil : watches
    }
}
