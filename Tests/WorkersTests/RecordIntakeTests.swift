import Glibc
import Records
import Smelt
import Testing

@testable import Workers

/// What a worker writes, on its way into the pipe here.
@Suite struct RecordIntakeTests {
    private let run = RunID.make()
    private let base = String(repeating: "a", count: 40)

    private final class Pipe {
        let stage: Stage
        private let reading: Descriptor
        private let writing: Descriptor

        init() throws {
            let ends = try Descriptor.pipe()
            reading = Descriptor(owning: ends.reading)
            writing = Descriptor(owning: ends.writing)
            _ = fcntl(reading.number, F_SETFL, O_NONBLOCK)
            stage = Stage("carry", wants: [], input: reading.number, output: writing.number)
        }

        /// What has been passed on since.
        func passed() -> String {
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let count = read(reading.number, &bytes, bytes.count)
            return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
        }
    }

    private func intake(_ pipe: Pipe) -> RecordIntake {
        RecordIntake(pipe.stage, directory: "/here", base: ("main", base), run: run)
    }

    private func line(_ record: some Record) throws -> [UInt8] {
        try RecordJSON.line(record, run: run)
    }

    @Test func `places there become places here`() throws {
        let pipe = try Pipe()
        let ready = EnvironmentReady(
            id: "e", runtime: .sandbox, baseRef: base,
            baseCommit: String(repeating: "b", count: 40),
            directory: "/there", workspace: "/w", limits: Limits(), network: Network())
        try intake(pipe).take(line(ready))
        let passed = pipe.passed()
        #expect(
            passed.contains("\"directory\":\"/here\"") && passed.contains("\"baseRef\":\"main\""))
        #expect(passed.contains("\"baseCommit\":\"\(base)\""))
    }

    @Test
    func `a line passes when all of it is here, and what follows the sessions when their work is`()
        throws
    {
        let pipe = try Pipe()
        let intake = intake(pipe)
        let gate = try line(
            GateFinished(session: "s", command: "c", ok: true, status: 0, seconds: 1))
        try intake.take(Array(gate.prefix(20)))
        #expect(pipe.passed() == "")
        try intake.take(Array(gate.dropFirst(20)))
        #expect(pipe.passed() == String(decoding: gate, as: UTF8.self))
        let end = try line(SessionsFinished(endings: ["succeeded": 1]))
        try intake.take(end)
        #expect(pipe.passed() == "" && intake.isAccounted)
        try intake.release()
        #expect(pipe.passed() == String(decoding: end, as: UTF8.self))
        #expect(intake.offset == gate.count + end.count)
    }

    @Test func `a worker approves of nothing, and speaks of no other run`() throws {
        let pipe = try Pipe()
        let yes = ReviewDecided(decision: .approved, commit: base, actor: "uid:0")
        #expect(throws: LineFault.self) { try intake(pipe).take(line(yes)) }
        let other = try RecordJSON.line(SessionsFinished(endings: [:]), run: .make())
        #expect(throws: LineFault.self) { try intake(pipe).take(other) }
        #expect(pipe.passed() == "")
    }
}
