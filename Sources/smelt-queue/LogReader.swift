import Smelt
import Store

/// A job's log, or the part of it that is of one run, from a number on; follows it.
struct LogReader {
    private let store: Store
    private let follower: Follower
    private let job: RunID
    /// Nil for all of the job.
    private let run: RunID?
    private var seq: Int64
    /// Of the run, once another has begun.
    private var last: Int64?
    /// Nothing more will come, unless somebody tries the job again.
    private var isOver = false

    init(_ id: RunID, after seq: Int64) throws {
        store = try SmeltQueue.open(needsAll: false)
        follower = try Follower(store.path)
        let attempt = try store.attempt(ofRun: id)
        run = attempt == nil ? nil : id
        job = attempt?.job ?? id
        self.seq = max(seq, (attempt?.from ?? 1) - 1)
    }

    /// Gives what is there, some at a time and with the epoch; `following`, also what comes, until the job, or the run, is over.
    mutating func read(
        following: Bool, _ use: ([LoggedRecord], _ epoch: String) throws -> Void
    ) throws {
        while true {
            while let (records, epoch) = try next() { try use(records, epoch) }
            guard following, !isOver else { return }
            try wait()
        }
    }

    /// Nil when there are none yet, or no more.
    private mutating func next() throws -> (records: [LoggedRecord], epoch: String)? {
        // Before the page, which then has all that a run wrote that is over.
        var hasEnded = false
        if last == nil, let run, let attempt = try store.attempt(ofRun: run) {
            (last, hasEnded) = (attempt.to, attempt.isOver)
        }
        let page = try store.records(of: job, after: seq)
        isOver = page.isOver || hasEnded || last.map { seq >= $0 } ?? false
        let records = page.records.filter { $0.seq <= last ?? .max }
        guard let end = records.last?.seq else { return nil }
        seq = end
        return (records, page.epoch)
    }

    private func wait() throws(StoreFault) {
        if follower.wait() == .replaced { throw .replaced(store.path) }
    }
}
