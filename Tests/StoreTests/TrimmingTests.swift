import Records
import Smelt
import Testing

@testable import Store

/// Output that goes out of a log, and what stays.
@Suite struct TrimmingTests {
    private func output(_ number: Int, _ size: Int = 20) -> String {
        "{\"type\":\"output\",\"n\":\(number),\"text\":\"\(String(repeating: "x", count: size))\"}\n"
    }

    private func state(_ number: Int) -> String {
        "{\"type\":\"session.started\",\"n\":\(number)}\n"
    }

    /// A job that runs, whose log has these lines behind the first two.
    private func running(_ store: Store, _ batches: [String]) throws -> Claimed {
        _ = try store.put(job())
        let claimed = try #require(try store.take())
        for batch in batches { try store.append(Array(batch.utf8), of: claimed.lease, moment()) }
        return claimed
    }

    /// All that a reader gets: numbers, and what they are the numbers of.
    private func read(
        _ store: Store, _ id: RunID, after seq: Int64 = 0, most bytes: Int = 1 << 20
    ) throws -> [String] {
        var found: [String] = []
        var at = seq
        while true {
            let page = try store.records(of: id, after: at, most: bytes)
            guard let last = page.records.last else { return found }
            at = last.seq
            for record in page.records {
                let scan = try #require(record.line.withUnsafeBytes { LineScan($0) })
                let type = try #require(scan.type)
                guard type == LogTrimmed.type else {
                    found.append("\(record.seq) \(type)")
                    continue
                }
                let gone = try RecordJSON.decode(LogTrimmed.self, from: record.line)
                #expect(Int64(gone.to) == record.seq && scan.run == id.description)
                found.append("\(gone.from)-\(gone.to)")
            }
        }
    }

