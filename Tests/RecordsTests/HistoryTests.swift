import Testing

@testable import Records

struct HistoryTests {
    private func line(_ type: String) -> Line {
        let head = #"{"v":1,"type":"\#(type)","time":"2026-01-01T00:00:00.000Z","#
        return Line(
            type: type, session: nil,
            bytes: Array((head + #""run":"01k0000000000000000000000a"}"# + "\n").utf8))
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
