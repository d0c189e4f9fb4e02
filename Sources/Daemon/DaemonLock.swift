internal import Glibc
internal import Smelt

/// One daemon works with a store: a lock in `smelt.db.daemon`, with its number for who wants to signal it.
package struct DaemonLock: ~Copyable {
    private let lock: Lock

    static func path(_ store: String) -> String { "\(store).daemon" }

    init(_ store: String) throws {
        let path = Self.path(store)
        let deadline = monotonicSeconds() + 5
        var attempt = try Lock.attempt(path, .exclusive, creating: true)
        while attempt == nil {
            let pid = Self.text(in: path)
            let isAlive = pid.flatMap { Int32($0) }.map { HostProcess.find($0) != nil } ?? false
            guard !isAlive, monotonicSeconds() < deadline else {
                throw DaemonFault.taken(store, pid: pid ?? "unknown")
            }
            // A child that a killed daemon was just starting has a copy of the lock until it executes.
            poll(nil, 0, 5)
            attempt = try Lock.attempt(path, .exclusive, creating: true)
        }
        guard let lock = attempt.take() else { throw DaemonFault.taken(store, pid: "unknown") }
        ftruncate(lock.number, 0)
        let text = Array("\(getpid())\n".utf8)
        _ = text.withUnsafeBytes { pwrite(lock.number, $0.baseAddress, $0.count, 0) }
        self.lock = lock
    }

    private static func text(in path: String) -> String? {
        (try? Files.readText(path, upTo: 64)).map { String($0.prefix { $0 != "\n" }) }
    }

    /// Asks the daemon of a store to begin nothing more and to end when what runs has ended; returns when it has.
    package static func drain(_ store: String) throws {
        let path = Self.path(store)
        if Files.exists(path), try Lock.attempt(path, .exclusive) == nil {
            guard let pid = text(in: path).flatMap({ Int32($0) }), pid > 1 else {
                throw SystemFault(EIO, "read", path)
            }
            guard kill(pid, SIGUSR1) == 0 || errno == ESRCH else {
                throw SystemFault(errno, "drain", "process \(pid)")
            }
            _ = try Lock(path, .exclusive)
            return
        }
        throw DaemonFault.noDaemon(store)
    }
}