    @Test func `output goes and nothing else, and who reads there is told once`() throws {
        let store = try memory()
        let claimed = try running(
            store,
            [
                state(1) + output(2) + output(3) + state(4) + output(5), output(6) + output(7),
                output(8) + state(9) + output(10),
            ])
        let id = claimed.lease.id
        #expect(try !store.trim(claimed.lease.job, to: 0, moment(7)))
        let all = [
            "1 job.changed", "2 job.changed", "3 session.started", "4-5", "6 session.started",
            "7-10", "11 session.started", "12-12",
        ]
        #expect(try read(store, id) == all)
        #expect(try read(store, id, most: 1) == all)
        #expect(try read(store, id, after: 4) == ["5-5"] + all[4...])
        #expect(try read(store, id, after: 5) == Array(all[4...]))
        #expect(try read(store, id, after: 8).first == "9-10")
        #expect(try store.records(of: id).trimmed == 12)
        #expect(try store.database.number("SELECT count(*) FROM log WHERE gone <> 0") == 3)
        #expect(try store.verify() == [])
        // The log goes on, and so do its numbers.
        #expect(
            try store.append(Array(output(11).utf8), of: claimed.lease, moment(8)) == 13)
        #expect(try !store.trim(claimed.lease.job, to: 0, moment(9)))
        #expect(try read(store, id).last == "12-13")
        try store.finish(claimed.lease, Outcome(status: 0), moment(10))
        #expect(try read(store, id).last == "14 job.changed")
        #expect(try store.verify() == [])
    }

    @Test func `the oldest go first, and no more than must`() throws {
        let store = try memory()
        let batch = (0..<30).map { output($0, 1_000) }.joined()
        let claimed = try running(store, Array(repeating: batch, count: 20))
        let most: Int64 = 300_000
        #expect(try !store.trim(claimed.lease.job, to: most, moment()))
        let left = try #require(try store.database.number("SELECT sum(length(bytes)) FROM log"))
        #expect(left <= most && left > most - Int64(batch.utf8.count))
        let lines = try read(store, claimed.lease.id)
        #expect(lines[2].hasPrefix("3-") && lines[3].hasSuffix(" output"))
        #expect(lines.last == "602 output")
        // Again is nothing.
        let before = try store.records(of: claimed.lease.id).trimmed
        #expect(try !store.trim(claimed.lease.job, to: most, moment()))
        #expect(try store.records(of: claimed.lease.id).trimmed == before)
        #expect(try store.verify() == [])
    }

    @Test func `much is done in pieces, between which the log is whole`() throws {
        let store = try memory()
        let batch = (0..<60).map { output($0, 1_000) }.joined()
        // State records alone are more than a piece, and hide what comes behind them from nobody.
        let states = String(repeating: state(0), count: 1_500)
        let claimed = try running(
            store,
            Array(repeating: states, count: 100) + Array(repeating: batch, count: 150))
        var pieces = 1
        while try store.trim(claimed.lease.job, to: 0, moment()) {
            pieces += 1
            #expect(try store.verify() == [])
        }
        #expect(pieces >= 3)
        #expect(try read(store, claimed.lease.id).last == "150003-159002")
        #expect(try store.verify() == [])
    }

    @Test func `a job that is over is remembered until it is done, and one that goes on is not`()
        throws
    {
        let store = try memory()
        let long = try running(store, [(0..<100).map { output($0, 100) }.joined()])
        try store.limitLog(of: long.lease, to: 500, moment())
        #expect(try store.longLogs().isEmpty)
        try store.finish(long.lease, Outcome(status: 0), moment())
        try store.limitLog(of: long.lease, to: 1 << 30, moment())
        #expect(try store.longLogs().isEmpty)
        try store.limitLog(of: long.lease, to: 500, moment())
        #expect(try store.longLogs().map(\.job) == [long.lease.job])
        #expect(try store.trim(long.lease.job, to: 500, moment()) == false)
        #expect(try store.longLogs().isEmpty)
        #expect(try store.trim(4711, to: 0, moment()) == false)
    }

    @Test func `what is no output is looked through once, and what comes behind it is not missed`()
        throws
    {
        let store = try memory()
        let states = (0..<500).map { state($0) }.joined()
        let claimed = try running(store, [states, states])
        let job = claimed.lease.job
        #expect(try !store.trim(job, to: 100, moment()))
        let chunk = try store.database.number("SELECT max(first) FROM log WHERE job = 1")
        #expect(store.withoutOutput == [job: try #require(chunk)])
        try store.append(Array((output(1) + state(1)).utf8), of: claimed.lease, moment())
        #expect(try !store.trim(job, to: 100, moment()))
        #expect(try store.records(of: claimed.lease.id).trimmed > 1_000)
        try store.finish(claimed.lease, Outcome(status: 0), moment())
        #expect(try !store.trim(job, to: 100, moment()))
        #expect(store.withoutOutput.isEmpty)
        #expect(try store.verify() == [])
    }

    @Test func `a job that ended without its run is looked at, once`() throws {
        let store = try memory()
        let lines = (0..<100).map { output($0, 100) }.joined()
        var jobs: [Int64] = []
        for text in [lines, output(1)] {
            _ = try store.put(job { ($0.retries, $0.backoff) = (1, 3_600_000) })
            let claimed = try #require(try store.take())
            try store.append(Array(text.utf8), of: claimed.lease, moment())
            #expect(try store.finish(claimed.lease, Outcome(status: 1), moment()) == .retrying)
            try store.cancel(claimed.lease.id, by: someone, moment())
            jobs.append(claimed.lease.job)
        }
        #expect(try store.longLogs().isEmpty && store.verify() == [])
        try store.limitLogs(to: 2_000, moment())
        #expect(try store.longLogs().map(\.job) == [jobs[0]])
        #expect(try store.trim(jobs[0], to: 2_000, moment()) == false)
        try store.limitLogs(to: 0, moment())
        #expect(try store.longLogs().isEmpty)
    }

    @Test func `what ended while there was no limit is not looked at later`() throws {
        let store = try memory()
        _ = try store.put(job { ($0.retries, $0.backoff) = (1, 3_600_000) })
        let claimed = try #require(try store.take())
        try store.finish(claimed.lease, Outcome(status: 1), moment())
        try store.cancel(claimed.lease.id, by: someone, moment())
        try store.limitLogs(to: nil, moment())
        try store.limitLogs(to: 0, moment())
        #expect(try store.longLogs().isEmpty)
    }

    @Test func `pruned output is of jobs that are over for long enough`() throws {
        let store = try memory()
        var ids: [RunID] = []
        for time in [1, 2, 3] as [Int64] {
            let claimed = try running(store, [output(1) + state(2)])
            try store.finish(claimed.lease, Outcome(status: 0), moment(time))
            ids.append(claimed.lease.id)
        }
        let runs = try running(store, [output(1)])
        #expect(
            try store.pruneOutput(
                before: moment(3).wall, keep: 1, by: someone, moment(4)) == 2)
        #expect(try ids.map { try store.records(of: $0).trimmed } == [3, 3, 0])
        #expect(try read(store, ids[0])[2...3] == ["3-3", "4 session.started"])
        #expect(
            try store.pruneOutput(
                before: moment(4).wall, states: [.failed], by: someone, moment(4)) == 0)
        #expect(try store.pruneOutput(before: moment(4).wall, by: someone, moment(4)) == 1)
        #expect(try store.records(of: runs.lease.id).trimmed == 0)
        #expect(try store.audit().filter { $0.action == "prune output" }.count == 3)
        #expect(try store.list().count == 4 && store.verify() == [])
    }

    @Test func `a run that goes on behind its result finds all that it needs`() throws {
        let store = try memory()
        _ = try store.put(job())
        let claimed = try #require(try store.take())
        let planned = "\"v\":1,\"time\":\"2026-01-01T00:00:00.000Z\",\"run\":\"\(claimed.run)\""
        let lines = ["run.planned", "output", "result.collected", "output"].map {
            "{\"type\":\"\($0)\",\(planned)}\n"
        }
        try store.append(Array(lines.joined().utf8), of: claimed.lease, moment())
        let before = try #require(try store.storedRun(of: claimed.lease.id))
        #expect(try !store.trim(claimed.lease.job, to: 0, moment()))
        #expect(try store.storedRun(of: claimed.lease.id) == before)
    }

    @Test(arguments: [
        "UPDATE jobs SET trimmed = 1", "UPDATE log SET gone = 0 WHERE gone <> 0",
        "UPDATE log SET bytes = x'7b7d0a' WHERE gone <> 0",
        "UPDATE log SET count = count + 1 WHERE gone <> 0",
    ])
    func `verify finds what is wrong with what is gone`(change: String) throws {
        let store = try memory()
        let claimed = try running(store, [output(1) + output(2) + state(3)])
        #expect(try !store.trim(claimed.lease.job, to: 0, moment()))
        #expect(try store.verify() == [])
        try store.database.execute(change)
        #expect(try store.verify() != [])
    }
}
