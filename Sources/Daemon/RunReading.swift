internal import Glibc
internal import Records
internal import Smelt
internal import Store

/// What a run wrote since it was looked at last, as lines for the log, and where it is then.
struct RunReading {
    var lines: [UInt8] = []
    var progress: Progress
    var ending: RunEnding
    /// What the run was given passes through it, and is in the log already.
    var given: GivenLines?
    /// There is more to read at once.
    var isMore = false

    /// As much of a file as is read in one turn, so that a run that prints much keeps no other waiting.
    static let most = 1 << 20

    init(_ progress: Progress, _ ending: RunEnding) {
        self.progress = progress
        self.ending = ending
    }

    var isEmpty: Bool { lines.isEmpty }

    /// What is in the records file behind what is in the log.
    func records(in file: Int32, name: String) throws(SystemFault) -> [UInt8] {
        try Self.read(file, at: progress.records, most: Self.most, name: name)
    }

    /// How many bytes of it are of records that say that something begins: what was printed comes behind them.
    static func beginning(of bytes: [UInt8]) -> Int {
        var end = 0
        for line in bytes.split(separator: 10, omittingEmptySubsequences: false).dropLast() {
            let type = line.withUnsafeBytes { LineScan($0)?.type }
            guard type == SessionStarted.type else { break }
            end += line.count + 1
        }
        return end
    }

    /// Whole lines of it, and with `isAll`, when nobody writes any more, what is behind the last line end. One that is no record
    /// is told of in its place, as by every stage.
    mutating func take(records bytes: [UInt8], run: RunID, isAll: Bool = false) {
        var start = 0
        bytes.withUnsafeBytes { raw in
            while start < raw.count {
                let rest = UnsafeRawBufferPointer(rebasing: raw[start...])
                guard let base = rest.baseAddress, let found = memchr(base, 10, rest.count) else {
                    break
                }
                let length = UnsafeRawPointer(found) - base + 1
                add(UnsafeRawBufferPointer(rebasing: rest[..<length]), run: run)
                start += length
            }
            if start == 0, raw.count == Self.most {
                // Longer than a line may be; what follows of it is as bad.
                add(raw, run: run)
                start = raw.count
            }
        }
        if isAll, start < bytes.count, bytes.count < Self.most {
            (bytes[start...] + [10]).withUnsafeBytes { add($0, run: run) }
            start = bytes.count
        }
        progress.records += start
    }

    private mutating func add(_ line: UnsafeRawBufferPointer, run: RunID) {
        progress.line += 1
        if line.count == 1 { return }
        guard line.last == 10, line.count <= longestLine, let scan = LineScan(line) else {
            let record = Failed(
                stage: RunEnding.stage, code: "bad_line", status: Exit.invalid.rawValue,
                message: "could not read line \(progress.line): it is no JSON object, or longer "
                    + "than \(longestLine) bytes",
                line: progress.line, sizeBytes: line.count,
                base64: Base64.encode(Array(line.prefix(64))[...]))
            lines += (try? RecordJSON.line(record, run: run)) ?? []
            return
        }
        if given?.has(line) == true {
            ending.take(scan, line)
        } else if let type = scan.type, Self.ours.contains(type) {
            refuse(type, run: run)
        } else {
            lines.append(contentsOf: line)
            ending.take(scan, line)
        }
    }

    /// What only the queue can know: in the log it would pass for the queue's word.
    private static let ours: Set<String> = [JobChanged.type, GroupHalted.type, LogTrimmed.type]

    private mutating func refuse(_ type: String, run: RunID) {
        let record = Failed(
            stage: RunEnding.stage, code: "bad_line", status: Exit.invalid.rawValue,
            message: "line \(progress.line) is a '\(type)', which only the queue writes",
            line: progress.line)
        lines += (try? RecordJSON.line(record, run: run)) ?? []
    }

    /// So much of each stream of a command is kept, whatever it prints: a file can be made long at no cost.
    static let mostLogged = 64 << 20

    /// Tells, once, that a stream is longer than what is kept of it.
    mutating func tellExcess(since before: Progress, session: String, run: RunID) {
        for (old, new) in [(before.output, progress.output), (before.errors, progress.errors)]
        where old < Self.mostLogged && new >= Self.mostLogged {
            let record = Denied(
                session: session, what: "output", mechanism: "queue",
                reason: "more than \(Self.mostLogged) bytes of a stream are not kept")
            lines += (try? RecordJSON.line(record, run: run)) ?? []
        }
    }

    /// What a command printed, as `output` records.
    mutating func take(
        _ stream: Output.Stream, from file: Int32, line: OutputLine, name: String, isFinal: Bool
    ) throws(SystemFault) {
        var offset = stream == .stdout ? progress.output : progress.errors
        let room = Self.mostLogged - offset
        guard room > 0 else { return }
        let bytes = try Self.read(file, at: offset, most: min(Self.most, room), name: name)
        let isLast = isFinal || bytes.count == room
        var rest = bytes[...]
        while !rest.isEmpty {
            var piece = rest.prefix(longestOutput)
            // The rest of a character comes with the next piece, unless there is none.
            if piece.count < rest.count || !isLast {
                piece = piece.dropLast(Self.unfinished(piece))
            }
            if piece.isEmpty { break }
            rest = rest[piece.endIndex...]
            line.append(piece, stream: stream, offset: offset, to: &lines)
            offset += piece.count
        }
        if stream == .stdout { progress.output = offset } else { progress.errors = offset }
        isMore = isMore || bytes.count == Self.most
    }

    /// How many bytes at the end begin a character of UTF-8 that is not all there.
    private static func unfinished(_ bytes: ArraySlice<UInt8>) -> Int {
        for (back, byte) in bytes.reversed().prefix(3).enumerated() {
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 0
            if length > 0 { return back + 1 < length ? back + 1 : 0 }
            if byte < 0x80 { return 0 }
        }
        return 0
    }

    private static func read(
        _ file: Int32, at offset: Int, most: Int, name: String
    ) throws(SystemFault) -> [UInt8] {
        var facts = stat()
        guard fstat(file, &facts) == 0 else { throw SystemFault(errno, "look at", name) }
        let size = min(most, Int(facts.st_size) - offset)
        guard size > 0 else { return [] }
        var fault: SystemFault?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { room, count in
            let got = retrying { pread(file, room.baseAddress, size, off_t(offset)) }
            if got < 0 { fault = SystemFault(errno, "read", name) }
            count = max(0, got)
        }
        if let fault { throw fault }
        return bytes
    }
}
