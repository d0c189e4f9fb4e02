internal import Glibc
internal import Records
internal import Smelt

/// Holds a command to the limit of what it may put on disks where no quota does: looks at what lies in the places in
/// which it may write, more often the faster that grows and the less is left. Belongs into the loop of whoever waits for
/// the command, since a look at a large tree takes a while: `goOn` does a piece of it.
package final class DiskWatch {
    /// What counts against the limit.
    package enum Counting: Sendable {
        /// All that lies in the places: they are the command's alone.
        case everything
        /// What has been added since the start.
        case growth
    }

    /// When `goOn` has something to do, on the monotonic clock; nil when there is nothing more.
    package private(set) var nextMoment: Double?
    /// The command has put more on disks than it may.
    package private(set) var isOver = false

    private let places: [DiskPlace]
    private let most: Int
    /// Of what was there at the start, bytes.
    private var before = 0
    private var wasTooDeep = false
    private var process: Int32?
    private var look: DiskLook?
    /// Seconds that the look has taken so far.
    private var spent = 0.0
    /// What the last look found, and when it ended.
    private var last = (bytes: 0, moment: 0.0, isOver: false)

    /// Entries at a time: some milliseconds.
    private static let atOnce = 2000
    /// Bytes a second that a command is thought to write until it is known better: those of a fast disk.
    private static let speed = Double(256 << 20)
    /// Seconds between two looks.
    private static let pauses = 0.05...10.0
    /// The part of the time that looks may take.
    private static let share = 0.1

    /// Nil when there is nothing to watch: no limit, or a quota.
    package init?(_ plan: Plan, counting: Counting) throws(SandboxFault) {
        guard let most = plan.limits.diskBytes, plan.diskGuard == .watched else { return nil }
        self.most = most
        do throws(SystemFault) { places = try DiskPlace.all(of: plan) } catch {
            throw .refused(step: .source, object: error.object, number: error.number)
        }
        guard counting == .growth else { return }
        let look = DiskLook(places)
        while !look.goOn(Self.atOnce) {}
        (before, wasTooDeep) = (look.bytes, look.isTooDeep)
    }

    /// The command, or the first process of its sandbox, has started.
    package func begin(_ process: Int32) {
        self.process = process
        last.moment = monotonicSeconds()
        nextMoment = last.moment + pause(bytes: 0, speed: 0)
    }

    /// Does what is to be done now: at most some milliseconds of a look.
    package func goOn() {
        let now = monotonicSeconds()
        guard let moment = nextMoment, now >= moment else { return }
        let look = self.look ?? DiskLook(places)
        let isDone = look.goOn(Self.atOnce)
        self.look = isDone ? nil : look
        spent += monotonicSeconds() - now
        if isDone { conclude(look) } else { nextMoment = now }
    }

    /// Nobody inside lives any more: a last look, which `goOn` does, tells whether all that is left is too much.
    package func end() {
        process = nil
        look = nil
        nextMoment = isOver ? nil : 0
    }

    private func conclude(_ look: DiskLook) {
        let devices = Set(places.map(\.device))
        let deleted = process.map { DeletedFiles.bytes(below: $0, on: devices) } ?? 0
        let bytes = look.bytes - before + deleted
        let tooMuch = bytes > most || (look.isTooDeep && !wasTooDeep)
        let now = monotonicSeconds()
        guard process != nil else {
            isOver = tooMuch
            nextMoment = nil
            return
        }
        // What was moved meanwhile may have been counted twice, so the first time is not believed.
        isOver = tooMuch && last.isOver
        let speed = Double(max(0, bytes - last.bytes)) / max(0.001, now - last.moment)
        let pause =
            tooMuch ? 0 : look.missed ? Self.pauses.lowerBound : pause(bytes: bytes, speed: speed)
        nextMoment = isOver ? nil : now + max(pause, tooMuch ? 0 : spent / Self.share)
        last = (bytes, now, tooMuch)
        spent = 0
    }

    /// Half of the time in which the rest could be written.
    private func pause(bytes: Int, speed: Double) -> Double {
        let time = Double(most - bytes) / max(speed, Self.speed) / 2
        return min(max(time, Self.pauses.lowerBound), Self.pauses.upperBound)
    }
}
