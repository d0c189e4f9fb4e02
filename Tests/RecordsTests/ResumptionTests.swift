import Smelt
import Testing

@testable import Records

/// How another run goes on from what the log of one says.
@Suite struct ResumptionTests {
    private static let run = RunID.make()
    private static let before = RunID.make()

    /// Sessions by name with what they depend on.
    private static func planned(_ sessions: [(String, [String])], resumes: Resumed? = nil) throws
        -> RunPlanned
    {
        let list = sessions.map { name, before in
            let words = before.map { "\"\($0)\"" }.joined(separator: ",")
            return
                #"{"name":"\#(name)","spec":"","harness":"true","timeoutSeconds":1,"dependsOn":[\#(words)],"env":{}}"#
        }
        let text = """
            {"job":{"name":"j","repository":"/r","baseRef":"main","environment":{"runtime":"sandbox"},\
            "sessions":[\(list.joined(separator: ","))],"limits":{},"network":{"mode":"none","allow":[]},\
            "workspace":{"copy":[],"mounts":[]},\
            "commit":{"name":"s","email":"s@localhost","signoff":false,"trailers":[]},\
            "merge":{"strategy":"sequential","order":[],"target":"t","includeFailed":true,"aiResolution":false},\
            "review":{"required":false,"expiresSeconds":1},"protect":[]},\
            "manifest":{"path":"-","sha256":"00"},"runsDirectory":"/r","smeltVersion":"1"}
            """
        var planned = try RecordJSON.decode(RunPlanned.self, from: Array(text.utf8))
        planned.resumes = resumes
        return planned
    }

    private static let ready = EnvironmentReady(
        id: "e", runtime: .sandbox, baseRef: "main", baseCommit: "base", directory: "/d",
        workspace: "/w", limits: Limits(), network: Network(mode: .none, allow: []))

    private static func started(_ name: String, from commit: String = "base") -> SessionStarted {
        SessionStarted(
            session: name, attempt: 1, branch: "smelt/\(name)", commit: commit, workspace: "/w")
    }

    private static func finished(_ name: String, _ ending: Ending = .succeeded) -> SessionFinished {
        SessionFinished(
            session: name, attempt: 1, ending: ending, branch: "smelt/\(name)",
            commit: "\(name)-done")
    }

    private static func result(
        conflicts: [ResultCollected.Conflict]? = nil
    ) -> ResultCollected {
        ResultCollected(
            branch: "t", commit: "c", base: "base", commits: 1, files: 1, insertions: 1,
            deletions: 0, sessions: [], draft: false, conflicts: conflicts, review: .none)
    }

    private static func taken(_ name: String, _ run: RunID = run, from start: String = "base")
        -> Resumed.Taken
    {
        Resumed.Taken(
            session: name, run: "\(run)", attempt: 1, branch: "smelt/\(name)", start: start,
            commit: "\(name)-done")
    }

    private func way(_ records: [any Record], run: RunID = run) throws -> Resumption.Way {
        var resumption = Resumption()
        for record in records { try take(record, run, &resumption) }
        return resumption.way
    }

    private func take(
        _ record: some Record, _ run: RunID, _ resumption: inout Resumption
    ) throws {
        let bytes = try RecordJSON.line(record, run: run)
        let scan = try #require(bytes.withUnsafeBytes { LineScan($0) })
        resumption.take(
            Line(type: type(of: record).type, session: scan.session, bytes: bytes), run: scan.run)
    }

    private func sessions(_ taken: [Resumed.Taken]) -> Resumption.Way {
        .sessions(
            Resumed(
                run: "\(Self.run)", first: "\(Self.run)", baseCommit: "base", sessions: taken))
    }

    @Test func `what ended well is taken over, and what failed or was skipped is not`() throws {
        let plan = try Self.planned([("a", []), ("b", ["a"]), ("c", ["b"]), ("d", [])])
        let records: [any Record] = [
            plan, Self.ready, Self.started("a"), Self.started("d"), Self.finished("a"),
            Self.started("b", from: "a-done"), Self.finished("d", .gateFailed),
            Self.finished("b", .timedOut),
            SessionFinished(session: "c", attempt: 1, ending: .skipped),
            Self.result(), RunFinished(status: 1, seconds: 1),
        ]
        #expect(try way(records) == sessions([Self.taken("a")]))
    }

    @Test func `a log that was cut off tells what had ended by then`() throws {
        let plan = try Self.planned([("a", []), ("b", [])])
        let begun: [any Record] = [plan, Self.ready, Self.started("a"), Self.started("b")]
        #expect(try way(begun) == sessions([]))
        #expect(try way(begun + [Self.finished("b")]) == sessions([Self.taken("b")]))
        // Begun once more, it has not ended.
        #expect(try way(begun + [Self.finished("b"), Self.started("b")]) == sessions([]))
    }

