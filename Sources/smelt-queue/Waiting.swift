import Glibc
import Smelt
import Store

/// `wait`: until jobs are over, and how they ended.
enum Waiting {
    static let all = Option("all", nil, .flag, "until all of them are over (the default)")
    static let any = Option("any", nil, .flag, "until one of them is")
    static let status = Option("status", nil, .flag, "end as the job did, rather than with 0 or 1")

    static let verb = Verb(
        "wait", options: [all, any, status], operands: "ID...",
        summary: "waits until jobs are over"
    ) { words in
        let ids = try words.ids()
        guard !words[all] || !words[any] else { throw Usage("--all and --any exclude each other") }
        let store = try SmeltQueue.open()
        let answer = try words[any] ? firstEnd(of: ids, store) : end(of: ids, store)
        if words[status] { exit(answer) }
        return answer == 0 ? .done : .no
    }

    /// Waits until all are over: the status of the first that did not succeed, in their order. Signals end it where
    /// `Interruption` is installed.
    static func end(of ids: [RunID], _ store: Store) throws -> Int32 {
        let follower = try Follower(store.path)
        // Those before it were over when they were looked at.
        var next = 0
        while true {
            while next < ids.count, try store.show(ids[next]).state.isOver { next += 1 }
            if next == ids.count {
                // All at the same time, for somebody may have tried one again.
                let jobs = try ids.map { try store.show($0) }
                guard let other = jobs.firstIndex(where: { !$0.state.isOver }) else {
                    return jobs.lazy.map(status(of:)).first { $0 != 0 } ?? 0
                }
                next = other
            }
            try wait(follower, store)
        }
    }

    /// Waits until one is over: its status. Of several that ended at once the one that is named first.
    private static func firstEnd(of ids: [RunID], _ store: Store) throws -> Int32 {
        let follower = try Follower(store.path)
        while true {
            for id in ids {
                let job = try store.show(id)
                if job.state.isOver { return status(of: job) }
            }
            try wait(follower, store)
        }
    }

    private static func wait(_ follower: Follower, _ store: Store) throws {
        try Interruption.check()
        if follower.wait(or: Interruption.descriptor) == .replaced {
            throw StoreFault.replaced(store.path)
        }
        try Interruption.check()
    }

    /// What a command would have ended with that is the job.
    static func status(of job: JobView) -> Int32 {
        let said = job.status.flatMap { Int32(exactly: $0) }
        return switch job.state {
        case .succeeded: 0
        case .gatesFailed: 2
        case .expired: Exit.refused.rawValue
        case .cancelled: said.flatMap { $0 > 2 ? $0 : nil } ?? Exit.terminated.rawValue
        default: said.flatMap { $0 != 0 ? $0 : nil } ?? 1
        }
    }
}
