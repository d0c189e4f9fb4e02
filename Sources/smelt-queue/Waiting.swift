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
        let store = try SmeltQueue.open(needsAll: false)
        let answer = try words[any] ? firstEnd(of: ids, store) : end(of: ids, store)
        if words[status] { exit(answer) }
        return answer == 0 ? .done : .no
    }

    /// Waits until all are over: the status of the first that did not succeed, in their order. Signals end it where
    /// `Interruption` is installed.
    static func end(of ids: [RunID], _ store: Store) throws -> Int32 {
        var lookout = try Lookout(store)
        var ends = Ends()
        // Those before it were over when they were looked at.
        var next = 0
        while true {
            while next < ids.count, try ends.look(at: ids[next], store) != nil { next += 1 }
            // Also at some behind it, for they may be pruned before it is over.
            for id in ids.dropFirst(next + 1).prefix(Ends.most) { _ = try ends.look(at: id, store) }
            if next == ids.count {
                // All at the same time, for somebody may have tried one again.
                let statuses = try ids.map { try ends.look(at: $0, store) }
                guard let other = statuses.firstIndex(of: nil) else {
                    return statuses.lazy.compactMap(\.self).first { $0 != 0 } ?? 0
                }
                next = other
            }
            try lookout.wait()
        }
    }

    /// How jobs ended that were seen to be over: they may be pruned while others are waited for.
    private struct Ends {
        /// So many are looked at each time besides the one that is waited for.
        static let most = 100
        private var seen: [RunID: Int32] = [:]

        /// Nil while it is not over.
        mutating func look(at id: RunID, _ store: Store) throws -> Int32? {
            do throws(StoreFault) {
                seen[id] = try Waiting.status(of: id, store)
            } catch  where seen[id] != nil {
                guard error == store.unknown(id) else { throw error }
            }
            return seen[id]
        }
    }

    /// Waits until one is over: its status. Of several that ended at once the one that is named first.
    private static func firstEnd(of ids: [RunID], _ store: Store) throws -> Int32 {
        var lookout = try Lookout(store)
        while true {
            for id in ids {
                if let status = try status(of: id, store) { return status }
            }
            try lookout.wait()
        }
    }

    /// Waits for the next commit; where one comes close behind the other, for more of them at once, so that who waits takes little
    /// of the time of what he waits for.
    private struct Lookout {
        private let follower: Follower
        private let path: String
        /// Milliseconds from one look to when the next commit is waited for.
        private var pause: Int32 = 0
        private static let longestPause: Int32 = 20
        /// Seconds.
        private static let close = 0.05

        init(_ store: Store) throws {
            follower = try Follower(store.path)
            path = store.path
        }

        mutating func wait() throws {
            try Interruption.check()
            if pause > 0 {
                var stop = pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0)
                _ = poll(&stop, 1, pause)
            }
            let began = monotonicSeconds()
            if follower.wait(or: Interruption.descriptor) == .replaced {
                throw StoreFault.replaced(path)
            }
            let isClose = monotonicSeconds() - began < Self.close
            pause = isClose ? min(max(1, pause * 2), Self.longestPause) : 0
            try Interruption.check()
        }
    }

    /// What a command would have ended with that is the job; nil while it is not over.
    private static func status(of id: RunID, _ store: Store) throws(StoreFault) -> Int32? {
        let (state, status) = try store.standing(id)
        guard state.isOver else { return nil }
        // What no command can end with would come out as another number, 256 as success.
        let said = status.flatMap { Int32(exactly: $0) }.flatMap { 0...255 ~= $0 ? $0 : nil }
        return switch state {
        case .succeeded: 0
        case .gatesFailed: 2
        case .expired: Exit.refused.rawValue
        case .cancelled: said.flatMap { $0 > 2 ? $0 : nil } ?? Exit.terminated.rawValue
        default: said.flatMap { $0 != 0 ? $0 : nil } ?? 1
        }
    }
}
