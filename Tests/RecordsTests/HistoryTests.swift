import Testing

@testable import Records

struct HistoryTests {
    private func line(_ type: String, _ members: String = "") -> Line {
        let head = #"{"v":1,"type":"\#(type)","time":"2026-01-01T00:00:00.000Z","#
        let run = #""run":"01k0000000000000000000000a""#
        return Line(
            type: type, session: nil, bytes: Array("\(head)\(run)\(members)}\n".utf8))
    }

    private func failed(_ stage: String, _ code: String, _ status: Int) -> Line {
        line(
            Failed.type,
            #","stage":"\#(stage)","code":"\#(code)","message":"m","status":\#(status)"#)
    }

    private func decided(_ word: String, _ commit: String) -> Line {
        line(ReviewDecided.type, #","decision":"\#(word)","commit":"\#(commit)""#)
    }

    private let result =
        #","branch":"b","commit":"c","base":"a","commits":1,"files":1,"#
        + #""insertions":1,"deletions":1,"sessions":["s"],"draft":false,"review":"required""#

    @Test(arguments: [
        ("approved", "c", 0 as Int32), ("denied", "c", 77), ("expired", "c", 77),
        ("approved", "another", 77),
    ])
    func `only a late yes to this commit lifts the silence`(
        word: String, commit: String, status: Int32
    ) {
        let silence = failed("review", "review_expired", 77)
        for lines in [[silence, decided(word, commit)], [decided(word, commit), silence]] {
            var history = History()
            history.take(line(ResultCollected.type, result))
            lines.forEach { history.take($0) }
            #expect(history.status == status)
        }
    }

    @Test func `a yes lifts no failure but that of the silence`() {
        var history = History()
        history.take(line(ResultCollected.type, result))
        history.take(failed("review", "review_expired", 77))
        history.take(decided("approved", "c"))
        history.take(failed("pr", "busy", 75))
        #expect(history.status == 75)
    }

    @Test func `a question that was left open is no end, and the answer lifts it`() {
        var history = History()
        history.take(line(ResultCollected.type, result))
        history.take(failed("review", Failed.reviewWaits, 75))
        #expect(history.status == 75)
        history.take(line(RunFinished.type, #","status":75,"seconds":1"#))
        #expect(history.phase == .reviewing && history.phase.isFinal == false)
        var denied = history
        denied.take(decided("denied", "c"))
        denied.take(failed("review", "review_denied", 77))
        denied.take(line(RunFinished.type, #","status":77,"seconds":1"#))
        #expect(denied.status == 77 && denied.phase == .failed)
        // Asked anew.
        denied.take(failed("review", Failed.reviewWaits, 75))
        denied.take(line(RunFinished.type, #","status":75,"seconds":1"#))
        #expect(denied.phase == .reviewing)
        for var answered in [history, denied] {
            answered.take(decided("approved", "c"))
            answered.take(line(RunFinished.type, #","status":0,"seconds":1"#))
            #expect(answered.status == 0 && answered.phase == .complete)
        }
    }

    @Test func `what could not be delivered was, behind the end of the run`() {
        let moved = line(BranchUpdated.type, #","url":"u","ref":"r","new":"c""#)
        var history = History()
        history.take(line(ResultCollected.type, result))
        history.take(moved)
        history.take(failed("pr", "busy", 75))
        #expect(history.status == 75)
        history.take(line(RunFinished.type, #","status":75,"seconds":1"#))
        history.take(moved)
        #expect(history.status == 0)
        history.take(failed("pr", "busy", 75))
        #expect(history.status == 75)
    }

    @Test(arguments: ["review", "pr", "runs", "queue"], ["cancelled", "no_user"])
    func `what the last stages could not do counts no more behind the end of the run`(
        stage: String, code: String
    ) {
        var history = History()
        history.take(line(ResultCollected.type, result))
        history.take(failed(stage, code, 78))
        #expect(history.status == 78)
        history.take(line(RunFinished.type, #","status":78,"seconds":1"#))
        #expect(history.status == 78)
        history.take(decided("approved", "c"))
        #expect(history.status == 0 && history.cancelled == nil)
        // Which is not so of what came before them, the first of all or not.
        history.take(failed(stage, code, 78))
        history.take(failed("provision", code, 74))
        #expect(history.status == 78)
        history.take(line(RunFinished.type, #","status":78,"seconds":1"#))
        history.take(decided("approved", "c"))
        #expect(history.status == 74)
    }

    @Test func `of a job's rules and the daemon's, the job's come first`() {
        var own = ReviewRules()
        var others = ReviewRules(required: true, expiresSeconds: 5)
        others.reviewers = ["a", "b"]
        others.count = 2
        others.autoAccept = [.init(paths: ["x"])]
        #expect(own.filled(from: others) == others)
        #expect(own.filled(from: nil) == own)
        own.reviewers = ["c"]
        own.expiresSeconds = 7
        let both = own.filled(from: others)
        #expect(both.required && both.expiresSeconds == 7 && both.autoAccept == others.autoAccept)
        // So many of others are not so many of these.
        #expect(both.reviewers == ["c"] && both.count == nil)
        // So many of anybody are.
        others.reviewers = nil
        #expect(own.filled(from: others).count == 2)
        own.count = 1
        #expect(own.filled(from: others).count == 1)
    }

    /// review asks when it reads the result; release acts only at the end of the input.
    @Test func `a question that was asked before the release is open after it`() {
        var history = History()
        history.take(line(ReviewRequested.type))
        history.take(line(EnvironmentReleased.type))
        #expect(history.phase == .reviewing)
        history.take(line(ReviewDecided.type))
        #expect(history.phase == .delivering)
    }
}
