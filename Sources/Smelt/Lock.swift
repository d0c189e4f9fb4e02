internal import Glibc

/// A held `flock`: gone when let go, and when the process ends however it ends.
package struct Lock: ~Copyable, Sendable {
    package enum Mode: Sendable { case shared, exclusive }

    private let file: Descriptor

    /// Waits for the lock; a signal ends the wait with `Cancelled` when `Interruption` is installed.
    package init(_ path: String, _ mode: Mode, creating: Bool = false) throws {
        let file = try Self.open(path, creating)
        while flock(file.number, mode.operation) != 0 {
            guard errno == EINTR else { throw SystemFault(errno, "lock", path) }
            try Interruption.check()
        }
        self.init(holding: file)
    }

    /// The lock when nobody holds one against it now, else nil.
    package static func attempt(
        _ path: String, _ mode: Mode, creating: Bool = false
    ) throws(SystemFault) -> Lock? {
        let file = try open(path, creating)
        if flock(file.number, mode.operation | LOCK_NB) == 0 { return Lock(holding: file) }
        guard errno == EWOULDBLOCK else { throw SystemFault(errno, "lock", path) }
        return nil
    }

    /// The exclusive lock on a directory itself, when nobody holds it.
    package static func attempt(onDirectory path: String) throws(SystemFault) -> Lock? {
        let directory = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY)
        if flock(directory.number, LOCK_EX | LOCK_NB) == 0 { return Lock(holding: directory) }
        guard errno == EWOULDBLOCK else { throw SystemFault(errno, "lock", path) }
        return nil
    }

    /// Makes a shared lock exclusive when nobody else holds one; where somebody does, this one may be lost.
    package borrowing func becomesExclusive() -> Bool {
        retrying { flock(file.number, LOCK_EX | LOCK_NB) } == 0
    }

    private static func open(_ path: String, _ creating: Bool) throws(SystemFault) -> Descriptor {
        try Descriptor(opening: path, O_RDWR | (creating ? O_CREAT : 0), mode: 0o600)
    }

    private init(holding file: consuming Descriptor) {
        self.file = file
    }

    // Not by closing alone: a child that another thread starts at this moment has a copy of the descriptor until it
    // executes, and the lock would last as long.
    deinit { flock(file.number, LOCK_UN) }

    /// The open file; only what keeps this alive keeps the lock.
    package var number: Int32 { file.number }
}

extension Lock.Mode {
    fileprivate var operation: Int32 { self == .shared ? LOCK_SH : LOCK_EX }
}
