internal import Glibc
internal import Smelt

/// One daemon works with a store: a lock in `smelt.db.daemon`, with its name for who wants to signal it.
package struct DaemonLock: ~Copyable {
    private let lock: Lock

    static func path(_ store: String) -> String { "\(store).daemon" }

    init(_ store: String, _ owner: Owner) throws {
        let path = Self.path(store)
        let deadline = monotonicSeconds() + 5
        var attempt = try Lock.attempt(path, .exclusive, creating: true)
        while attempt == nil {
            let name = Self.text(in: path)
            guard name.map(Owner.isGone) ?? true, monotonicSeconds() < deadline else {
                let pid = name.flatMap { Owner($0)?.process.pid }
                throw DaemonFault.taken(store, pid: pid.map { "\($0)" } ?? "unknown")
            }
            // A child that a killed daemon was just starting has a copy of the lock until it executes.
            poll(nil, 0, 5)
            attempt = try Lock.attempt(path, .exclusive, creating: true)
        }
        guard let lock = attempt.take() else { throw DaemonFault.taken(store, pid: "unknown") }
        ftruncate(lock.number, 0)
        let text = Array("\(owner.text)\n".utf8)
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
            guard let owner = text(in: path).flatMap({ Owner($0) }), owner.isOfThisNamespace else {
                throw DaemonFault.unknownDaemon(store)
            }
            // One that is gone was just killed, and only what it was starting still has its lock.
            if !owner.process.signal(SIGUSR1), owner.process.isAlive {
                throw SystemFault(EPERM, "drain", "process \(owner.process.pid)")
            }
            _ = try Lock(path, .exclusive)
            return
        }
        throw DaemonFault.noDaemon(store)
    }
}
