internal import Records
internal import Smelt

extension Store {
    /// A `job.changed` record, as the last of the job's log. Written by hand: a general encoder would take longer than all the
    /// rest of adding a job.
    func tell(
        _ row: JobRow, from: JobState?, edited: [String] = [], _ now: Instant
    ) throws(StoreFault) {
        var line = head("job.changed", id: row.id, now)
        member("attempt", row.attempt, to: &line)
        if row.cancel, !row.state.isOver { line.append(contentsOf: Self.cancelling) }
        if row.state == .scheduled || row.state == .retrying {
            member("due", Timestamp(milliseconds: row.due).description, to: &line)
        }
        if !edited.isEmpty { member("edited", edited, to: &line) }
        if let from { member("from", from.word, to: &line) }
        if row.state.isTaken, let owner = row.owner { member("owner", owner, to: &line) }
        if let reason = row.reason { member("reason", reason, to: &line) }
        if let run = row.run, row.state.isTaken { member("runId", run, to: &line) }
        if let status = row.status, row.state.isOver || row.state == .retrying {
            member("status", status, to: &line)
        }
        member("to", row.state.word, to: &line)
        if let worker = row.worker, row.state.isTaken { member("worker", worker, to: &line) }
        line.append(contentsOf: [UInt8(ascii: "}"), 10])
        try append(line, count: 1, first: row.seq, job: row.job)
    }

    func append(_ lines: [UInt8], count: Int64, first: Int64, job: Int64) throws(StoreFault) {
        try database.run(
            "INSERT INTO log (job, first, count, bytes) VALUES (?, ?, ?, ?)", .number(job),
            .number(first), .number(count), .bytes(lines))
    }

    /// As `RecordJSON.head`, with the time's text made once a transaction.
    private func head(_ type: StaticString, id: String, _ now: Instant) -> [UInt8] {
        if stamp.wall != now.wall || stamp.text.isEmpty {
            stamp = (now.wall, Array(Timestamp(milliseconds: now.wall).description.utf8))
        }
        var line: [UInt8] = []
        line.reserveCapacity(256)
        line.append(contentsOf: Self.opening)
        line.append(
            contentsOf: UnsafeBufferPointer(start: type.utf8Start, count: type.utf8CodeUnitCount))
        line.append(contentsOf: Self.time)
        line.append(contentsOf: stamp.text)
        line.append(contentsOf: Self.run)
        line.append(contentsOf: id.utf8)
        line.append(UInt8(ascii: "\""))
        return line
    }

    private static let opening = Array("{\"v\":\(recordVersion),\"type\":\"".utf8)
    private static let time = Array("\",\"time\":\"".utf8)
    private static let run = Array("\",\"run\":\"".utf8)
    private static let cancelling = Array(",\"cancelRequested\":true".utf8)

    private func member(_ name: StaticString, _ number: Int64, to line: inout [UInt8]) {
        open(name, in: &line)
        line.append(contentsOf: String(number).utf8)
    }

    private func member(_ name: StaticString, _ text: String, to line: inout [UInt8]) {
        open(name, in: &line)
        JSONText.appendQuoted(Array(text.utf8)[...], to: &line)
    }

    private func member(_ name: StaticString, _ texts: [String], to line: inout [UInt8]) {
        open(name, in: &line)
        for (index, text) in texts.enumerated() {
            line.append(UInt8(ascii: index == 0 ? "[" : ","))
            JSONText.appendQuoted(Array(text.utf8)[...], to: &line)
        }
        line.append(UInt8(ascii: "]"))
    }

    private func open(_ name: StaticString, in line: inout [UInt8]) {
        line.append(contentsOf: [UInt8(ascii: ","), UInt8(ascii: "\"")])
        line.append(
            contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        line.append(contentsOf: [UInt8(ascii: "\""), UInt8(ascii: ":")])
    }
}
