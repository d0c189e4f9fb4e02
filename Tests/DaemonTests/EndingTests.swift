import Records
import Smelt
import Store
import Testing

@testable import Daemon

/// How a run ended is in its records.
struct EndingTests {
    static func ending(_ kind: JobKind, _ records: [any Record]) throws -> RunEnding {
        var ending = RunEnding(kind)
        for record in records {
            ending.recall(try RecordJSON.line(record, run: .make()))
        }
        return ending
    }

    static func finished(
        _ ending: Ending, exitStatus: Int32? = nil, signal: Int32? = nil
    ) -> SessionFinished {
        SessionFinished(
            session: "one", attempt: 1, ending: ending, exitStatus: exitStatus, signal: signal)
    }

    @Test(
        arguments: [
            (finished(.succeeded, exitStatus: 0), Int32(0)), (finished(.failed, exitStatus: 7), 7),
            (finished(.failed, signal: 9), 137), (finished(.timedOut), 124),
            (finished(.cancelled), 143), (finished(.outOfMemory), 1),
        ] as [(SessionFinished, Int32)])
    func `a command ends as its session did`(record: SessionFinished, status: Int32) throws {
        let ending = try Self.ending(.command, [record])
        #expect(ending.status == status)
        #expect(ending.isUntold)
    }

    @Test func `a command that did not begin ends with the failure`() throws {
        let failed = Failed(stage: "exec", code: "missing", status: 66, message: "", session: "one")
        let ending = try Self.ending(.command, [failed])
        #expect(ending.outcome == Outcome(status: 66, code: "missing"))
    }

    @Test func `a manifest's run has ended when it says so and not before`() throws {
        let failed = Failed(stage: "exec", code: "unavailable", status: 69, message: "")
        let planned = Line.planned
        var ending = try Self.ending(.manifest, [Self.finished(.failed, exitStatus: 1)])
        ending.recall(planned)
        ending.recall(try RecordJSON.line(failed, run: .make()))
        #expect(ending.status == nil)
        ending.recall(try RecordJSON.line(RunFinished(status: 69, seconds: 1), run: .make()))
        #expect(ending.outcome == Outcome(status: 69, code: "unavailable"))
        #expect(!ending.isUntold)
    }

    @Test func `what could not be planned ends with the reason`() throws {
        let failed = Failed(stage: "manifest", code: "bad_manifest", status: 65, message: "")
        #expect(try Self.ending(.manifest, [failed]).status == 65)
    }

    @Test(arguments: ["one", nil])
    func `the latest time that a provider named is kept, whoever asked it`(session: String?) throws
    {
        let times = [5_000, 9_000, 7_000].map { Timestamp(milliseconds: $0) }
        var records: [any Record] = times.map {
            Failed(
                stage: "exec", code: "limit", status: 75, message: "", session: session,
                notBefore: $0)
        }
        records.insert(Failed(stage: "exec", code: "io", status: 74, message: ""), at: 0)
        records.append(RunFinished(status: 75, seconds: 1))
        let outcome = try #require(try Self.ending(.manifest, records).outcome)
        #expect(outcome == Outcome(status: 75, code: "io", notBefore: 9_000))
    }

    @Test(arguments: [("pr", true), ("review", true), ("collect", false)])
    func `whether the stages behind the result alone failed`(stage: String, is last: Bool) throws {
        let failed = Failed(stage: stage, code: "limit", status: 75, message: "")
        let records: [any Record] = [failed, RunFinished(status: 75, seconds: 1)]
        #expect(try Self.ending(.manifest, records).outcome?.hasResult == false)
        var ending = RunEnding(.manifest)
        ending.recall(Array(#"{"v":1,"type":"result.collected"}"#.utf8))
        for record in records { ending.recall(try RecordJSON.line(record, run: .make())) }
        #expect(ending.outcome?.hasResult == last)
    }

    @Test func `a session's failure is not the run's`() throws {
        let one = Failed(stage: "exec", code: "one", status: 70, message: "", session: "a")
        let two = Failed(stage: "pr", code: "two", status: 77, message: "")
        let ending = try Self.ending(
            .manifest, [one, two, RunFinished(status: 77, seconds: 1)])
        #expect(ending.outcome?.code == "two")
    }

    @Test func `what a daemon said in the log is not the run's own word`() throws {
        let ours = Failed(stage: RunEnding.stage, code: "bad_line", status: 65, message: "")
        let its = Failed(stage: "pr", code: "mine", status: 77, message: "")
        var ending = RunEnding(.manifest)
        for record in [ours, its] {
            ending.recall(try RecordJSON.line(record, run: .make()))
        }
        #expect(ending.outcome?.code == "mine")
    }

    @Test(arguments: [
        (TaskPhase.succeeded, Int32(0)), (.failed, 4), (.exhausted, 4), (.timeout, 124),
        (.canceled, 143),
    ])
    func `a task ends with its last phase`(phase: TaskPhase, status: Int32) throws {
        let last = Self.finished(.failed, exitStatus: 4)
        let pause = TaskPhased(session: "one", attempt: 1, phase: .failed, delaySeconds: 1)
        #expect(try Self.ending(.task, [last, pause]).status == nil)
        let end = TaskPhased(session: "one", attempt: 2, phase: phase)
        #expect(try Self.ending(.task, [last, pause, last, end]).status == status)
    }
}

private enum Line {
    static let planned = Array(#"{"v":1,"type":"run.planned"}"#.utf8)
}
