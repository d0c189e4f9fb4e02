internal import CSystem
internal import Glibc
internal import Manifest
internal import Smelt
internal import Store

/// The queue directory. A manifest that is dropped there becomes a job and goes to `dispatched/`, one that is wrong to
/// `rejected/` with the reason beside it.
///
/// A file counts when whoever wrote it has closed it, or when it was moved there; what was linked there, or is there at the start,
/// when it has not changed for a moment. First it is moved to `.taken/` under a name that no other ever has, then the job is
/// added with that name as a label, then it goes to `dispatched/`. Whoever is killed or hindered in between leaves a file in
/// `.taken/`; the label tells whether its job was added.
final class Intake {
    let directory: String
    let actor: Actor
    private let events: Descriptor
    /// -1 while the directory is not there, or is another one than that which was watched.
    private var watch: Int32 = -1
    /// Names to be looked at now, in the order in which they came.
    private var ready: [String: Int] = [:]
    /// Names that may still be written to, or that could not be taken, with what their files looked like.
    private var unsettled: [String: Look] = [:]
    private var isUnread = true
    /// In monotonic seconds, each nil when nothing is due: when the unsettled are looked at, when what lies in `.taken/` is
    /// tried again, and when the directory is looked for.
    private var settleAt: Double?
    private var retryAt: Double? = 0
    private var watchAt: Double?
    /// What was told of each name, and of the directory, which has none: again and again it helps nobody.
    private var told: [String: String] = [:]

    static let label = "file"
    /// For so long a file must not have changed, and so long after a failure it is tried again, seconds.
    private static let settling = 1.0
    static let taken = ".taken", dispatched = "dispatched", rejected = "rejected"

    private struct Look: Equatable {
        let size: Int
        let seconds: Int
        let nanoseconds: Int
    }

