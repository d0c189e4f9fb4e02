internal import Glibc
import Smelt

/// Wakes up when a file appears in a directory.
struct Watch: ~Copyable {
    private let descriptor: Descriptor
    private let directory: String

    init(_ directory: String) throws(SystemFault) {
        descriptor = try Self.start(directory)
        self.directory = directory
    }

    private static func start(_ directory: String) throws(SystemFault) -> Descriptor {
        let number = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard number >= 0 else { throw SystemFault(errno, "watch", directory) }
        let events = UInt32(IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
        guard inotify_add_watch(number, directory, events) >= 0 else {
            let fault = SystemFault(errno, "watch", directory)
            close(number)
            throw fault
        }
        return Descriptor(owning: number)
    }

    var number: Int32 { descriptor.number }

    /// Takes the events; the caller looks at the directory afterwards.
    func drain() throws(ReviewFault) {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while read(number, &bytes, bytes.count) > 0 {}
        if !Files.exists(directory) { throw .removed(directory) }
    }
}
