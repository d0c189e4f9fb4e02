internal import Glibc
package import Smelt

/// One record that a stage acts on.
package struct Line: Sendable {
    package let type: String
    package let session: String?
    package let bytes: [UInt8]

    package init(type: String, session: String?, bytes: [UInt8]) {
        self.type = type
        self.session = session
        self.bytes = bytes
    }

    package func decode<R: Record>(_ type: R.Type) throws(RecordFault) -> R {
        try RecordJSON.decode(type, from: bytes)
    }
}

/// A command's place in the pipe: it passes every record on unchanged and at once, hands over those
/// that the command acts on, and keeps the rules that all stages share (see smelt(7)).
package final class Stage {
    package let name: String
    /// Known from the first record on.
    package private(set) var run: RunID?
    /// The first failure that ends the run, whoever's it is.
    package private(set) var failure: Failed?
    /// The first one that this stage found itself.
    package private(set) var ownFailure: Failed?
    /// What this stage itself ends with when it failed.
    package private(set) var ownExit: Exit?
    package let output: LineWriter
    /// A record of this kind has been seen; see `cutOff`.
    package private(set) var seen: Set<String> = []

    let reader: LineReader
    private let wanted: Set<String>
    private var lease: Descriptor?
    private var presence: Presence?
    /// Bytes that passed and are not yet written: a stretch of lines that lie side by side.
    private var passing: UnsafeRawBufferPointer?

    package init(
        _ name: String, wants wanted: Set<String>, input: Int32 = 0, output: Int32 = 1
    ) {
        self.name = name
        self.wanted = wanted.union([
            RunPlanned.type, Failed.type, EnvironmentReady.type,
        ])
        reader = LineReader(input)
        self.output = LineWriter(output)
        Interruption.install()
        // Whoever cannot write still has to finish what was begun.
        self.output.onFault = { say("smelt-\(name): \($0)\n") }
    }

    /// The next record that the command asked for, after everything up to it was passed on; nil at
    /// the end of the input. Waits.
    package func next() throws -> Line? {
        while true {
            if let line = try nextHere() { return line }
            if reader.isAtEnd { return nil }
            try fill()
        }
    }

    /// The next record among the bytes that are already here, without reading.
    package func nextHere() throws -> Line? {
        while let piece = reader.next() {
            switch piece {
            case .line(let bytes):
                if let line = try take(bytes) { return line }
            case .tooLong(let size, let start):
                try flush()
                try replace(size: size, start: start, why: "is longer than \(longestLine) bytes")
            }
        }
        try flush()
        return nil
    }

    /// Whether the input has ended and everything in it was handed over.
    package var isAtEnd: Bool { reader.isAtEnd }
    package var input: Int32 { reader.descriptor }

    /// Reads what is there, for loops that waited for it themselves. Input that cannot be read is at
    /// its end, and the run has failed.
    package func fill() throws {
        do throws(SystemFault) { try reader.fill() } catch { fail(error) }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) throws -> Line? {
        if bytes.allSatisfy({ $0 == 10 || $0 == 13 || $0 == 32 || $0 == 9 }) {
            try flush()
            return nil
        }
        guard let scan = LineScan(bytes) else {
            try flush()
            try replace(size: bytes.count, start: Array(bytes.prefix(64)), why: "is no JSON object")
            return nil
        }
        let type = scan.type ?? ""
        if type == withheld?.type {
            try flush()
            if scan.run == run?.description { withheld?.count += 1 }
            return nil
        }
        if bytes.last == 10 { try pass(bytes) } else { try pass(Array(bytes) + [10]) }
        guard wanted.contains(type) else { return nil }
        try flush()
        seen.insert(type)
        let line = Line(type: type, session: scan.session, bytes: Array(bytes))
        return try keep(line, run: scan.run) ? line : nil
    }

    /// The shared rules; false when the command need not see the record.
    private func keep(_ line: Line, run name: String?) throws -> Bool {
        switch line.type {
        case RunPlanned.type:
            guard run == nil else {
                fail(StageFault.secondRun)
                return false
            }
            guard let id = name.flatMap({ RunID($0) }) else {
                fail(StageFault.noRunID)
                return false
            }
            run = id
            if isStoppable { presence = Presence(of: self.name, in: id) }
        default:
            guard isOfThisRun(name) else {
                fail(StageFault.otherRun(line.type))
                return false
            }
            do {
                if line.type == Failed.type { try note(line.decode(Failed.self)) }
                if line.type == EnvironmentReady.type {
                    try hold(line.decode(EnvironmentReady.self))
                }
            } catch let fault as any Fault {
                fail(fault)
                return false
            }
        }
        return failure == nil || line.type == Failed.type || alwaysHandsOver
    }

    /// Records of one type that go no further, and how many of this run have come.
    package var withheld: (type: String, count: Int)?
    /// Stages that act after a failure too (release, record) see every wanted record.
    package var alwaysHandsOver = false
    /// Off for release and record, which act whatever happens: nobody can ask them to stop.
    package var isStoppable = true

    /// A failure from before the run was known has no run of its own.
    private func isOfThisRun(_ name: String?) -> Bool {
        guard let run else { return true }
        return name == run.description || name == RunID.unknown.description
    }

    private func note(_ failed: Failed) {
        if failed.session == nil, failure == nil { failure = failed }
    }

    /// Holds the environment's lease, so that nobody clears it away while this process lives. One that
    /// is gone, or being cleared away, needs none: the log of an earlier run names such.
    private func hold(_ ready: EnvironmentReady) throws(SystemFault) {
        let path = "\(ready.directory)/lease"
        let file: Descriptor
        do throws(SystemFault) {
            file = try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW)
        } catch {
            guard error.number == ENOENT || error.number == ENOTDIR else { throw error }
            return
        }
        if flock(file.number, LOCK_SH | LOCK_NB) == 0 {
            lease = consume file
        } else if errno != EWOULDBLOCK {
            throw SystemFault(errno, "lock", path)
        }
    }

    private func pass(_ bytes: UnsafeRawBufferPointer) throws {
        if let held = passing, let start = held.baseAddress, start + held.count == bytes.baseAddress
        {
            passing = UnsafeRawBufferPointer(start: start, count: held.count + bytes.count)
        } else {
            try flush()
            passing = bytes
        }
    }

    private func pass(_ bytes: [UInt8]) throws {
        try flush()
        try bytes.withUnsafeBytes { try output.write($0) }
    }

    private func flush() throws {
        guard let bytes = passing else { return }
        passing = nil
        try output.write(bytes)
    }

    private func replace(size: Int, start: [UInt8], why: String) throws {
        var record = Failed(
            stage: name, code: "bad_line", status: Exit.invalid.rawValue,
            message: "line \(reader.number) of the input \(why)")
        record.line = reader.number
        record.sizeBytes = size
        record.base64 = Base64.encode(start)
        if failure == nil { failure = record }
        ownFailure = ownFailure ?? record
        ownExit = ownExit ?? .invalid
        try write(record)
    }

    /// Adds a record of this stage's own.
    package func write(_ record: some Record) throws {
        try output.write(record, run: run ?? RunID.unknown)
    }

    /// Tells the pipe that something could not be done. Without a session that ends the run and
    /// decides this stage's status.
    package func fail(_ fault: any Fault, session: String? = nil) {
        let record = Failed(stage: name, fault, session: session)
        if session == nil {
            if failure == nil { failure = record }
            ownFailure = ownFailure ?? record
            ownExit = ownExit ?? fault.exit
        }
        let hint = fault.hint.map { "; \($0)" } ?? ""
        say("smelt-\(name): \(session.map { "session '\($0)': " } ?? "")\(fault)\(hint)\n")
        try? write(record)
    }

    /// To be called at the end of the input by a stage that waited for a record of `type`: without
    /// it and without a failure the input was cut off.
    package func expect(_ type: String) {
        guard !seen.contains(type), failure == nil else { return }
        fail(StageFault.cutOff(type))
    }

    /// What to end with when not everything could be passed on; nil when it was.
    package var outputExit: Exit? {
        output.isUnheard ? output.fault?.exit ?? .unheard : nil
    }

    /// The status of this stage's own work.
    package var exit: Exit {
        outputExit ?? Interruption.exit ?? ownExit ?? .done
    }
}

extension RunID {
    /// Stands in records of a pipe that never said which run it is: all zeros.
    package static let unknown = RunID("00000000000000000000000000") ?? make()
}

package enum StageFault: Fault {
    case secondRun
    case noRunID
    case otherRun(String)
    case cutOff(String)

    package var exit: Exit { .invalid }

    package var code: String {
        switch self {
        case .secondRun: "second_run"
        case .noRunID, .otherRun: "bad_record"
        case .cutOff: "cut_off"
        }
    }

    package var description: String {
        switch self {
        case .secondRun: "the input has a second 'run.planned': start a process for each run"
        case .noRunID: "'run.planned' has no run id of 26 characters"
        case .otherRun(let type): "the input has a '\(type)' record of another run"
        case .cutOff(let type): "the input ended before '\(type)' came"
        }
    }
}
