package import Smelt

/// A job to be added.
package struct NewJob: Sendable, Equatable {
    package var kind: JobKind
    /// For lists; of a manifest the job's name, of a command its first word.
    package var name: String
    /// As they came, up to `longestBody`.
    package var body: [UInt8]
    /// The file it came from, or the directory of a command or task; absolute.
    package var origin: String?
    package var labels: [Label] = []
    package var group = "default"
    /// From -1000 to 1000; each is worth a minute of waiting.
    package var priority: Int64 = 0
    /// Milliseconds since 1970; not before then.
    package var due: Int64?
    /// A cron line: each time that it names makes a job like this one.
    package var every: String?
    package var hold = false
    /// While a job with that key is not over, adding another answers with that one.
    package var unique: String?
    package var slot: String?
    package var admission = SlotAdmission.queue
    package var after: [After] = []
    /// Of two jobs with the same lock one runs at a time, such as those whose results go to the same branch.
    package var lock: String?
    /// How often a job that failed by itself (status 1) is tried again, in `retries`.
    package var retries: Int64 = 0
    /// Before the first of them at most, in milliseconds; see `RetryRules.pause`.
    package var backoff: Int64 = 5_000
    /// For all attempts together, in milliseconds; behind it nothing is tried again.
    package var budget: Int64?
    /// For each attempt, in milliseconds.
    package var timeout: Int64?

    /// The key under which it is looked for. A schedule and the jobs that it makes are different things with the same key.
    var uniqueness: String? {
        every == nil ? unique.map { "job \($0)" } : unique.map { "every \($0)" }
    }

    /// Whether nothing has to be known of other jobs to let it in.
    package var standsAlone: Bool {
        unique == nil && slot == nil && every == nil && after.isEmpty
    }

    package struct Label: Sendable, Equatable {
        package let key: String
        package let value: String

        package init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    package struct After: Sendable, Equatable {
        package let job: RunID
        package let need: Need

        package init(_ job: RunID, _ need: Need) {
            self.job = job
            self.need = need
        }
    }

    package static let longestBody = 1 << 20
    /// So many a file of smelt-server(5) may say, too.
    package static let retries: ClosedRange<Int64> = 0...1000
    package static let priorities: ClosedRange<Int64> = -1000...1000
    /// As many wait in a slot as Solti lets wait there.
    package static let longestSlot: Int64 = 100

    /// Where it was read, for who is told that it is wrong.
    package var source: String?

    package init(_ kind: JobKind, name: String, body: [UInt8]) {
        self.kind = kind
        self.name = name
        self.body = body
    }
}

/// What became of a job that was to be added; decided before `add` returns.
package enum Admission: Sendable, Equatable {
    case added(RunID, JobState)
    /// A job with its key is there.
    case existing(RunID, JobState)
    /// Its slot is taken, and it would not wait; by whom.
    case dropped(by: RunID)
    /// As many as may wait in its slot are waiting.
    case full(slot: String)

    /// Of the job that was added, or is there.
    package var id: RunID? {
        switch self {
        case .added(let id, _), .existing(let id, _): id
        case .dropped, .full: nil
        }
    }
}
