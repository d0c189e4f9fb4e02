internal import Records
internal import Smelt
internal import Store

/// How a run ended, in its own records: never in a wait status, which says how one process of it ended.
struct RunEnding {
    let kind: JobKind
    /// `run.finished.status`
    private var finished: Int32?
    /// What a manifest's run begins with. Without it nothing was begun, and the failure is the end.
    private var isPlanned = false
    /// The first failure of the whole run.
    private var failure: Failed?
    /// Of a "not now" of the whole run or of a session: what named the latest time.
    private(set) var limit: Failed?
    /// The run has a result, so that the stages behind it can be begun alone.
    private var hasResult = false
    /// Of a command or a task: its latest attempt, and how the task stands.
    private var last: SessionFinished?
    private var phase: TaskPhased?
    /// Of a task, the one that began last; of a command the only one.
    private(set) var attempt = 1

    /// One that goes on was planned in an attempt before.
    init(_ kind: JobKind, isPlanned: Bool = false) {
        self.kind = kind
        self.isPlanned = isPlanned
    }

    mutating func take(_ scan: LineScan, _ line: UnsafeRawBufferPointer) {
        switch scan.type {
        case RunPlanned.type: isPlanned = true
        case ResultCollected.type: hasResult = true
        case RunFinished.type:
            if let record = try? RecordJSON.decode(RunFinished.self, from: line) {
                finished = record.status
            }
        case Failed.type:
            guard let record = try? RecordJSON.decode(Failed.self, from: line) else { return }
            if record.status == Exit.later.rawValue, let time = record.notBefore {
                if limit?.notBefore.map({ $0 < time }) ?? true { limit = record }
            }
            guard failure == nil || kind != .manifest else { return }
            // A command's only session is the run; a task's failure of one attempt is followed by the next.
            if record.session == nil || kind != .manifest { failure = record }
        case SessionFinished.type where kind != .manifest:
            last = try? RecordJSON.decode(SessionFinished.self, from: line)
            failure = nil
        case SessionStarted.type where kind == .task:
            attempt = (try? RecordJSON.decode(SessionStarted.self, from: line))?.attempt ?? attempt
        case TaskPhased.type where kind == .task:
            phase = try? RecordJSON.decode(TaskPhased.self, from: line)
        default: break
        }
    }

    /// What is in the log of the run already, for who adopts it; but for what a daemon said there of the run.
    mutating func recall(_ line: [UInt8]) {
        line.withUnsafeBytes { raw in
            guard let scan = LineScan(raw) else { return }
            if scan.type == Failed.type,
                (try? RecordJSON.decode(Failed.self, from: raw))?.stage == Self.stage
            {
                return
            }
            take(scan, raw)
        }
    }

    /// Of the records that a daemon writes itself.
    static let stage = "queue"

    /// Nil while the records do not say it.
    var status: Int32? {
        if let finished { return finished }
        switch kind {
        case .manifest: return isPlanned ? nil : failure?.status
        case .command: return failure?.status ?? last.map(Self.status)
        case .task:
            guard let phase else { return failure?.status }
            guard phase.delaySeconds == nil else { return nil }
            switch phase.phase {
            case .pending, .running: return nil
            case .succeeded: return 0
            case .canceled: return Exit.terminated.rawValue
            case .timeout: return 124
            case .failed, .exhausted: return failure?.status ?? last.map(Self.status) ?? 1
            }
        }
    }

    /// Whether `run.finished` is to be added, for who wrote the records knows of no run.
    var isUntold: Bool { finished == nil }

    private static func status(_ record: SessionFinished) -> Int32 {
        switch record.ending {
        case .succeeded: 0
        case .cancelled: Exit.terminated.rawValue
        case .timedOut: 124
        default:
            record.exitStatus.flatMap { $0 == 0 ? nil : $0 } ?? record.signal.map { 128 + $0 } ?? 1
        }
    }

    var outcome: Outcome? {
        status.map {
            var outcome = Outcome(
                status: $0, code: failure?.code, notBefore: limit?.notBefore?.milliseconds)
            outcome.hasResult =
                kind == .manifest && hasResult
                && Failed.lastStages.contains(failure?.stage ?? "")
            return outcome
        }
    }

    /// Told to stop, and did.
    var isCancelled: Bool {
        status == Exit.terminated.rawValue || status == Exit.interrupted.rawValue
    }
}
