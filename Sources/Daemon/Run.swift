internal import CSystem
internal import Glibc
internal import Records
internal import Smelt
internal import Store

/// A run that this daemon looks after: its process, its files, and what is to become of it.
final class Run {
    let claimed: Claimed
    let files: RunFiles
    private let handles: RunHandles
    private(set) var progress: Progress
    private(set) var ending: RunEnding
    private let isChild: Bool
    /// Whose output it is.
    private let session: String

    /// When its files are read, in monotonic seconds; nil while nothing is new in them.
    private(set) var readAt: Double? = 0
    private(set) var hasEnded: Bool
    /// Milliseconds that it took until it wrote last; of one that had ended when it came here.
    private let tookBefore: Int64?
    /// Why it was told to stop.
    private(set) var stop: Stop?
    /// Why, and since when, in monotonic seconds, its files could not be read.
    private var unread: (fault: SystemFault, since: Double)?
    /// When it is killed, or looked at whether all of it is gone, in monotonic seconds.
    private(set) var killAt: Double?
    /// Nothing of it is there any more.
    private var isGone: Bool
    /// How many bytes of it may have come into the log since that was looked at.
    var untrimmed: Int

    enum Stop {
        /// Somebody wants the job to stop.
        case cancelled
        case outOfTime
        /// The daemon is being stopped.
        case givenBack
        /// Its first process ended and said nothing of the run's end: what is left of it goes, too.
        case headless
        /// Our word of it counts no more: it ends, and nothing is told of it.
        case disowned
    }

    var lease: Lease { claimed.lease }
    /// Tells when it has written something; -1 where nothing does, so that it is looked at again and again.
    var watch: Int32 = -1

    /// It was begun before this start of the machine, or in another container: numbers of processes mean others there.
    private let isOfBefore: Bool

    /// One that was begun by this process, or with `isChild` false by one that is gone; with `isGone` before this start of
    /// the machine, so that only its files are left.
    init(
        _ claimed: Claimed, _ files: RunFiles, _ handles: RunHandles, _ progress: Progress,
        isChild: Bool, isGone: Bool = false
    ) {
        self.isGone = isGone
        self.claimed = claimed
        self.files = files
        self.handles = handles
        self.progress = progress
        self.isChild = isChild
        ending = RunEnding(claimed.kind, isPlanned: handles.given != nil)
        session = Self.session(of: claimed)
        hasEnded = handles.process.number < 0
        let last = hasEnded ? handles.lastWrite : nil
        tookBefore = last.map { max(0, $0 - progress.began) }
        isOfBefore = isGone
        // What came before is not known.
        untrimmed = isChild && claimed.lease.attempt == 1 ? 0 : .max / 2
    }

    /// Readable when the process has ended.
    var handle: Int32 { handles.process.number }

    /// As smelt-exec names it in its records.
    private static func session(of claimed: Claimed) -> String {
        guard claimed.kind == .command, let words = try? CommandWords.read(claimed.body) else {
            return claimed.name
        }
        return Files.name(of: words[0])
    }

    /// Milliseconds on the clock that does not jump, after which the job's time is over.
    var deadline: Int64? { claimed.timeout.map { progress.beganSteady + $0 } }

    /// Milliseconds since it began, on that clock; not those in which it had ended and nobody looked.
    func took(_ now: Instant) -> Int64 {
        // Of another start of the machine, whose steady clock is not ours.
        if isOfBefore { return tookBefore ?? 0 }
        let most = max(0, now.steady - progress.beganSteady)
        return tookBefore.map { min($0, most) } ?? most
    }

    /// The process has ended; it is reaped when nothing of it is needed any more.
    func noteEnd() {
        hasEnded = true
        readAt = 0
    }

    /// It has written something. What comes close together is written together, most often with the run's end, for each commit is a
    /// sync of the disk; a line that comes alone is written at once.
    func noteOutput() {
        readAt = readAt ?? lastRead + Self.spacing
    }

    func readAgain() { readAt = 0 }

    /// When it was read last, or began.
    private var lastRead = monotonicSeconds()
    /// Seconds from one look to the next; with the commit well below the 20 ms after which a follower has to see a line.
    private static let spacing = 0.01

    /// What is new; to be kept by `keep` once it is on the disk.
    func read() throws(SystemFault) -> RunReading {
        lastRead = monotonicSeconds()
        var reading = RunReading(progress, ending)
        reading.given = handles.given
        let isFinal = hasEnded
        let hasOutput = claimed.kind != .manifest
        let line = OutputLine(run: claimed.run, session: session, attempt: ending.attempt)
        // Before what was printed, so that all is here that came before these records.
        let lines = try reading.records(in: handles.records.number, name: files.records)
        let beginning = hasOutput ? RunReading.beginning(of: lines) : 0
        reading.take(records: Array(lines[..<beginning]), run: claimed.run)
        // A command can print before it is written that it has begun.
        if hasOutput, reading.progress.records == 0, lines.isEmpty, !isFinal {
            unread = nil
            return reading
        }
        if hasOutput {
            try reading.take(
                .stdout, from: handles.output.number, line: line, name: files.output,
                isFinal: isFinal)
        }
        try reading.take(
            .stderr, from: handles.errors.number, line: line, name: files.errors, isFinal: isFinal)
        reading.tellExcess(since: progress, session: session, run: claimed.run)
        if !reading.isMore {
            reading.take(records: Array(lines[beginning...]), run: claimed.run, isAll: isGone)
            reading.isMore = lines.count == RunReading.most
        }
        unread = nil
        return reading
    }

