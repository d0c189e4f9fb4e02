internal import Glibc
internal import Manifest
internal import Records
internal import Smelt
internal import Store
internal import Toml

/// The queue directory. A manifest that is dropped there becomes a job and goes to `dispatched/`, one that is wrong to
/// `rejected/` with the reason beside it.
///
/// A file counts when whoever wrote it has closed it, or when it was moved there; what is there at the start when it has not
/// changed for a moment. First it is moved to `.taken/` under a name that no other ever has, then the job is added with that
/// name as a label, then it goes to `dispatched/`. Whoever is killed in between leaves a file in `.taken/`; the label tells
/// whether its job was added.
final class Intake {
    let directory: String
    private let events: Descriptor
    /// Names to be looked at now.
    private var ready: Set<String> = []
    /// Names that may still be written to, with what their files looked like.
    private var unsettled: [String: Look] = [:]
    private var isUnread = true
    /// When the unsettled are looked at, in monotonic seconds.
    private(set) var lookAt: Double?

    static let label = "file"
    /// For so long a file must not have changed, seconds.
    private static let settling = 1.0
    static let taken = ".taken", dispatched = "dispatched", rejected = "rejected"

    private struct Look: Equatable {
        let size: Int
        let seconds: Int
        let nanoseconds: Int
    }

    init(_ path: String) throws {
        directory = path
        try Files.makeDirectories(path)
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw SystemFault(errno, "look at", path) }
        guard facts.st_uid == geteuid() || facts.st_uid == 0 else {
            throw DaemonFault.foreign(path)
        }
        guard facts.st_mode & S_IWOTH == 0 else { throw DaemonFault.openToOthers(path) }
        for name in [Self.taken, Self.dispatched, Self.rejected] {
            try Files.makeDirectories("\(path)/\(name)")
        }
        events = Descriptor(owning: inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK)))
        let wanted = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR)
        guard events.number >= 0, inotify_add_watch(events.number, path, wanted) >= 0 else {
            throw SystemFault(errno, "watch", path)
        }
    }

    var descriptor: Int32 { events.number }

    /// Takes what the kernel tells.
    func note() {
        Inotify.drain(events.number) { _, mask, name in
            if mask & UInt32(IN_Q_OVERFLOW) != 0 { isUnread = true }
            if Self.isManifest(name) { ready.insert(name) }
        }
    }

    private static func isManifest(_ name: String) -> Bool {
        name.hasSuffix(".toml") && !name.hasPrefix(".")
    }

    func turn(_ store: Store, _ server: Server, _ now: Instant) throws(StoreFault) {
        if isUnread { try readAll(store, server, now) }
        if let time = lookAt, time <= monotonicSeconds() { settle() }
        while let name = ready.first {
            if let taken = take(name) { try admit(taken, store, server, now) }
            ready.remove(name)
            unsettled[name] = nil
        }
    }

    /// What is there at the start, and what a daemon before was about to add.
    private func readAll(_ store: Store, _ server: Server, _ now: Instant) throws(StoreFault) {
        for name in Files.names(in: "\(directory)/\(Self.taken)") {
            try admit(name, store, server, now)
        }
        for name in Files.names(in: directory) where Self.isManifest(name) {
            if !ready.contains(name) { unsettled[name] = look(name) }
        }
        if !unsettled.isEmpty { settle() }
        isUnread = false
    }

    private func look(_ name: String) -> Look? {
        var facts = stat()
        guard lstat("\(directory)/\(name)", &facts) == 0 else { return nil }
        return Look(
            size: Int(facts.st_size), seconds: facts.st_mtim.tv_sec,
            nanoseconds: facts.st_mtim.tv_nsec)
    }

    /// What has not changed for a moment counts.
    private func settle() {
        lookAt = nil
        let now = Timestamp.now.seconds
        for (name, before) in unsettled {
            guard let after = look(name) else {
                unsettled[name] = nil
                continue
            }
            let age = now - Double(after.seconds) - Double(after.nanoseconds) / 1e9
            // A time that has not come yet says nothing of how long ago it was.
            if after == before, age >= Self.settling || age < 0 {
                ready.insert(name)
            } else {
                unsettled[name] = after
                lookAt = monotonicSeconds() + Self.settling
            }
        }
    }

    /// Moves a file to where nobody else takes it; its name there, nil where it is none or gone.
    private func take(_ name: String) -> String? {
        let path = "\(directory)/\(name)"
        var facts = stat()
        guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT != S_IFDIR else { return nil }
        let taken = "\(RunID.make())-\(Self.short(name))"
        guard rename(path, "\(directory)/\(Self.taken)/\(taken)") == 0 else {
            if errno != ENOENT { say("smelt-queue: \(SystemFault(errno, "take", path))\n") }
            return nil
        }
        // Else the file could be back after a power cut, and its job there all the same.
        try? Files.syncDirectory("\(directory)/\(Self.taken)")
        try? Files.syncDirectory(directory)
        return taken
    }

    /// With the name before it, it must stay a file name.
    private static func short(_ name: String) -> String {
        name.utf8.count <= 200 ? name : "\(SHA256.digest(name.utf8).prefix(32)).toml"
    }
}
