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
        var reader = try LogReader(ids[0], after: Int64(words[after] ?? 0))
        let writer = LineWriter(1)
        try reader.read(following: words[follow]) { records, epoch in
            var output: [UInt8] = []
            for record in records {
                output += "{\"epoch\":\"\(epoch)\",\"seq\":\(record.seq),\"record\":".utf8
                output += record.line
                output += [UInt8(ascii: "}"), 10]
            }
            try output.withUnsafeBytes { try writer.write($0) }
            if writer.isUnheard { throw Cancelled(.unheard) }
        }
        return .done
    }
}
