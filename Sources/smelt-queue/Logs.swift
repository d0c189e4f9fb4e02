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
        var unreadable = 0
        try reader.read(following: words[follow]) { records, _ in
            unreadable += try printer.print(records)
        }
        return unreadable == 0 ? .done : .invalid
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

    /// How many of them say that they are output, and are none that can be read.
    func print(_ records: [LoggedRecord]) throws -> Int {
        var unreadable = 0
        var text: [UInt8] = []
        for record in records {
            let type = record.line.withUnsafeBytes { LineScan($0)?.type }
            if type == LogTrimmed.type { tell(record.line) }
            guard type == Output.type else { continue }
            let output: Output
            do throws(RecordFault) {
                output = try RecordJSON.decode(Output.self, from: record.line)
            } catch {
                say("smelt-queue: record \(record.seq) says that it is output: \(error)\n")
                unreadable += 1
                continue
            }
            guard session == nil || session == output.session,
                stream == nil || stream == output.stream.rawValue, let bytes = output.bytes
            else { continue }
            text += bytes
        }
        if isTerminal { text = Array(Visible.block(String(decoding: text, as: UTF8.self)).utf8) }
        try put(text)
        return unreadable
    }

    /// That something was here, where it was.
    private func tell(_ line: [UInt8]) {
        // A log may have one that is not the queue's own.
        guard let gone = try? RecordJSON.decode(LogTrimmed.self, from: line),
            1 <= gone.from, gone.from <= gone.to, gone.to < .max
        else { return }
        let count = Quantity.count(gone.to - gone.from + 1, "record")
        say(
            "smelt-queue: \(count) of what it printed, up to number \(gone.to), \(gone.from == gone.to ? "is" : "are") gone\n"
        )
    }
}