    init(_ path: String, by actor: Actor) throws {
        directory = path
        self.actor = actor
        events = Descriptor(owning: inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK)))
        guard events.number >= 0 else { throw SystemFault(errno, "watch", path) }
        try begin()
    }

    /// Makes the directory where it is not there, and watches it.
    private func begin() throws {
        try Files.makeDirectories(directory)
        var facts = stat()
        guard stat(directory, &facts) == 0 else { throw SystemFault(errno, "look at", directory) }
        guard facts.st_uid == geteuid() || facts.st_uid == 0 else {
            throw DaemonFault.foreign(directory)
        }
        guard facts.st_mode & S_IWOTH == 0 else { throw DaemonFault.openToOthers(directory) }
        try makePlaces()
        let wanted = UInt32(
            IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
        watch = inotify_add_watch(events.number, directory, wanted)
        guard watch >= 0 else { throw SystemFault(errno, "watch", directory) }
        (isUnread, retryAt, watchAt) = (true, 0, nil)
    }

    private func makePlaces() throws(SystemFault) {
        for name in [Self.taken, Self.dispatched, Self.rejected] {
            try Files.makeDirectories("\(directory)/\(name)")
        }
    }

    var descriptor: Int32 { events.number }

    /// When to come back, in monotonic seconds, if nothing is told before; nil is never.
    var lookAt: Double? {
        watch < 0 ? watchAt : [settleAt, retryAt].compactMap { $0 }.min()
    }

    /// Takes what the kernel tells.
    func note() {
        Inotify.drain(events.number) { from, mask, name in
            if mask & UInt32(IN_Q_OVERFLOW) != 0 { isUnread = true }
            guard from == watch else { return }
            if mask & UInt32(IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED) != 0 {
                // What was moved away is somebody else's; who made room for another one gets the time to put it there.
                inotify_rm_watch(events.number, watch)
                (watch, watchAt) = (-1, monotonicSeconds() + Self.settling)
            } else if Self.isManifest(name) {
                if mask & UInt32(IN_CREATE) == 0 {
                    getReady(name)
                } else if isWritten(name) == false {
                    wait(for: name)
                }
            }
        }
    }

    /// Whether somebody writes it, whose close will be told; nil where that cannot be known.
    private func isWritten(_ name: String) -> Bool? {
        let path = "\(directory)/\(name)"
        var facts = stat()
        guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return false }
        let file = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let answer = system_is_written(file)
        return answer < 0 ? nil : answer > 0
    }

    private func getReady(_ name: String) { ready[name] = ready[name] ?? ready.count }

    private static func isManifest(_ name: String) -> Bool {
        name.hasSuffix(".toml") && !name.hasPrefix(".")
    }

    func turn(_ store: Store, _ server: Server, _ now: Instant) throws(StoreFault) {
        if isDue(watchAt) { watchAgain() }
        if watch < 0 { return }
        if isUnread { readAll() }
        if isDue(settleAt) { settle() }
        let isRetried = isDue(retryAt)
        if isRetried { try? makePlaces() }
        var names = isRetried ? Files.names(in: "\(directory)/\(Self.taken)") : []
        names += takeReady()
        let later = isRetried ? nil : retryAt
        // Who is hindered by the store comes back to all of them.
        retryAt = names.isEmpty ? later : 0
        var isDone = true
        for name in names {
            if try !admit(name, store, server, now) { isDone = false }
        }
        retryAt = isDone ? later : monotonicSeconds() + Self.settling
    }

    private func isDue(_ time: Double?) -> Bool { time.map { $0 <= monotonicSeconds() } ?? false }

    /// Tells a fault of a file, once.
    func tell(_ fault: any Fault, of name: String = "") {
        if told[name] != "\(fault)" { say("smelt-queue: \(fault)\n") }
        told[name] = "\(fault)"
    }

    func forget(_ name: String) { told[name] = nil }

    private func watchAgain() {
        do {
            try begin()
            forget("")
        } catch let fault as any Fault {
            tell(fault)
            watchAt = monotonicSeconds() + Self.settling
        } catch {}
    }

    /// What is there at the start counts when it has settled.
    private func readAll() {
        isUnread = false
        for name in Files.names(in: directory) where Self.isManifest(name) && ready[name] == nil {
            wait(for: name)
        }
    }

    private func wait(for name: String) {
        unsettled[name] = look(name)
        if unsettled[name] != nil { settleAt = settleAt ?? 0 }
    }

    /// Nil when it is gone.
    private func look(_ name: String) -> Look? {
        var facts = stat()
        guard lstat("\(directory)/\(name)", &facts) == 0 else {
            if errno == ENOENT, name.contains("\u{FFFD}") {
                tell(IntakeFault.noText(name), of: name)
            }
            return nil
        }
        return Look(
            size: Int(facts.st_size), seconds: facts.st_mtim.tv_sec,
            nanoseconds: facts.st_mtim.tv_nsec)
    }

    /// What has not changed for a moment counts.
    private func settle() {
        settleAt = nil
        let now = Timestamp.now.seconds
        for (name, before) in unsettled.sorted(by: { $0.key < $1.key }) {
            guard let after = look(name) else {
                unsettled[name] = nil
                continue
            }
            let age = now - Double(after.seconds) - Double(after.nanoseconds) / 1e9
            // A time that has not come yet says nothing of how long ago it was.
            let isStill = after == before && (age >= Self.settling || age < 0)
            if isStill, isWritten(name) != true {
                getReady(name)
            } else {
                unsettled[name] = after
                settleAt = monotonicSeconds() + Self.settling
            }
        }
    }

    /// Moves what is ready to where nobody else takes it; the names there.
    private func takeReady() -> [String] {
        var names: [String] = []
        for name in ready.sorted(by: { $0.value < $1.value }).map(\.key) {
            unsettled[name] = nil
            do throws(SystemFault) {
                if let taken = try take(name) { names.append(taken) }
            } catch {
                tell(error, of: name)
                wait(for: name)
                settleAt = monotonicSeconds() + Self.settling
            }
        }
        ready = [:]
        guard !names.isEmpty else { return names }
        // Else a file could be back after a power cut, and its job there all the same.
        try? Files.syncDirectory("\(directory)/\(Self.taken)")
        try? Files.syncDirectory(directory)
        return names
    }

    /// Its name in `.taken/`; nil where it is no file or gone.
    private func take(_ name: String) throws(SystemFault) -> String? {
        guard look(name) != nil, !isDirectory(name) else { return nil }
        let path = "\(directory)/\(name)"
        let taken = "\(RunID.make())-\(Self.short(name))"
        guard rename(path, "\(directory)/\(Self.taken)/\(taken)") == 0 else {
            let fault = SystemFault(errno, "take", path)
            guard fault.number == ENOENT else { throw fault }
            if look(name) == nil { return nil }
            // The file is there: then what is not is where it is to go.
            try makePlaces()
            throw fault
        }
        forget(name)
        return taken
    }

    private func isDirectory(_ name: String) -> Bool {
        var facts = stat()
        return lstat("\(directory)/\(name)", &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    /// With the name before it, it must stay a file name.
    private static func short(_ name: String) -> String {
        name.utf8.count <= 200 ? name : "\(SHA256.digest(name.utf8).prefix(32)).toml"
    }
}
