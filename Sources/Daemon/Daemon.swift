internal import CSystem
internal import Glibc
package import Manifest
internal import Records
package import Smelt
package import Store

/// The daemon: runs what is in the store, one thread, one loop. It wakes up for signals, for news of the store, for what its
/// runs write and for their ends, for files in the queue directory, and when something is due; else never.
///
/// All that a turn has to write goes in one transaction: lines of runs, their ends, and the beginnings of others. What it does
/// outside of the store follows when that is on the disk.
package final class Daemon {
    let store: Store
    let queue: String
    let owner: Owner
    /// This daemon, for the audit.
    let actor: Actor
    let place: DaemonLock?
    let manager = ServiceManager()
    let signals: Descriptor
    let outputs: OutputWatch
    let clock: Descriptor
    let bells: PassedBells
    var follower: Follower
    var intake: Intake?
    var server: Server
    /// Reads the file anew; nil without one.
    let reload: (() throws -> Server)?
    var start: RunStart
    let spares = SpareDirectories()
    private let filesOfRuns: UInt64?
    /// By the number of the job.
    var runs: [Int64: Run] = [:]
    var leaving: [Leaving] = []
    /// How long the logs may be that are too long, by the number of the job.
    var longLogs: [Int64: Int64] = [:]
    let fleet: Fleet

    var mode = Mode.serving
    /// Somebody else may have changed something.
    var isNews = true
    /// The clock was set, or may have been while nobody looked.
    var isClockNew = true
    /// In monotonic seconds, each nil when nothing is due.
    var heartbeatAt: Double?
    var lookAt: Double?
    /// When what could not be taken over is tried again; and what was told of it.
    var takeOverAt: Double?
    var takeOverFault: SystemFault?
    /// When the spool is tried again, which somebody else had, or with which something was wrong; and what was told of it.
    var spoolAt: Double?
    var spoolFault: StoreFault?
    /// Before that time no job is asked for, for the last question had no answer.
    var claimAt: Double?
    /// After a fault of the store nothing is tried before that time.
    var pausedUntil: Double?
    private var faults = 0
    /// The store's last fault, until it works again.
    private(set) var trouble: StoreFault?

    enum Mode: Int, Comparable {
        case serving
        /// Nothing begins; what runs is waited for.
        case draining
        /// Nothing begins; what runs is stopped and given back.
        case stopping
        /// What runs is killed.
        case hurrying

        static func < (left: Mode, right: Mode) -> Bool { left.rawValue < right.rawValue }
    }

    package struct Options {
        /// The store's file.
        package var path: String
        package var server: Server
        /// As whom it does what it does.
        package var actor: Actor
        /// Works although another daemon does.
        package var isBeside = false
        /// Reads the configuration again, for SIGHUP.
        package var reload: (() throws -> Server)?

        package init(path: String, server: Server, actor: Actor) {
            (self.path, self.server, self.actor) = (path, server, actor)
        }
    }

    package init(_ options: Options) throws {
        signal(SIGPIPE, SIG_IGN)
        bells = try PassedBells()
        signals = Descriptor(owning: system_signals([SIGTERM, SIGINT, SIGHUP, SIGUSR1], 4))
        guard signals.number >= 0 else { throw SystemFault(errno, "wait for", "signals") }
        // Without it a time is met too late by as much as the clock was set.
        clock = Descriptor(owning: system_clock_watch())
        owner = try Owner()
        actor = options.actor
        place = options.isBeside ? nil : try DaemonLock(options.path, owner)
        filesOfRuns = FileLimit.raise()
        store = try Store(options.path)
        try store.checkHistory()
        follower = try Follower(options.path)
        queue = "\(Files.parent(of: options.path))/queue"
        try Files.makeDirectories(queue)
        outputs = try OutputWatch()
        server = options.server
        reload = options.reload
        start = Self.start(server, queue, spares, store: options.path, filesOfRuns)
        fleet = Fleet(server.workers)
        intake = try server.queueDirectory.map { try Intake($0, by: options.actor) }
    }

    func startOfRuns(_ server: Server) -> RunStart {
        Self.start(server, queue, spares, store: store.path, filesOfRuns)
    }

    private static func start(
        _ server: Server, _ queue: String, _ spares: SpareDirectories, store: String,
        _ files: UInt64?
    ) -> RunStart {
        RunStart(
            queue: queue, spares, store: store, pipeline: server.pipeline, rest: server.resume,
            execOptions: server.execOptions, review: server.review, files: files)
    }

    /// Until somebody stops it, and until what it has to end has ended.
    package func run() throws -> Exit {
        if place != nil { try sweep() }
        try findLongLogs()
        var isReady = false
        while true {
            enforceTimes()
            do throws(StoreFault) {
                if pausedUntil.map({ $0 <= monotonicSeconds() }) ?? true {
                    pausedUntil = nil
                    try turn(.now())
                    (faults, trouble) = (0, nil)
                }
            } catch {
                try endure(error)
            }
            if mode > .serving, runs.isEmpty, leaving.allSatisfy(\.isOthers) { return .done }
            if !isReady {
                isReady = true
                manager.ready()
            }
            try wait()
        }
    }

    /// What may pass is told and tried again; the runs go on meanwhile, and what they write stays in their files.
    private func endure(_ fault: StoreFault) throws(StoreFault) {
        switch fault {
        // For so long nobody else has it: where a lock could not be given back, it goes with this process.
        case .busy: if faults > 1 { throw fault }
        // Who is to stop does not wait for room; the next daemon reads on where this one came to.
        case .full, .failed, .outOfMemory: if faults > 1, mode >= .stopping { throw fault }
        default: throw fault
        }
        trouble = fault
        if faults == 0 { complain(fault) }
        faults += 1
        pausedUntil = monotonicSeconds() + min(30, 0.25 * Double(1 << min(faults, 7)))
        isNews = true
        for run in runs.values { run.readAgain() }
    }

    func complain(_ fault: any Fault) {
        say("smelt-queue: \(fault)" + (fault.hint.map { "; \($0)" } ?? "") + "\n")
    }

    /// Files of attempts that are over, which a daemon that was killed could not remove. Nobody begins a run meanwhile.
    private func sweep() throws(StoreFault) {
        let names = Files.names(in: queue)
        if names.isEmpty { return }
        try store.together(.now()) { () throws(StoreFault) in
            let taken = Set(try store.takenJobs())
            for name in names where RunID(name) != nil && !taken.contains(name) {
                for file in Files.names(in: "\(queue)/\(name)") {
                    unlink("\(queue)/\(name)/\(file)")
                }
                rmdir("\(queue)/\(name)")
            }
        }
    }
}
