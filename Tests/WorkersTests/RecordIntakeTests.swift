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
        RecordIntake(
            pipe.stage, directory: "/here", base: ("main", base), run: run, worker: "builder")
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
        // Sessions are taken over on this machine alone.
        let taken = SessionTaken(
            .init(
                session: "s", run: "\(RunID.make())", attempt: 1, branch: "smelt/s", start: base,
                commit: base))
        #expect(throws: LineFault.self) { try intake(pipe).take(line(taken)) }
        let other = try RecordJSON.line(SessionsFinished(endings: [:]), run: .make())
        #expect(throws: LineFault.self) { try intake(pipe).take(other) }
        #expect(pipe.passed() == "")
    }

    @Test func `a payload with a line in it that is none is refused, and again`() throws {
        let pipe = try Pipe()
        let intake = intake(pipe)
        let gate = try line(
            GateFinished(session: "s", command: "c", ok: true, status: 0, seconds: 1))
        #expect(throws: LineFault.self) { try intake.take(gate + Array("no record\n".utf8) + gate) }
        #expect(throws: LineFault.self) { try intake.take(gate) }
        #expect(pipe.passed() == "")
    }

    @Test func `after a new line it goes on in the middle of a record`() throws {
        let pipe = try Pipe()
        let intake = intake(pipe)
        let gate = try line(
            GateFinished(session: "s", command: "c", ok: true, status: 0, seconds: 1))
        let all = gate + gate
        try intake.take(Array(all.prefix(gate.count + 9)))
        // As the other side reads it from its file, over another line.
        try intake.take(Array(all[intake.offset...]))
        #expect(pipe.passed() == String(decoding: all, as: UTF8.self))
    }

    @Test func `a failure from before the run was known is this run's`() throws {
        let pipe = try Pipe()
        let intake = intake(pipe)
        let failed = Failed(stage: "exec", code: "cut_off", status: 65, message: "m")
        try intake.take(RecordJSON.line(failed, run: .unknown))
        let passed = pipe.passed()
        #expect(passed.contains("\"run\":\"\(run)\"") && passed.contains("cut_off"))
        #expect(intake.isAccounted)
    }

    @Test func `a run that is cancelled without a word from here was not cancelled`() throws {
        let pipe = try Pipe()
        let cancelled = try line(
            Failed(stage: "exec", code: "cancelled", status: 143, message: "m"))
        try intake(pipe).take(cancelled)
        let passed = pipe.passed()
        #expect(passed.contains("worker_broken") && passed.contains("\"status\":74"))
        let told = intake(pipe)
        told.wasToldToStop = true
        try told.take(cancelled)
        #expect(pipe.passed() == String(decoding: cancelled, as: UTF8.self))
    }

    @Test func `what follows the sessions' end is bounded`() throws {
        let pipe = try Pipe()
        let intake = intake(pipe)
        try intake.take(line(SessionsFinished(endings: [:])))
        let failed = try line(
            Failed(
                stage: "work", code: "x", status: 74,
                message: String(repeating: "m", count: 900_000), session: "s"))
        #expect(throws: LineFault.self) { for _ in 0..<6 { try intake.take(failed) } }
    }
}
