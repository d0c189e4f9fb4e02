import Smelt
import Testing

@testable import Store

/// What is told of jobs.
@Suite struct ListingTests {
    @Test func `jobs are listed by page, state, group, label and time`() throws {
        let store = try memory()
        var ids: [RunID] = []
        for number in 0..<10 as Range<Int64> {
            ids.append(
                try store.put(
                    job {
                        $0.group = number % 2 == 0 ? "even" : "odd"
                        $0.labels = number < 3 ? [NewJob.Label("size", "small")] : []
                    }, moment(number)))
        }
        try store.cancel(ids[4], by: someone, moment(20))
        try store.hold(ids[5], by: someone, moment(20))
        func listed(_ change: (inout JobFilter) -> Void, before: Int64? = nil, most: Int64 = 100)
            throws -> [Int]
        {
            var filter = JobFilter()
            change(&filter)
            return try store.list(filter, before: before, most: most).compactMap { view in
                ids.firstIndex { $0 == view.id }
            }
        }
        #expect(try listed({ _ in }, most: 3) == [9, 8, 7])
        #expect(try listed({ _ in }, before: 4) == [2, 1, 0])
        #expect(try listed { $0.states = [.cancelled, .held] } == [5, 4])
        #expect(try listed { $0.states = [.cancelled] } == [4])
        #expect(
            try listed {
                $0.group = "even"; $0.states = [.queued]
            } == [8, 6, 2, 0])
        #expect(try listed { $0.label = NewJob.Label("size", "small") } == [2, 1, 0])
        #expect(
            try listed {
                $0.since = moment(3).wall; $0.until = moment(6).wall
            } == [5, 4, 3])
    }
}
