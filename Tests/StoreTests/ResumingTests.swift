import Records
import Smelt
import Testing

@testable import Store

/// What of a job's log a run goes on with.
@Suite struct ResumingTests {
    private static let run = RunID.make()

    private static func line(_ type: String, _ members: String = "", run: RunID = run) -> String {
        "{\"v\":1,\"type\":\"\(type)\",\"time\":\"2026-01-01T00:00:00.000Z\",\"run\":\"\(run)\"\(members)}\n"
    }

    private static let planned = line("run.planned")
    private static let collected = line("result.collected")

    private static func failed(_ stage: String) -> String {
        line("failed", ",\"stage\":\"\(stage)\",\"code\":\"x\",\"status\":75,\"message\":\"m\"")
    }

    private static func decided(_ word: String) -> String {
        line("review.decided", ",\"commit\":\"c0ffee\",\"decision\":\"\(word)\"")
    }

    /// What is stored of a job whose log has these lines.
    private func stored(
        _ lines: [String], asked: Bool = false, _ word: ReviewDecided.Decision = .denied
    ) throws -> [String]? {
        let store = try memory()
        let id = try store.put(job())
        let lease = try #require(try store.take()).lease
        let bytes = lines.flatMap { Array($0.utf8) }
        try store.append(bytes, of: lease, moment())
        if asked {
            let attempt = CurrentAttempt(store: "", job: id, number: 1)
            let new = NewReview(
                Self.run, commit: "c0ffee", question: [], expires: moment(9).wall)
            let review = try store.ask(new, of: attempt, by: someone, moment())
            _ = try store.answer(review, word, voter: "uid:1", note: nil, by: someone, moment())
        }
        guard let stored = try store.storedRun(of: id) else { return nil }
        #expect(stored.run == Self.run)
        return stored.lines.split(separator: 10).map { String(decoding: $0, as: UTF8.self) + "\n" }
    }

    @Test func `what was printed, how the run ended and what is of no run is left out`() throws {
        let output = Self.line(
            "output",
            ",\"session\":\"a\",\"attempt\":1,\"stream\":\"stdout\",\"offsetBytes\":0,\"text\":\"x\""
        )
        let other = Self.line("mine", run: RunID.make())
        #expect(
            try stored([
                other, Self.planned, output, Self.line("mine"), Self.collected,
                Self.failed("review"), Self.line("run.finished", ",\"status\":75,\"seconds\":1"),
            ]) == [Self.planned, Self.line("mine"), Self.collected])
    }

    @Test func `a run that was begun anew counts alone`() throws {
        #expect(
            try stored([Self.planned, Self.collected, Self.planned, Self.line("mine")]) == nil)
        #expect(
            try stored([Self.planned, Self.line("mine"), Self.planned, Self.collected])
                == [Self.planned, Self.collected])
    }

    @Test(arguments: ["exec", "collect", "provision"])
    func `behind a stage that failed before the result there is nothing to go on with`(
        stage: String
    ) throws {
        #expect(try stored([Self.planned, Self.collected, Self.failed(stage)]) == nil)
    }

    @Test(arguments: ["review", "pr", "runs", "queue"])
    func `what the last stages could not do they try again`(stage: String) throws {
        #expect(
            try stored([Self.planned, Self.collected, Self.failed(stage)])
                == [Self.planned, Self.collected])
    }

    @Test func `a yes stays, a no is asked again, and the last answer is the one that counts`()
        throws
    {
        let (yes, no) = (Self.decided("approved"), Self.decided("denied"))
        let before = [Self.planned, Self.collected]
        #expect(try stored(before + [no, yes]) == before + [yes])
        #expect(try stored(before + [no]) == before)
        #expect(try stored(before + [no], asked: true) == before + [no])
        // The one that came since is in the queue alone.
        #expect(try stored(before + [no], asked: true, .approved) == before)
        #expect(try stored(before + [yes], asked: true) == before)
    }

    @Test(arguments: [(77, false), (1, true), (2, true)] as [(Int32, Bool)])
    func `retry refuses to resume what has no result, or whose sessions or gates failed`(
        status: Int32, hasResult: Bool
    ) throws {
        let store = try memory()
        let id = try store.put(job())
        let lease = try #require(try store.take()).lease
        if hasResult {
            let lines = [Self.planned, Self.collected].flatMap { Array($0.utf8) }
            try store.append(lines, of: lease, moment())
        }
        try store.finish(lease, Outcome(status: status), moment())
        let fault = #expect(throws: StoreFault.self) {
            try store.retry(id, resume: true, by: someone, moment())
        }
        #expect(fault?.exit == .refused)
        #expect(try store.audit().map(\.action) == ["add"])
    }
}
