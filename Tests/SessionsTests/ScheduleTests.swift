import Records
import Sessions
import Testing

struct ScheduleTests {
    func session(_ name: String, after: String...) -> Session {
        Session(name: name, spec: "", harness: "true", timeoutSeconds: 1, dependsOn: after)
    }

    @Test func `sessions start when all they depend on have succeeded`() {
        var schedule = Schedule(
            [session("c", after: "a", "b"), session("a"), session("b")], atOnce: 4)
        #expect(schedule.start().map(\.name) == ["a", "b"])
        #expect(schedule.end("a", .succeeded).isEmpty)
        #expect(schedule.start().isEmpty)
        #expect(schedule.end("b", .succeeded).isEmpty)
        #expect(schedule.start().map(\.name) == ["c"])
        #expect(!schedule.isOver)
        _ = schedule.end("c", .gateFailed)
        #expect(schedule.isOver)
        #expect(schedule.count == ["succeeded": 2, "gate_failed": 1])
    }

    @Test(arguments: [Ending.failed, .gateFailed, .timedOut, .cancelled])
    func `what depends on a session that did not succeed is skipped, however far`(ending: Ending) {
        var schedule = Schedule(
            [session("a"), session("b", after: "a"), session("c", after: "b")], atOnce: 1)
        #expect(schedule.start().map(\.name) == ["a"])
        #expect(
            schedule.end("a", ending) == [
                .init(session: "b", because: "a"), .init(session: "c", because: "b"),
            ])
        #expect(schedule.isOver)
    }

    @Test func `no more run at once than allowed`() {
        var schedule = Schedule((0..<5).map { session("s\($0)") }, atOnce: 2)
        #expect(schedule.start().count == 2)
        #expect(schedule.start().isEmpty)
        _ = schedule.end("s0", .succeeded)
        #expect(schedule.start().map(\.name) == ["s2"])
        #expect(schedule.waiting.map(\.name) == ["s3", "s4"])
    }

    @Test func `what waits for a place alone is ready, and can end without having had one`() {
        var schedule = Schedule(
            [session("a"), session("c", after: "b"), session("b"), session("d", after: "a")],
            atOnce: 1)
        #expect(schedule.ready.map(\.name) == ["a", "b"])
        #expect(schedule.start().map(\.name) == ["a"])
        #expect(schedule.ready.map(\.name) == ["b"])
        #expect(schedule.end("b", .succeeded).isEmpty)
        #expect(schedule.ready.map(\.name) == ["c"])
        #expect(schedule.start().isEmpty)
        #expect(schedule.count == ["succeeded": 1])
    }
}
