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

    private static let one =
        #"{"name":"one","spec":"","harness":"true","timeoutSeconds":1,"dependsOn":[],"env":{}}"#
    private static let two =
        #"{"name":"two","spec":"","harness":"true","timeoutSeconds":1,"dependsOn":[],"env":{}}"#

    /// A run with two sessions, of which the second fails.
    private static func failing(of manifest: [UInt8]) -> [String] {
        let job = """
            "job":{"name":"j","repository":"/r","baseRef":"main","environment":{"runtime":"sandbox"},\
            "sessions":[\(one),\(two)],"limits":{},"network":{"mode":"none","allow":[]},\
            "workspace":{"copy":[],"mounts":[]},\
            "commit":{"name":"s","email":"s@localhost","signoff":false,"trailers":[]},\
            "merge":{"strategy":"sequential","order":[],"target":"t","includeFailed":true,"aiResolution":false},\
            "review":{"required":false,"expiresSeconds":1},"protect":[]}
            """
        func ended(_ name: String, _ ending: String) -> [String] {
            [
                line(
                    "session.started",
                    ",\"session\":\"\(name)\",\"attempt\":1,\"branch\":\"smelt/\(name)\",\"commit\":\"b\",\"workspace\":\"/w\""
                ),
                line(
                    "session.finished",
                    ",\"session\":\"\(name)\",\"attempt\":1,\"ending\":\"\(ending)\",\"commit\":\"c\""
                ),
            ]
        }
        return [
            line(
                "run.planned",
                ",\(job),\"manifest\":{\"path\":\"-\",\"sha256\":\"\(SHA256.digest(manifest))\"},\"runsDirectory\":\"/r\",\"smeltVersion\":\"1\""
            ),
            line(
                "environment.ready",
                ",\"id\":\"e\",\"runtime\":\"sandbox\",\"baseRef\":\"main\",\"baseCommit\":\"b\",\"directory\":\"/d\",\"workspace\":\"/w\",\"limits\":{},\"network\":{\"mode\":\"none\",\"allow\":[]}"
            ),
        ] + ended("one", "succeeded") + ended("two", "failed")
    }

    @Test func `where a session failed, all of the run but its output is gone on with`() throws {
        let output = Self.line(
            "output",
            ",\"session\":\"one\",\"attempt\":1,\"stream\":\"stdout\",\"offsetBytes\":0,\"text\":\"x\""
        )
        let lines = Self.failing(of: [])
        let store = try memory()
        let id = try store.put(job())
        let lease = try #require(try store.take()).lease
        try store.append((lines + [output]).flatMap { Array($0.utf8) }, of: lease, moment())
        let stored = try #require(try store.storedRun(of: id))
        #expect(stored.part == .sessions)
        #expect(stored.lines == lines.flatMap { Array($0.utf8) })
    }

    @Test(arguments: [false, true])
    func `a job is resumed from its sessions unless it is another one by now`(isSame: Bool) throws {
        let store = try memory()
        let new = NewJob(.manifest, name: "j", body: Array("a manifest".utf8))
        let id = try store.put(new)
        let lease = try #require(try store.take()).lease
        let lines = Self.failing(of: isSame ? new.body : new.body + [10])
        try store.append(lines.flatMap { Array($0.utf8) }, of: lease, moment())
        try store.finish(lease, Outcome(status: 1), moment())
        if isSame {
            #expect(try store.retry(id, resume: true, by: someone, moment()) == .queued)
            #expect(try store.take()?.resume == true)
            return
        }
        let fault = #expect(throws: StoreFault.self) {
            try store.retry(id, resume: true, by: someone, moment())
        }
        #expect(fault?.exit == .refused)
        #expect(fault?.description.contains("changed since that attempt") == true)
    }

    @Test(arguments: [(77, false), (1, true), (2, true)] as [(Int32, Bool)])
    func `retry refuses to resume what has no result, or failed and has nothing to go on with`(
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

    @Test(arguments: [false, true])
    func `an attempt that goes on behind the result is not tried again for its sessions`(
        plans: Bool
    ) throws {
        let store = try memory()
        var new = NewJob(.manifest, name: "j", body: [])
        new.retries = 2
        let id = try store.put(new)
        let lease = try #require(try store.take()).lease
        let lines = Self.failing(of: new.body)
        try store.append(lines.flatMap { Array($0.utf8) }, of: lease, moment())
        try store.finish(lease, Outcome(status: 77), moment())
        #expect(try store.retry(id, resume: true, by: someone, moment()) == .queued)
        let next = try #require(try store.take())
        let own = plans ? lines : [Self.line("run.finished", ",\"status\":1,\"seconds\":1")]
        try store.append(own.flatMap { Array($0.utf8) }, of: next.lease, moment())
        #expect(
            try store.finish(next.lease, Outcome(status: 1), moment())
                == (plans ? .retrying : .failed))
    }

    @Test func `what comes into a log after it was read, and before the job is resumed, counts`()
        throws
    {
        let store = try memory()
        let id = try store.put(NewJob(.manifest, name: "j", body: []))
        let lease = try #require(try store.take()).lease
        let lines = Self.failing(of: []).map { Array($0.utf8) }
        try store.append(lines[0], of: lease, moment())
        let log = try store.logToResume(id)
        #expect(log.stored == nil)
        try store.append(Array(lines[1...].joined()), of: lease, moment())
        try store.step(moment()) { () throws(StoreFault) in
            try store.prepareToResume(try store.row(named: "\(id)"), log, moment())
        }
        // It was read on from there, and not again.
        let whole = try store.logToResume(id)
        #expect(whole.stored?.lines == lines.flatMap { $0 })
        #expect(whole.seq > log.seq)
    }
}
