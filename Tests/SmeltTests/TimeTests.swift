import Smelt
import Testing

struct TimeTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (1_767_225_600_123, "2026-01-01T00:00:00.123Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
    ])
    func `a moment is written in UTC with milliseconds`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test func `offsets and other fractions are read`() {
        #expect(Timestamp("2026-01-01T01:00:00.5+01:00")?.milliseconds == 1_767_225_600_500)
        #expect(Timestamp("2026-01-01T00:00:00Z")?.milliseconds == 1_767_225_600_000)
    }

    @Test(arguments: [
        "", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "x",
        "2026-01-00T00:00:00Z",
        "2026-04-31T00:00:00Z", "2027-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
    ])
    func `anything else is no moment`(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func `run ids sort by time and are read back`() throws {
        let early = RunID.make(at: Timestamp(milliseconds: 1_000))
        let late = RunID.make(at: Timestamp(milliseconds: 2_000))
        #expect(early.description < late.description)
        #expect(RunID(late.description) == late)
    }

    @Test(arguments: [
        "", "../../../../etc/passwd", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "zzzzzzzzzzzzzzzzzzzzzzzzzz",
    ])
    func `what is no run id is refused`(text: String) {
        #expect(RunID(text) == nil)
    }
}
