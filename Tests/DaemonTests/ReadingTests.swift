import Glibc
import Records
import Smelt
import Store
import Testing

@testable import Daemon

/// What a run wrote becomes lines of the log, and where it is then is known.
struct ReadingTests {
    static let progress = Progress(
        HostProcess(pid: 7, start: 8), boot: "boot", began: 9, beganSteady: 10)

    static func file(_ bytes: [UInt8]) throws -> Descriptor {
        let file = try Descriptor(memory: "test")
        try bytes.withUnsafeBytes { try file.write($0, name: "test") }
        return file
    }

    static func types(_ lines: [UInt8]) -> [String] {
        lines.split(separator: 10).map { line in
            line.withUnsafeBytes { LineScan($0)?.type ?? "?" }
        }
    }

    @Test func `where a run is survives being written down`() {
        var progress = Self.progress
        (progress.records, progress.output, progress.errors, progress.line) = (1, 2, 3, 4)
        #expect(Progress(progress.text) == progress)
        for why in [Progress.Asked.back, .headless] {
            var asked = progress
            asked.asked = why
            #expect(Progress(asked.text) == asked && asked != progress)
        }
        #expect(Progress("") == nil)
        #expect(Progress(progress.text + " 5") == nil)
        var damaged = progress
        damaged.output = -1
        #expect(Progress(damaged.text) == nil)
        let before = Progress(
            HostProcess(pid: 5, start: 6), boot: "b", namespace: "n", began: 0,
            beganSteady: .min)
        #expect(Progress(before.text) == nil)
    }

    @Test func `numbers of processes mean nothing in another container or behind another start`() {
        #expect(Self.progress.isOf("boot"))
        #expect(!Self.progress.isOf("other"))
        let there = Progress(
            Self.progress.process, boot: "boot", namespace: "1", began: 9, beganSteady: 10)
        #expect(Progress(there.text)?.isOf("boot") == false)
    }

    @Test(arguments: [JobChanged.type, GroupHalted.type, LogTrimmed.type])
    func `what only the queue writes is no line of a run`(type: String) throws {
        let text = Array("{\"type\":\"a\"}\n{\"type\":\"\(type)\"}\n".utf8)
        var reading = RunReading(Self.progress, RunEnding(.manifest))
        reading.take(records: text, run: .make())
        #expect(Self.types(reading.lines) == ["a", "failed"])
    }

    @Test func `a line that is not whole waits for its rest`() throws {
        let text = Array("{\"type\":\"a\"}\n{\"type\":".utf8)
        var reading = RunReading(Self.progress, RunEnding(.manifest))
        reading.take(records: text, run: .make())
        #expect(Self.types(reading.lines) == ["a"])
        #expect(reading.progress.records == 13)
        #expect(reading.progress.line == 1)
    }

    @Test func `a line that is not whole counts when nobody writes any more`() throws {
        let text = Array("{\"type\":\"a\"}\n{\"type\":\"b\"}".utf8)
        var reading = RunReading(Self.progress, RunEnding(.manifest))
        reading.take(records: text, run: .make(), isAll: true)
        #expect(Self.types(reading.lines) == ["a", "b"])
        #expect(reading.lines.last == 10)
        #expect(reading.progress.records == text.count)
    }

    @Test func `what is no record is told of in its place`() throws {
        var reading = RunReading(Self.progress, RunEnding(.manifest))
        reading.take(records: Array("no\n\n{\"type\":\"b\"}\n".utf8), run: .make())
        #expect(Self.types(reading.lines) == ["failed", "b"])
        #expect(reading.progress.line == 3)
    }

    @Test func `a line longer than a line may be does not stop what follows`() throws {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: (1 << 20) + 10)
        let file = try Self.file(long + Array("\n{\"type\":\"c\"}\n".utf8))
        var reading = RunReading(Self.progress, RunEnding(.manifest))
        for _ in 0..<3 {
            reading.take(records: try reading.records(in: file.number, name: "test"), run: .make())
        }
        #expect(Self.types(reading.lines).last == "c")
        #expect(Set(Self.types(reading.lines).dropLast()) == ["failed"])
    }

    @Test func `a character that comes in two pieces stays one`() throws {
        let line = OutputLine(run: .make(), session: "one", attempt: 1)
        let file = try Self.file(Array("a€".utf8.dropLast()))
        var reading = RunReading(Self.progress, RunEnding(.command))
        try reading.take(
            .stdout, from: file.number, line: line, name: "test", isFinal: false)
        #expect(reading.progress.output == 1)
        let rest = Array("€".utf8).suffix(1)
        try Array(rest).withUnsafeBytes { try file.write($0, name: "test") }
        try reading.take(
            .stdout, from: file.number, line: line, name: "test", isFinal: false)
        #expect(reading.progress.output == 4)
        let outputs = try reading.lines.split(separator: 10).map {
            try RecordJSON.decode(Output.self, from: $0)
        }
        #expect(outputs.map(\.text) == ["a", "€"])
        #expect(outputs.map(\.offsetBytes) == [0, 1])
    }

    @Test func `the last bytes of a run are no character and come all the same`() throws {
        let line = OutputLine(run: .make(), session: "one", attempt: 1)
        let file = try Self.file([0xE2, 0x82])
        var reading = RunReading(Self.progress, RunEnding(.command))
        try reading.take(.stderr, from: file.number, line: line, name: "test", isFinal: true)
        #expect(reading.progress.errors == 2)
    }

    @Test func `a stream is kept up to a bound, which is told once`() throws {
        let file = try Descriptor(memory: "test")
        try #require(ftruncate(file.number, off_t(RunReading.mostLogged) + 5) == 0)
        let line = OutputLine(run: .make(), session: "one", attempt: 1)
        var progress = Self.progress
        progress.output = RunReading.mostLogged - 2
        var reading = RunReading(progress, RunEnding(.command))
        try reading.take(.stdout, from: file.number, line: line, name: "test", isFinal: false)
        reading.tellExcess(since: progress, session: "one", run: .make())
        #expect(Self.types(reading.lines) == ["output", "denied"])
        #expect(!reading.isMore)
        var later = RunReading(reading.progress, RunEnding(.command))
        try later.take(.stdout, from: file.number, line: line, name: "test", isFinal: true)
        later.tellExcess(since: reading.progress, session: "one", run: .make())
        #expect(later.isEmpty)
    }
}
