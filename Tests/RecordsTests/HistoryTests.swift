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
