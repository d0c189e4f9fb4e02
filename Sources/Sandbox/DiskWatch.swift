internal import Glibc
internal import Records
package import Smelt

/// What a look found.
package struct DiskFound: Equatable, Sendable {
    package var bytes: Int
    /// A directory was not where it had been seen a moment before.
    package var missed: Bool
    /// Something can never be looked at: it lies too deep, is moved out of the way each time, or is too much.
    package var isBeyond: Bool
    /// How long it took.
    package var seconds: Double

    package init(bytes: Int, missed: Bool = false, isBeyond: Bool = false, seconds: Double = 0) {
        self.bytes = bytes
        self.missed = missed
        self.isBeyond = isBeyond
        self.seconds = seconds
    }
}

/// Holds a command to the limit of what it may put on disks where no quota does: looks at what lies in the places in
/// which it may write, more often the faster that grows and the less is left. Belongs into the loop of whoever waits for
/// the command, since a look at a large tree takes a while: `goOn` does a piece of it. Where the places are elsewhere,
/// `goOn` has somebody look there, and `take` hears what he found.
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
    /// What was there at the start.
    private var before = DiskFound(bytes: 0)
    private var isLiving = false
    private var process: Int32?
    private var look: DiskLook?
    /// Seconds that the look has taken so far.
    private var spent = 0.0
    private let ask: ((_ enough: Int) -> Void)?
    /// Somebody is asked and has not answered; what he finds is from a time that is past.
    private var asked: (isPending: Bool, isStale: Bool) = (false, false)
    private var isGivenUp = false
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
        ask = nil
        do throws(SystemFault) { places = try DiskPlace.all(of: plan) } catch {
            throw .refused(step: .source, object: error.object, number: error.number)
        }
        guard counting == .growth else { return }
        let look = DiskLook(places)
        while !look.goOn(Self.atOnce) {}
        before = look.found
    }

    /// Holds what is elsewhere to `most` bytes more than there were `before`. Whoever is asked looks there once and answers,
    /// as soon as he can; he may stop when there are more than `enough` bytes.
    package init(most: Int, above before: DiskFound, asking ask: @escaping (_ enough: Int) -> Void)
    {
        self.most = most
        self.before = before
        self.ask = ask
        places = []
    }

    /// Bytes in a directory of the host's, without what is beneath `hidden` in it.
    package static func bytes(in path: String, hidden: [String] = []) throws(SystemFault) -> Int {
        let look = DiskLook([try DiskPlace(path, hidden: hidden)])
        while !look.goOn(atOnce) {}
        return look.bytes
    }

    /// Nothing is under way or to be done any more.
    package var isDone: Bool { nextMoment == nil && !asked.isPending }

    /// The command, or the first process of its sandbox, has started.
    package func begin(_ process: Int32? = nil) {
        self.process = process
        isLiving = true
        last.moment = monotonicSeconds()
        nextMoment = last.moment + pause(bytes: 0, speed: 0)
    }

    /// Does what is to be done now: at most some milliseconds of a look.
    package func goOn() {
        let now = monotonicSeconds()
        guard let moment = nextMoment, now >= moment else { return }
        if let ask {
            nextMoment = nil
            asked = (true, false)
            let (enough, tooMuch) = most.addingReportingOverflow(before.bytes)
            return ask(tooMuch ? .max : enough)
        }
        let look = self.look ?? DiskLook(places)
        let isDone = look.goOn(Self.atOnce)
        self.look = isDone ? nil : look
        guard isDone else {
            spent += monotonicSeconds() - now
            return nextMoment = now
        }
        var found = look.found
        if let process {
            let deleted = DeletedFiles.look(below: process, on: Set(places.map(\.device)))
            found.bytes += deleted.bytes
            found.isBeyond = found.isBeyond || deleted.isBeyond
        }
        found.seconds = spent + monotonicSeconds() - now
        conclude(found)
        spent = 0
    }

    /// What was found elsewhere.
    package func take(_ found: DiskFound) {
        guard asked.isPending else { return }
        defer { asked = (false, false) }
        if asked.isStale { nextMoment = 0 } else { conclude(found) }
    }

    /// Nobody inside lives any more: a last look, which `goOn` does, tells whether all that is left is too much.
    package func end() {
        (process, isLiving) = (nil, false)
        look = nil
        asked.isStale = asked.isPending
        nextMoment = isOver || isGivenUp || asked.isPending ? nil : 0
    }

    /// Nobody looks any more, now or later.
    package func giveUp() {
        isGivenUp = true
        asked = (false, false)
        nextMoment = nil
    }

    private func conclude(_ found: DiskFound) {
        let bytes = found.bytes - before.bytes
        let tooMuch = bytes > most || (found.isBeyond && !before.isBeyond)
        let now = monotonicSeconds()
        guard isLiving else {
            isOver = tooMuch
            nextMoment = nil
            return
        }
        // What was moved meanwhile may have been counted twice, so the first time is not believed.
        isOver = tooMuch && last.isOver
        let speed = Double(max(0, bytes - last.bytes)) / max(0.001, now - last.moment)
        let pause =
            tooMuch ? 0 : found.missed ? Self.pauses.lowerBound : pause(bytes: bytes, speed: speed)
        nextMoment = isOver ? nil : now + max(pause, tooMuch ? 0 : found.seconds / Self.share)
        last = (bytes, now, tooMuch)
    }

    /// Half of the time in which the rest could be written.
    private func pause(bytes: Int, speed: Double) -> Double {
        let time = Double(most - bytes) / max(speed, Self.speed) / 2
        return min(max(time, Self.pauses.lowerBound), Self.pauses.upperBound)
    }
}