    @Test func `what stages ask about later comes along`() throws {
        let plan = try Self.planned([("a", []), ("b", [])])
        var (taken, end) = (Self.taken("a"), Self.finished("a"))
        (taken.committedForAgent, taken.gateSeconds) = (true, 2)
        end.committedForAgent = true
        let gate = GateFinished(session: "a", command: "true", ok: true, status: 0, seconds: 2)
        #expect(
            try way([plan, Self.ready, Self.started("a"), gate, end]) == sessions([taken]))
    }

    @Test func `nothing is taken over without what it was built on`() throws {
        let plan = try Self.planned([("b", ["a"]), ("a", [])])
        let records: [any Record] = [
            plan, Self.ready, Self.started("b", from: "a-done"), Self.finished("b"),
        ]
        #expect(try way(records) == sessions([]))
        #expect(
            try way(records + [Self.started("a"), Self.finished("a")])
                == sessions([Self.taken("b", from: "a-done"), Self.taken("a")]))
    }

    @Test func `what was taken over before is taken over again, with the run that did it`() throws {
        let resumes = Resumed(
            run: "\(Self.before)", first: "first", baseCommit: "old",
            sessions: [Self.taken("a", Self.before), Self.taken("b", Self.before)])
        let plan = try Self.planned([("a", []), ("b", []), ("c", [])], resumes: resumes)
        func wanted(_ taken: [Resumed.Taken]) -> Resumption.Way {
            .sessions(
                Resumed(run: "\(Self.run)", first: "first", baseCommit: "old", sessions: taken))
        }
        // Before its environment was there: then the one before may still be at work.
        var begun = Resumed(
            run: "\(Self.run)", earlier: ["\(Self.before)"], first: "first", baseCommit: "old",
            sessions: [Self.taken("a", Self.before), Self.taken("b", Self.before)])
        #expect(try way([plan]) == .sessions(begun))
        #expect(begun.runs == ["\(Self.run)", "\(Self.before)", "first"])
        begun.run = "\(Self.before)"
        begun.earlier = ["older"]
        let again = try Self.planned([("a", []), ("b", []), ("c", [])], resumes: begun)
        begun.run = "\(Self.run)"
        begun.earlier = ["older", "\(Self.before)"]
        #expect(try way([again]) == .sessions(begun))
        var ready = Self.ready
        ready.baseCommit = "old"
        let told: [any Record] = [
            plan, ready, SessionTaken(Self.taken("a", Self.before)), Self.finished("a"),
            SessionTaken(Self.taken("b", Self.before)), Self.started("c"), Self.finished("c"),
            Failed(stage: "collect", code: "x", status: 74, message: ""),
        ]
        #expect(
            try way(told)
                == wanted([
                    Self.taken("a", Self.before), Self.taken("b", Self.before), Self.taken("c"),
                ]))
    }

    @Test func `behind a result only the last stages have something to do`() throws {
        let plan = try Self.planned([("a", [])])
        let good: [any Record] = [
            plan, Self.ready, Self.started("a"), Self.finished("a"), Self.result(),
        ]
        #expect(try way(good) == .behindResult)
        let busy = Failed(stage: "pr", code: "busy", status: 75, message: "")
        #expect(try way(good + [busy]) == .behindResult)
        let release = Failed(stage: "provision", code: "x", status: 74, message: "")
        #expect(try way(good + [release]) == sessions([Self.taken("a")]))
        // People were asked about it as it is.
        let bad: [any Record] = [
            plan, Self.ready, Self.started("a"), Self.finished("a", .failed), Self.result(),
        ]
        let asked = Failed(stage: "review", code: Failed.reviewWaits, status: 75, message: "")
        #expect(try way(bad + [asked]) == .behindResult)
        #expect(try way(bad) == sessions([]))
        // Its delivery would not make them good.
        #expect(try way(bad + [busy]) == sessions([]))
    }

    @Test(
        arguments: [
            SessionFinished(session: "a", attempt: 1, ending: .failed),
            ResumptionTests.finished("a", .gateFailed), ResumptionTests.finished("a"),
        ])
    func `what people said yes to is delivered as it is, and then over`(end: SessionFinished) throws
    {
        let isGood = end.ending == .succeeded
        let plan = try Self.planned([("a", [])])
        let conflict = isGood ? [ResultCollected.Conflict(session: "a", files: ["f"])] : nil
        let asked: [any Record] = [
            plan, Self.ready, Self.started("a"), end, Self.result(conflicts: conflict),
            ReviewRequested(title: "t", summary: "s", expires: .now, commit: "c"),
        ]
        #expect(try way(asked) == .behindResult)
        let waits: [any Record] = [
            Failed(stage: "review", code: Failed.reviewWaits, status: 75, message: ""),
            RunFinished(status: 75, seconds: 1),
        ]
        let yes = ReviewDecided(decision: .approved, commit: "c", actor: "p")
        let other = ReviewDecided(decision: .approved, commit: "d", actor: "p")
        #expect(try way(asked + waits) == .behindResult)
        #expect(try way(asked + waits + [yes]) == .behindResult)
        // Wherever the two stand.
        #expect(try way(asked + [yes] + waits) == .behindResult)
        let no = ReviewDecided(decision: .denied, commit: "c", actor: "p")
        let denied = Failed(stage: "review", code: "review_denied", status: 77, message: "")
        let refused = RunFinished(status: 77, seconds: 1)
        #expect(try way(asked + [no, denied, refused]) == .behindResult)
        #expect(try way(asked + [no, denied, refused, yes]) == .behindResult)
        let failed = Failed(stage: "pr", code: "x", status: 69, message: "")
        let late = RunFinished(status: 69, seconds: 1)
        #expect(try way(asked + waits + [yes, failed, late]) == .behindResult)
        let done = try way(asked + waits + [yes, RunFinished(status: 1, seconds: 1)])
        #expect(done == (isGood ? .none(.conflict) : sessions([])))
        let unasked = try way(asked.dropLast() + [other])
        #expect(unasked == (isGood ? .none(.conflict) : sessions([])))
    }

    @Test func `where an end cannot be read, what was counted tells`() throws {
        let plan = try Self.planned([("a", []), ("b", [])])
        let log: [any Record] = [
            plan, Self.ready, Self.started("a"), Self.started("b"), Self.finished("b"),
        ]
        #expect(try way(log + [Self.result()]) == sessions([Self.taken("b")]))
        for (endings, isGood) in [
            (["succeeded": 2], true), (["succeeded": 1, "failed": 1], false),
            (["succeeded": 1], false),
        ] {
            let told = try way(log + [SessionsFinished(endings: endings), Self.result()])
            #expect(told == (isGood ? .behindResult : sessions([Self.taken("b")])))
        }
    }

    @Test(arguments: [Ending.cancelled, .skipped])
    func `what was to be taken over and never came to it is taken over again`(ending: Ending) throws
    {
        let resumes = Resumed(
            run: "\(Self.before)", first: "first", baseCommit: "base",
            sessions: [Self.taken("b", Self.before)])
        let plan = try Self.planned([("a", []), ("b", [])], resumes: resumes)
        let log: [any Record] = [
            plan, Self.ready, Self.started("a"), Self.finished("a", .cancelled),
            SessionFinished(session: "b", attempt: 1, ending: ending),
        ]
        #expect(
            try way(log)
                == .sessions(
                    Resumed(
                        run: "\(Self.run)", first: "first", baseCommit: "base",
                        sessions: [Self.taken("b", Self.before)])))
    }

    @Test func `what cannot be gone on with is told apart`() throws {
        let plan = try Self.planned([("a", [])])
        #expect(try way([Self.ready]) == .none(.noPlan))
        let failed = Failed(stage: "provision", code: "x", status: 69, message: "")
        #expect(try way([plan, failed]) == .none(.noEnvironment))
        let conflict = Self.result(conflicts: [.init(session: "a", files: ["f"])])
        #expect(
            try way([plan, Self.ready, Self.started("a"), Self.finished("a"), conflict])
                == .none(.conflict))
    }

    @Test func `what had a credential in its result is not gone on with`() throws {
        let plan = try Self.planned([("a", []), ("b", [])])
        let refused = Failed(
            stage: "collect", code: Failed.secretInResult, status: 77, message: "")
        let records: [any Record] = [
            plan, Self.ready, Self.started("a"), Self.finished("a"), Self.started("b"),
            Self.finished("b", .failed), refused,
        ]
        #expect(try way(records) == .none(.secret))
    }

    @Test func `of several runs the last one counts`() throws {
        var resumption = Resumption()
        let plan = try Self.planned([("a", [])])
        for record in [plan, Self.ready, Self.started("a"), Self.finished("a")] as [any Record] {
            try take(record, Self.before, &resumption)
        }
        try take(plan, Self.run, &resumption)
        #expect(resumption.way == .none(.noEnvironment))
        // Of one that is over by now nothing counts any more.
        try take(Self.ready, Self.before, &resumption)
        #expect(resumption.way == .none(.noEnvironment))
        try take(Self.ready, Self.run, &resumption)
        #expect(resumption.way == sessions([]))
    }
}
