import Glibc
import Records
import Smelt

/// `verify`: whether a log is what the stages promise.
enum Verify {
    static let unfinished = Option(
        "unfinished", nil, .flag, "the run was cut off: its last line and its end may be missing")

    static let verb = Verb(
        "verify", options: [Listing.directory, unfinished], operands: "JOB|RUN|FILE...",
        summary: "checks that logs are whole and agree with themselves"
    ) { words in
        guard !words.operands.isEmpty else { throw Usage("name a job, a run or a file") }
        var isGood = true
        for word in words.operands {
            let path = try RecordedRuns.log(word, words[Listing.directory])
            var check = LogCheck(isUnfinished: words[unfinished])
            for problem in try check.problems(in: path) {
                say("\(Visible.line(path)):\(problem)\n")
                isGood = false
            }
        }
        return isGood ? .done : .invalid
    }
}

/// Reads a log once and holds each line against what came before it.
struct LogCheck {
    let isUnfinished: Bool
    private var history = History()
    private var run: String?
    private var planned = 0
    private var ended = false
    private var sessions: [String: SessionCheck] = [:]
    private var found: [String] = []
    private var line = 0

    /// Beyond this many, a log is not worth more words.
    private static let most = 100

    init(isUnfinished: Bool) {
        self.isUnfinished = isUnfinished
    }

    /// Sentences that begin with the line's number; none for a good log.
    mutating func problems(in path: String) throws -> [String] {
        let file = try Descriptor(opening: path, O_RDONLY)
        let reader = LineReader(file.number)
        while !reader.isAtEnd, found.count < Self.most {
            while let piece = reader.next() {
                line = reader.number
                switch piece {
                case .line(let bytes): try check(bytes)
                case .tooLong(let size, _): note("the line is \(size) bytes long")
                }
            }
            try reader.fill()
        }
        _ = consume file
        checkEnd()
        return found
    }

    private mutating func note(_ sentence: String) {
        found.append("\(line): \(sentence)")
    }

    private mutating func check(_ bytes: UnsafeRawBufferPointer) throws {
        guard bytes.last == 10 else {
            if !isUnfinished { note("the line is cut off") }
            return
        }
        guard let scan = LineScan(bytes), let type = scan.type else {
            return note("this is no record")
        }
        ended = type == RunFinished.type
        let line = Line(type: type, session: scan.session, bytes: Array(bytes))
        guard let known = recordTypes.first(where: { $0.type == type }) else { return }
        checkHead(line, run: scan.run)
        do { _ = try line.decode(known) } catch { return note("\(error)") }
        history.take(line)
        try checkOrder(line)
    }

    /// `v`, `type`, `time`, `run`, in this order and first.
    private mutating func checkHead(_ line: Line, run: String?) {
        let start = "{\"v\":\(recordVersion),\"type\":\"\(line.type)\",\"time\":\""
        let text = String(decoding: line.bytes.prefix(start.utf8.count + 64), as: UTF8.self)
        let rest = text.hasPrefix(start) ? text.dropFirst(start.count) : ""
        let time = rest.prefix { $0 != "\"" }
        guard Timestamp(String(time)) != nil, let run,
            rest.dropFirst(time.count).hasPrefix("\",\"run\":\"\(run)\"")
        else { return note("the head is not v, type, time, run") }
        if planned == 0, run == RunID.unknown.description { return }
        if let first = self.run, first != run { note("run '\(run)' is not that of this log") }
        self.run = self.run ?? run
    }

    private mutating func checkOrder(_ line: Line) throws {
        switch line.type {
        case RunPlanned.type:
            planned += 1
            if planned == 2 { note("this is the second 'run.planned'") }
        case Output.type, SessionTaken.type, SessionStarted.type, SessionFinished.type,
            GateFinished.type:
            guard let name = line.session else { return }
            var session = sessions[name] ?? SessionCheck()
            if let problem = try session.check(line) {
                note("session '\(Visible.line(name))' \(problem)")
            }
            sessions[name] = session
        case SessionsFinished.type: try checkCount(line.decode(SessionsFinished.self))
        case ResultCollected.type: checkFiles(try line.decode(ResultCollected.self))
        case RunFinished.type:
            let status = try line.decode(RunFinished.self).status
            if status != history.status {
                note("the status is \(status), but the records come to \(history.status)")
            }
        default: break
        }
    }

    private mutating func checkCount(_ record: SessionsFinished) {
        let endings = sessions.values.compactMap(\.ending).map(\.rawValue)
        let counted = Dictionary(endings.map { ($0, 1) }, uniquingKeysWith: +)
        if counted != record.endings { note("the count of endings is not that of the sessions") }
    }

    private mutating func checkFiles(_ result: ResultCollected) {
        for (path, digest) in [
            (result.filesPath, result.filesSha256), (result.bundlePath, result.bundleSha256),
        ] {
            guard let path, let digest else { continue }
            do {
                guard try SHA256.digest(file: path) == digest else {
                    note("'\(Visible.line(path))' is not what was collected: its digest differs")
                    continue
                }
            } catch {
                note("\(error)")
            }
        }
    }

    private mutating func checkEnd() {
        if planned == 0 { note("there is no 'run.planned'") }
        guard !isUnfinished else { return }
        for (name, session) in sessions where session.isOpen && history.failure == nil {
            note("session '\(Visible.line(name))' has no end")
        }
        if !ended { note("the log does not end with 'run.finished'") }
    }
}

/// One session's records in their order.
private struct SessionCheck {
    private(set) var ending: Ending?
    private(set) var isOpen = false
    private var attempt = 0
    private var offsets: [Output.Stream: Int] = [:]

    /// What is wrong with the next record.
    mutating func check(_ line: Line) throws -> String? {
        switch line.type {
        case SessionTaken.type:
            defer { (isOpen, ending) = (true, nil) }
            return isOpen ? "is taken over while it runs" : nil
        case SessionStarted.type:
            let record = try line.decode(SessionStarted.self)
            defer { (isOpen, attempt, offsets, ending) = (true, record.attempt, [:], nil) }
            if isOpen { return "starts while it runs" }
            return record.attempt > attempt ? nil : "starts attempt \(record.attempt) again"
        case SessionFinished.type:
            let record = try line.decode(SessionFinished.self)
            defer { (isOpen, ending) = (false, record.ending) }
            if ending != nil { return "ends twice" }
            // What never ran has an end, too.
            let ran = isOpen || record.ending == .skipped || record.ending == .cancelled
            return ran || record.ending == .failed ? nil : "ends without having started"
        case Output.type: return try checkOutput(line.decode(Output.self))
        default: return isOpen ? nil : "has a gate, but does not run"
        }
    }

    private mutating func checkOutput(_ record: Output) -> String? {
        guard isOpen, record.attempt == attempt else { return "prints, but does not run" }
        guard let bytes = record.bytes else { return "prints neither text nor base64" }
        let wanted = offsets[record.stream] ?? 0
        offsets[record.stream] = record.offsetBytes + bytes.count
        guard record.offsetBytes == wanted else {
            return "prints at offset \(record.offsetBytes) of \(record.stream), not at \(wanted)"
        }
        return nil
    }
}
