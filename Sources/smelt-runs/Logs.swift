import Glibc
import Records
import Smelt

/// `logs`: what the sessions printed, from the log's `output` records.
enum Logs {
    static let follow = Option("follow", "f", .flag, "go on until the run has ended")
    static let session = Option("session", "s", .text("NAME"), "only what this session printed")
    static let stream = Option(
        "stream", nil, .choice(["stdout", "stderr"]), "only what was printed there")

    static let verb = Verb(
        "logs", options: [Listing.directory, follow, session, stream],
        operands: "[JOB|RUN|FILE]", summary: "prints what the sessions printed"
    ) { words in
        guard words.operands.count <= 1 else { throw Usage("logs takes one job, run or file") }
        let path = try RecordedRuns.log(words.operands.first, words[Listing.directory])
        let printer = Printer(session: words[session], stream: words[stream])
        let file = try Descriptor(opening: path, O_RDONLY)
        // Watched before the first reading: nothing that comes in between is missed.
        let watch = words[follow] ? try Watch(path) : nil
        while true {
            try printer.print(file.number, path)
            if printer.isOver { return .done }
            guard let watch else { return .done }
            if !RunsDirectory.isRecorded(path) {
                // Once more: the last lines may have come just before the recorder went.
                try printer.print(file.number, path)
                return .done
            }
            try watch.wait()
        }
    }
}

/// Prints the output records in a growing file.
private final class Printer {
    private let session: String?
    private let stream: String?
    private let isTerminal = isatty(1) == 1
    private var rest: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: 1 << 18)
    /// `run.finished` was read.
    private(set) var isOver = false

    init(session: String?, stream: String?) {
        self.session = session
        self.stream = stream
    }

    /// Up to the end of the file as it is now.
    func print(_ file: Int32, _ name: String) throws {
        while true {
            let count = retrying { read(file, &chunk, chunk.count) }
            guard count >= 0 else { throw SystemFault(errno, "read", name) }
            guard count > 0 else { return }
            rest.append(contentsOf: chunk[..<count])
            guard let end = rest.lastIndex(of: 10) else { continue }
            for line in rest[...end].split(separator: 10) { try take(line) }
            rest.removeFirst(end + 1)
        }
    }

    private func take(_ line: ArraySlice<UInt8>) throws {
        guard let scan = line.withUnsafeBytes({ LineScan($0) }) else { return }
        isOver = scan.type == RunFinished.type
        guard scan.type == Output.type else { return }
        let output = try RecordJSON.decode(Output.self, from: line)
        guard session == nil || session == output.session,
            stream == nil || stream == output.stream.rawValue, var bytes = output.bytes
        else { return }
        if isTerminal {
            bytes = Array(Visible.block(String(decoding: bytes, as: UTF8.self)).utf8)
        }
        try bytes.withUnsafeBytes { try writeAll($0, to: 1, name: "standard output") }
    }
}

/// Waits for a change of one file.
private final class Watch {
    private let events: Descriptor

    init(_ path: String) throws {
        events = Descriptor(owning: inotify_init1(Int32(IN_CLOEXEC)))
        let wanted = UInt32(IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF)
        guard inotify_add_watch(events.number, path, wanted) >= 0 else {
            throw SystemFault(errno, "watch", path)
        }
    }

    /// The kernel tells of the closing before it lets the recorder's lock go; hence the bound, which
    /// is how late the end of a killed recorder may be noticed.
    func wait() throws {
        var waiting = pollfd(fd: events.number, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 1000) > 0 else { return }
        var buffer = [UInt8](repeating: 0, count: 4096)
        _ = read(events.number, &buffer, buffer.count)
    }
}
