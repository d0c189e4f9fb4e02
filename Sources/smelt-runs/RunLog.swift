import Glibc
import Records
import Smelt

/// The file that a run's records are kept in. Who has it open holds its lock, so that others can see
/// whether the recorder lives; a file that is already there is continued: lines that it has are not
/// written again, so feeding a recorded log to the pipe once more changes nothing.
final class RunLog {
    let path: String
    /// Whether lines were added to a file that was already there.
    private(set) var isChanged = false
    /// Whether the file that was already there ended as a finished run's does.
    private(set) var wasFinished = false
    /// Whether the last line of a file that was already there, and may have grown, ends a run.
    private(set) var isFinished = false

    private let file: Descriptor
    private var length = 0
    /// Hashes of the lines that were already there; nil for a new file.
    private var known: Set<Int>?

    var isReplay: Bool { known != nil }

    /// Opens `<directory>/<run>.jsonl`, making what is missing.
    init(run: RunID, in directory: String) throws {
        path = "\(directory)/\(run).jsonl"
        try RunsDirectory.make(Files.parent(of: directory))
        try Files.makeDirectories(directory, mode: 0o755)
        file = try Descriptor(
            opening: path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, mode: 0o600)
        try Self.lock(file.number, path)
        try Files.syncDirectory(directory)
        var facts = stat()
        guard fstat(file.number, &facts) == 0 else { throw SystemFault(errno, "look at", path) }
        if facts.st_size > 0 { try takeUp(Int(facts.st_size)) }
    }

    /// Somebody who asks whether the run is alive holds the lock for a moment; a recorder does for
    /// long.
    private static func lock(_ number: Int32, _ path: String) throws {
        let deadline = monotonicSeconds() + 2
        while flock(number, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw SystemFault(errno, "lock", path)
            }
            guard monotonicSeconds() < deadline else { throw RecordingFault.taken(path) }
            poll(nil, 0, 10)
        }
    }

    /// Reads what is there, and cuts off a last line that a crash left unfinished.
    private func takeUp(_ size: Int) throws {
        var lines: Set<Int> = []
        var last: [UInt8] = []
        let reader = LineReader(file.number)
        while !reader.isAtEnd {
            while case .line(let bytes)? = reader.next() {
                guard bytes.last == 10 else { break }
                lines.insert(Self.hash(bytes))
                length += bytes.count
                last = Array(bytes.prefix(64))
            }
            try reader.fill()
        }
        if length < size, ftruncate(file.number, off_t(length)) != 0 {
            throw SystemFault(errno, "cut", path)
        }
        wasFinished = Self.endsRun(last[...])
        isFinished = wasFinished
        known = lines
    }

    private static func endsRun(_ line: ArraySlice<UInt8>) -> Bool {
        String(decoding: line, as: UTF8.self).contains("\"\(RunFinished.type)\"")
    }

    private static func hash(_ line: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: line)
        return hasher.finalize()
    }

    /// Adds whole lines. When that fails, the file ends with the last one that could be written whole.
    func append(_ bytes: UnsafeRawBufferPointer) throws(SystemFault) {
        guard known != nil else { return try write(bytes) }
        var rest = bytes
        while let end = rest.firstIndex(of: 10) {
            let line = UnsafeRawBufferPointer(rebasing: rest[...end])
            rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
            guard known?.insert(Self.hash(line)).inserted == true else { continue }
            isChanged = true
            try write(line)
            isFinished = Self.endsRun(Array(line.prefix(64))[...])
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws(SystemFault) {
        do { try file.write(bytes, name: path) } catch {
            var facts = stat()
            if fstat(file.number, &facts) == 0, Int(facts.st_size) > length {
                let written = bytes.prefix(Int(facts.st_size) - length)
                length += (written.lastIndex(of: 10) ?? -1) + 1
            }
            ftruncate(file.number, off_t(length))
            throw error
        }
        length += bytes.count
    }

    func sync() throws(SystemFault) {
        try file.sync(name: path)
    }
}

enum RecordingFault: Fault {
    case taken(String)
    case noDirectory(String)
    case jobName(String)
    case tooLate(Int)
    case stagesDied(Int)

    var exit: Exit {
        switch self {
        case .taken: .later
        case .noDirectory, .jobName, .tooLate: .invalid
        case .stagesDied: .io
        }
    }

    var code: String { if case .stagesDied = self { "stage_died" } else { "not_recorded" } }

    var description: String {
        switch self {
        case .taken(let path): "'\(path)' is being written by another smelt-runs record"
        case .noDirectory(let path):
            "could not keep a log in '\(Visible.line(path))': 'runsDirectory' must be absolute"
        case .jobName(let name):
            "could not keep a log of job '\(Visible.line(name))': its name is no file name"
        case .tooLate(let limit):
            "could not keep a log: more than \(limit) bytes came before 'run.planned'"
        case .stagesDied(let count):
            count == 1
                ? "a stage ended without a word" : "\(count) stages ended without a word"
        }
    }
}
