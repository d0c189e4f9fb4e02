import Glibc
import Records
import Smelt
import Store

/// `logs`: what a job printed, from the `output` records of its log.
enum Logs {
    static let follow = Option("follow", "f", .flag, "go on until the job is over")
    static let session = Option("session", nil, .text("NAME"), "only what this session printed")
    static let stream = Option(
        "stream", nil, .choice(["stdout", "stderr"]), "only what was printed there")

    static let verb = Verb(
        "logs", options: [follow, session, stream], operands: "ID",
        summary: "prints what a job or a run printed"
    ) { words in
        let ids = try words.ids()
        guard ids.count == 1 else { throw Usage("logs takes one job or run") }
        var reader = try LogReader(ids[0], after: 0)
        let printer = OutputPrinter(session: words[session], stream: words[stream])
        while true {
            while let records = try reader.next() { try printer.print(records) }
            guard words[follow], !reader.isOver else { return .done }
            try reader.wait()
        }
    }
}

/// Prints the output records among others.
private struct OutputPrinter {
    let session: String?
    let stream: String?
    private let isTerminal = isatty(1) == 1

    init(session: String?, stream: String?) {
        (self.session, self.stream) = (session, stream)
    }

    func print(_ records: [LoggedRecord]) throws {
        var text: [UInt8] = []
        for record in records {
            guard record.line.withUnsafeBytes({ LineScan($0)?.type }) == Output.type else {
                continue
            }
            let output = try RecordJSON.decode(Output.self, from: record.line)
            guard session == nil || session == output.session,
                stream == nil || stream == output.stream.rawValue, let bytes = output.bytes
            else { continue }
            text += bytes
        }
        if isTerminal { text = Array(Visible.block(String(decoding: text, as: UTF8.self)).utf8) }
        try put(text)
    }

    private func put(_ text: [UInt8]) throws {
        do {
            try text.withUnsafeBytes { try writeAll($0, to: 1, name: "standard output") }
        } catch let fault as SystemFault {
            throw fault.number == EPIPE ? Cancelled(.unheard) : fault as any Error
        }
    }
}

/// A job's log, or the part of it that is of one run, from a number on; follows it.
struct LogReader {
    private let path: String
    private var store: Store
    private var follower: Follower
    private let job: RunID
    private var seq: Int64
    private var last: Int64?
    /// Nothing more will come, unless somebody tries the job again.
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

    /// The next records; nil when there are none yet, or no more.
    mutating func next() throws -> [LoggedRecord]? {
        let page = try store.records(of: job, after: seq)
        isOver = page.isOver || last.map { seq >= $0 } ?? false
        let records = page.records.filter { $0.seq <= last ?? .max }
        guard let end = records.last?.seq else { return nil }
        seq = end
        return records
    }

    mutating func wait() throws {
        if follower.wait() == .replaced {
            store = try SmeltQueue.open()
            follower = try Follower(path)
        }
    }
}
