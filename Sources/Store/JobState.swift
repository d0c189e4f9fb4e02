/// What has a word for each of its cases, by which people and records name it.
package protocol Worded: CaseIterable {
    var word: String { get }
}

extension Worded {
    package init?(word: some StringProtocol) {
        guard let found = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = found
    }

    package static var words: [String] { allCases.map(\.word) }
}

/// Where a job stands. The numbers are those in the file.
package enum JobState: Int64, Sendable, Worded {
    /// Ready: whoever asks next gets it, by its rank.
    case queued = 0
    /// Until somebody releases it.
    case held = 1
    /// Until its time has come; with `every`, each time makes another job.
    case scheduled = 2
    /// Until other jobs are over: what it needs, who has its slot, or who has its lock.
    case blocked = 3
    /// Somebody has a lease on it.
    case running = 4
    /// Its result waits for a person. Nobody has it meanwhile: it counts for no worker and no group, and its lock is free. It is
    /// not over, and so it stays in its slot.
    case awaitingReview = 5
    /// It failed, and its time to be tried again comes.
    case retrying = 6
    /// Its lease ran out. It may still be running: it is adopted, or begun again.
    case lost = 7
    case succeeded = 8
    case failed = 9
    case gatesFailed = 10
    case cancelled = 11
    case expired = 12

    package var isOver: Bool { rawValue >= 8 }

    /// Somebody has it, or may have it: it counts for its group and keeps its lock.
    package var isTaken: Bool { self == .running || self == .lost }

    package var word: String {
        switch self {
        case .queued: "queued"
        case .held: "held"
        case .scheduled: "scheduled"
        case .blocked: "blocked"
        case .running: "running"
        case .awaitingReview: "awaiting_review"
        case .retrying: "retrying"
        case .lost: "lost"
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .gatesFailed: "gates_failed"
        case .cancelled: "cancelled"
        case .expired: "expired"
        }
    }
}

/// What a job's bytes are.
package enum JobKind: Int64, Sendable, Worded {
    /// A job manifest, in TOML.
    case manifest = 0
    /// A task spec, in JSON.
    case task = 1
    /// A command line: its words, a JSON array.
    case command = 2

    package var word: String {
        switch self {
        case .manifest: "manifest"
        case .task: "task"
        case .command: "command"
        }
    }
}

/// What becomes of a job whose slot is taken.
package enum SlotAdmission: Int64, Sendable, Worded {
    /// It is not taken.
    case drop = 0
    /// It is next, in the place of whoever was; who has the slot is asked to stop.
    case replace = 1
    /// It waits behind the others.
    case queue = 2

    package var word: String {
        switch self {
        case .drop: "drop"
        case .replace: "replace"
        case .queue: "queue"
        }
    }
}

/// How another job must end for this one to begin.
package enum Need: Int64, Sendable, Worded {
    /// `succeeded`
    case ok = 0
    /// `failed`, `gates_failed` or `expired`
    case failed = 1
    /// However it ends, also when it is cancelled.
    case any = 2

    package var word: String {
        switch self {
        case .ok: "ok"
        case .failed: "failed"
        case .any: "any"
        }
    }

    package func isMet(by end: JobState) -> Bool {
        switch self {
        case .ok: end == .succeeded
        case .failed: [.failed, .gatesFailed, .expired].contains(end)
        case .any: end.isOver
        }
    }
}
