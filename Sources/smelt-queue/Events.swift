import Records
import Smelt
import Store

/// `events`: the log of a job, or of one of its runs.
enum Events {
    static let after = Option("after", nil, .number(0...Int.max), "only those behind this number")
    static let follow = Option("follow", "f", .flag, "go on until the job is over")

    static let verb = Verb(
        "events", options: [after, follow], operands: "ID",
        summary: "prints what was recorded of a job or a run, each with its number"
    ) { words in
        let ids = try words.ids()
        guard ids.count == 1 else { throw Usage("events takes one job or run") }
        var printer = try Printer(ids[0], after: Int64(words[after] ?? 0))
        try printer.print()
        while words[follow], !printer.isOver {
            try printer.wait()
            try printer.print()
        }
        return .done
    }

    private struct Printer {
        private let path: String
        private let writer = LineWriter(1)
        private var store: Store
        private var follower: Follower
        private let job: RunID
        private var seq: Int64
        private var last: Int64?
        private(set) var isOver = false

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

        mutating func print() throws {
            while true {
                let page = try store.records(of: job, after: seq)
                var output: [UInt8] = []
                for record in page.records where record.seq <= last ?? .max {
                    output.append(
                        contentsOf: "{\"epoch\":\"\(page.epoch)\",\"seq\":\(record.seq),\"record\":"
                            .utf8)
                    output.append(contentsOf: record.line)
                    output.append(contentsOf: [UInt8(ascii: "}"), 10])
                }
                try output.withUnsafeBytes { try writer.write($0) }
                if writer.isUnheard { throw Cancelled(.unheard) }
                seq = page.records.last?.seq ?? seq
                if seq >= page.last {
                    isOver = page.isOver
                    return
                }
                if seq >= last ?? .max {
                    isOver = true
                    return
                }
            }
        }

        mutating func wait() throws {
            if follower.wait() == .replaced {
                store = try SmeltQueue.open()
                follower = try Follower(path)
            }
        }
    }
}