    /// What it wrote could not be read this time, and is tried again; whether that is news.
    func isUnread(_ fault: SystemFault) -> Bool {
        let now = monotonicSeconds()
        readAt = now + 1
        defer { unread = (fault, unread?.since ?? now) }
        return unread?.fault != fault
    }

    /// It has ended, and for a minute nobody could read how.
    var isUnreadable: Bool {
        hasEnded && unread.map { $0.since + Self.longestUnread <= monotonicSeconds() } ?? false
    }

    private static let longestUnread = 60.0

    func keep(_ reading: RunReading) {
        progress = reading.progress
        ending = reading.ending
        readAt = reading.isMore ? 0 : watch < 0 ? monotonicSeconds() + 1 : nil
    }

    /// What the store has to know before it is asked to stop for a reason that is not the job's: nil while there is none, or
    /// somebody had a better one.
    func progressToAsk(isDaemonStopping: Bool) -> Progress? {
        guard isUnasked, isDaemonStopping || isHeadless && progress.asked == nil else { return nil }
        var asked = progress
        asked.asked = isDaemonStopping ? .back : .headless
        return asked
    }

    /// It is asked, and the store knows of it.
    func ask(_ asked: Progress, grace: Double) {
        progress = asked
        stop(asked.asked == .back ? .givenBack : .headless, grace: grace)
    }

    /// Whether this daemon, or one before, asked it to stop because it was stopped itself, and nobody for another reason.
    var isAskedBack: Bool { stop == .givenBack || isUnasked && progress.asked == .back }

    /// Whether this daemon, or one before, asked what was left of it to stop, and nobody for another reason.
    var isAskedHeadless: Bool {
        stop == .headless || stop == nil && progress.asked == .headless
    }

    /// Whether it was stopped because its time was over: by this daemon, or by one that nobody can ask any more.
    func isOutOfTime(_ now: Instant) -> Bool {
        if stop == .outOfTime { return true }
        return isUnasked && claimed.timeout.map { took(now) >= $0 } ?? false
    }

    /// Nobody here has asked it to stop.
    private var isUnasked: Bool { stop == nil || stop == .headless }

    /// What of the run is in the log already.
    func recall(_ line: [UInt8]) { ending.recall(line) }

    /// Asks the run to stop, once; who asks again later, for a better reason, is remembered.
    func stop(_ why: Stop, grace: Double) {
        let isFirst = stop == nil || stop == .headless && why != .headless
        if isFirst || why == .disowned { stop = why }
        guard isFirst else { return }
        killAt = monotonicSeconds() + grace
        if hasEnded {
            tellRest()
        } else {
            // Its first process alone: smelt-run tells the others in their order, and what does not is told later.
            _ = system_process_signal(handle, SIGTERM)
        }
    }

    /// What its first process has not told, for it ended first, is told once.
    private func tellRest() {
        guard !isRestTold else { return }
        isRestTold = true
        processes.signal(SIGTERM)
    }

    private var isRestTold = false
    /// Its first process ended without a word of the run's end, and something of it is there still.
    private var isHeadless = false

    /// Ends all of it at once.
    func end() {
        if !hasEnded { _ = system_process_signal(handle, SIGKILL) }
        processes.end()
        killAt = monotonicSeconds() + 1
    }

    /// Whether nothing of the run was there any more before its files were read last, after its first process ended without a
    /// word of the run's end. What is left of it gets the time to say it.
    func wasGone(grace: Double) -> Bool {
        if isGone { return true }
        let now = monotonicSeconds()
        if let checkAt, checkAt > now { return false }
        if let members = processes.members, members.isEmpty {
            // Once more: the last words may have come since.
            isGone = true
            checkAt = 0
        } else {
            isHeadless = true
            // One that nobody asked is told when the store knows of it.
            if !isUnasked || progress.asked != nil {
                stop(.headless, grace: grace)
                tellRest()
            }
            checkAt = now + pause
            pause = min(1, pause * 2)
        }
        return false
    }

    /// When it is looked at again whether what is left of it is gone; each time after a longer pause, for there is nothing to
    /// wait for.
    private(set) var checkAt: Double?
    private var pause = 0.02

    /// What is left of a run whose end is known goes.
    func clear() {
        if isOfBefore { return }
        // A command's or task's rest has ended with its smelt-exec; to look for it would take longer than many a command.
        if !isChild || claimed.kind == .manifest { processes.end() }
        guard isChild else { return }
        // Its number is not another's before it is reaped.
        kill(-leader.pid, SIGKILL)
        reap()
    }

    /// Lets the kernel forget it, when it has ended.
    func reap() {
        guard isChild else { return }
        var status: Int32 = 0
        _ = retrying { waitpid(leader.pid, &status, 0) }
    }

    private var leader: HostProcess { progress.process }
    private var processes: RunSession {
        RunSession(leader: leader, attempt: claimed.run, isOurs: isChild)
    }

    /// The record that a command's or task's log ends with, where the run itself writes none.
    func lastLine(status: Int32, now: Instant) -> [UInt8] {
        let seconds = Double(took(now)) / 1000
        return
            (try? RecordJSON.line(
                RunFinished(status: status, seconds: seconds), run: claimed.run,
                at: Timestamp(milliseconds: now.wall))) ?? []
    }
}
