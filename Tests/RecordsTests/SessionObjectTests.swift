import FoundationEssentials
import Testing

@testable import Records

/// Records that are written without an encoder say what it would.
struct SessionObjectTests {
    private static func encoded(_ record: some Record) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(record), as: UTF8.self)
    }

    private static func written(_ record: some Record) throws -> String {
        String(decoding: try record.object(), as: UTF8.self)
    }

    private static func usage(_ number: Double, _ count: Int) -> Usage {
        var usage = Usage()
        (usage.wallSeconds, usage.userSeconds, usage.systemSeconds) = (number, -number, number / 3)
        (usage.throttledSeconds, usage.cost) = (number * 7, number + 1)
        (usage.peakMemoryBytes, usage.peakSwapBytes) = (count, -count)
        (usage.readBytes, usage.writtenBytes, usage.processes) = (1, 2, 3)
        (usage.oomKills, usage.inputTokens, usage.outputTokens) = (4, 5, 6)
        return usage
    }

    static let numbers: [Double] = [
        0, -0.0, 1, 0.1, 0.004187, 1e-7, 123_456.789, 1e15, 1e16, 1e22, .leastNonzeroMagnitude,
        .greatestFiniteMagnitude / 16,
    ]

    @Test(arguments: [
        "plain", "", "a/b", "quote\" back\\ tab\t line\n return\r", "é 😀 \u{2028} \u{7f}",
        "\u{0}\u{1}\u{1f}",
    ])
    func `words are as the encoder writes them`(text: String) throws {
        let started = SessionStarted(
            session: text, attempt: 3, branch: text, commit: text, workspace: text)
        #expect(try Self.written(started) == Self.encoded(started))
        let finished = SessionFinished(
            session: text, attempt: 1, ending: .timedOut, exitStatus: 124, signal: 15, branch: text,
            commit: text, committedForAgent: true, reason: text, because: text, usage: Usage())
        #expect(try Self.written(finished) == Self.encoded(finished))
    }

    @Test(arguments: numbers) func `numbers are as the encoder writes them`(number: Double) throws {
        for count in [0, 1, .max] {
            let record = SessionFinished(
                session: "s", attempt: count, ending: .succeeded, exitStatus: 0,
                committedForAgent: false, usage: Self.usage(number, count))
            #expect(try Self.written(record) == Self.encoded(record))
        }
    }

    @Test(arguments: Ending.allCases) func `what is absent is left out`(ending: Ending) throws {
        let finished = SessionFinished(session: "s", attempt: 1, ending: ending)
        #expect(try Self.written(finished) == Self.encoded(finished))
        let started = SessionStarted(session: "s", attempt: 1, workspace: "/")
        #expect(try Self.written(started) == Self.encoded(started))
    }

    @Test(arguments: [Double.nan, .infinity])
    func `what is no number of JSON is a fault`(number: Double) {
        let record = SessionFinished(
            session: "s", attempt: 1, ending: .failed, usage: Self.usage(number, 1))
        #expect(throws: RecordFault.self) { try RecordJSON.line(record, run: .unknown) }
    }
}
