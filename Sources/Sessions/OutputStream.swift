internal import Glibc
internal import Records
internal import Smelt

/// One of a program's two outputs, from its pipe into `output` records.
final class OutputStream {
    /// -1 where its bytes come otherwise, by `take`.
    private(set) var descriptor: Int32
    private(set) var isOpen = true
    let kind: Output.Stream
    private let line: OutputLine
    private var filter: OutputFilter
    /// In the stream that leaves, after masking.
    private var offset: Int
    private var heldSince: Double?

    /// Bytes that may begin a secret wait this long for what decides it, seconds.
    private static let secretPatience = 0.9
    /// The rest of a character has this long to come, seconds.
    private static let characterPatience = 0.005

    /// After so few bytes, reading waits for more, seconds; well below the 10 ms that output may take.
    private static let worthwhile = 16_384
    private static let rest = 0.003

    /// Takes over the reading end of a pipe. `offset` continues an earlier program's stream.
    init(
        _ descriptor: Int32, _ kind: Output.Stream, line: OutputLine, patterns: SecretPatterns,
        offset: Int
    ) {
        self.descriptor = descriptor
        self.kind = kind
        self.line = line
        self.offset = offset
        filter = OutputFilter(patterns)
        guard descriptor >= 0 else { return }
        widenPipe(descriptor, to: longestLine)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Not read before this moment. A program that prints byte by byte would make a record of each, hundreds
    /// of times its size; what comes within a few milliseconds goes together.
    var restsUntil: Double?
    /// From now on what is read goes nowhere.
    var isMuted = false
    var end: Int { offset }

    /// Reads once what is there and writes it on; gives how many bytes came.
    func relay(to output: LineWriter, now: Double) throws -> Int {
        try withUnsafeTemporaryAllocation(byteCount: longestOutput, alignment: 16) { room in
            let count = retrying { read(descriptor, room.baseAddress, room.count) }
            if count < 0, errno == EAGAIN { return 0 }
            // Output that is lost is no end of the output.
            if count < 0 { throw SystemFault(errno, "read", "a session's output") }
            guard count > 0 else {
                try finish(to: output)
                return 0
            }
            if count < Self.worthwhile { restsUntil = now + Self.rest }
            let bytes = Array(UnsafeRawBufferPointer(rebasing: room[..<count]))
            try take(bytes[...], to: output, now: now)
            return count
        }
    }

    /// Writes on what has come.
    func take(_ bytes: ArraySlice<UInt8>, to output: LineWriter, now: Double) throws {
        if isMuted { return }
        try send(filter.feed(bytes), to: output)
        heldSince = filter.waiting == nil ? nil : now
    }

    /// When held bytes must go on at the latest.
    var deadline: Double? {
        guard let heldSince, let waiting = filter.waiting else { return nil }
        return heldSince + (waiting == .secret ? Self.secretPatience : Self.characterPatience)
    }

    func tick(to output: LineWriter, now: Double) throws {
        guard let deadline, now >= deadline else { return }
        heldSince = nil
        try send(filter.flush(), to: output)
    }

    /// Sends what is held and closes.
    func finish(to output: LineWriter) throws {
        guard isOpen else { return }
        isOpen = false
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        try send(filter.flush(), to: output)
    }

    private func send(_ bytes: [UInt8], to output: LineWriter) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            var piece = rest.prefix(longestOutput)
            if piece.count < rest.count { piece = piece.dropLast(OutputFilter.unfinished(piece)) }
            rest = rest[piece.endIndex...]
            var record: [UInt8] = []
            record.reserveCapacity(piece.count + piece.count / 8 + 256)
            line.append(piece, stream: kind, offset: offset, to: &record)
            offset += piece.count
            try record.withUnsafeBytes { try output.write($0) }
        }
    }
}
