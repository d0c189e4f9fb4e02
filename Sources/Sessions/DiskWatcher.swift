internal import Glibc
internal import Runtimes
internal import Sandbox
internal import Smelt

/// Who looks at how much a place on an engine has on disk, beside its container. He comes while the session runs already,
/// so nobody waits for him before its end.
final class DiskWatcher {
    private let connection: InsideConnection
    /// What was there before somebody else's programs ran.
    private let before: DiskFound
    /// Of the step that runs.
    private var watch: DiskWatch?
    /// He has to say something by then, on the monotonic clock.
    private var deadline: Double?
    /// Why he does not look any more, and when that was.
    private var lost: (reason: String, moment: Double)?

    /// Seconds of silence after which he is not there; an engine that makes many containers takes some for the first.
    private static let patience = 60.0
    /// Seconds in which the container that he is beside is known to be gone, if that is the reason.
    private static let doubt = 1.0

    init(_ connection: InsideConnection, above before: DiskFound) {
        self.connection = connection
        self.before = before
    }

    /// Has a program watched that starts now and may add so many bytes.
    func begin(most: Int) -> DiskWatch {
        let watch = DiskWatch(most: most, above: before) { [weak self] enough in
            self?.ask(enough)
        }
        if lost != nil { watch.giveUp() } else { watch.begin() }
        self.watch = watch
        return watch
    }

    private func ask(_ enough: Int) {
        connection.ask(.look(enough: enough))
        deadline = monotonicSeconds() + Self.patience
    }

    /// Readable when he has found something; -1 where nobody need listen.
    var descriptor: Int32 { lost == nil ? connection.descriptor : -1 }
    /// Writable when what was asked can go.
    var writing: Int32 { connection.wantsToWrite ? connection.writing : -1 }
    func push() { connection.push() }

    func hear(now: Double) throws {
        for answer in try connection.answers() {
            guard case .looked(let found) = answer else { throw RuntimeFault.badAnswer }
            deadline = now + Self.patience
            guard let found else { continue }
            deadline = nil
            watch?.take(found)
        }
        if !connection.isOpen { lose(connection.reason, now: now) }
    }

    func tick(now: Double) {
        if let deadline, now >= deadline { lose("nobody has answered", now: now) }
    }

    private func lose(_ reason: String, now: Double) {
        guard lost == nil else { return }
        lost = (reason, now)
        deadline = nil
    }

    /// When `tick` or `loss` has something to say.
    var nextMoment: Double? { deadline ?? lost.map { $0.moment + Self.doubt } }

    /// Why nobody looks any more, once and for all.
    func loss(now: Double) -> String? {
        guard let lost, now >= lost.moment + Self.doubt else { return nil }
        watch?.giveUp()
        return lost.reason
    }
}
