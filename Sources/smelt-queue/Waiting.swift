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
        let follower = try Follower(store.path)
        while true {
            let views = try ids.map { try store.show($0) }
            let over = views.filter(\.state.isOver)
            if words[any] ? !over.isEmpty : over.count == ids.count {
                let statuses = over.map(status(of:))
                let first = statuses.first { $0 != 0 } ?? 0
                // Of several that ended at once, `any` takes the one that is named first.
                let answer = words[any] ? statuses[0] : first
                if words[status] { exit(answer) }
                return answer == 0 ? .done : .no
            }
            if follower.wait() == .replaced { throw StoreFault.replaced(store.path) }
        }
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
