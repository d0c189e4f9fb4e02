import Smelt
import Store

/// A job's log, or the part of it that is of one run, from a number on; follows it.
struct LogReader {
    private let path: String
    private var store: Store
    private var follower: Follower
    private let job: RunID
    private var seq: Int64
    private var last: Int64?
    /// Nothing more will come, unless somebody tries the job again.
    private var isOver = false

    init(_ id: RunID, after seq: Int64) throws {
        path = try SmeltQueue.path
        store = try SmeltQueue.open()
        follower = try Follower(path)
        if let run = try store.attempt(ofRun: id) {
            job = run.job
            self.seq = max(seq, run.from - 1)
            last = run.to
        } else {
            job = id
            self.seq = seq
        }
    }

    /// Gives what is there, some at a time and with the epoch; `following`, also what comes, until the job is over.
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
        let page = try store.records(of: job, after: seq)
        isOver = page.isOver || last.map { seq >= $0 } ?? false
        let records = page.records.filter { $0.seq <= last ?? .max }
        guard let end = records.last?.seq else { return nil }
        seq = end
        return (records, page.epoch)
    }

    private mutating func wait() throws {
        if follower.wait() == .replaced {
            store = try SmeltQueue.open()
            follower = try Follower(path)
        }
    }
}
