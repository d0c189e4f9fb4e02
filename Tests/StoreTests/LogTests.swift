import Glibc
import Records
import Smelt
import Testing

@testable import Store

/// What is recorded of jobs, and who waits for it.
@Suite struct LogTests {
    private func lines(_ range: Range<Int>) -> [UInt8] {
        Array(range.map { "{\"n\":\($0)}\n" }.joined().utf8)
    }

    @Test func `records have numbers without holes across attempts`() throws {
        let store = try memory()
        let id = try store.put(job { $0.retries = 1 })
        let first = try #require(try store.take())
        #expect(first.seq == 2)
        #expect(try store.append(lines(0..<3), of: first.lease, moment()) == 5)
        try store.finish(first.lease, Outcome(status: 1), moment())
        try store.advance(moment(400_000))
        let second = try #require(try store.take(moment(400_000)))
        #expect(try store.append(lines(3..<5), of: second.lease, moment()) == 10)
        let page = try store.records(of: id)
        #expect(page.records.map(\.seq) == Array(1...10))
        #expect(String(decoding: page.records[9].line, as: UTF8.self) == "{\"n\":4}")
        #expect(try store.records(of: id, after: 4).records.map(\.seq) == Array(5...10))
        #expect(try store.records(of: id, after: 10).records.isEmpty)
        #expect(try store.records(of: id, after: 2, most: 1).records.map(\.seq) == [3])
        #expect(try store.attempt(ofRun: first.run)?.to == 7)
        #expect(try store.attempt(ofRun: second.run)?.from == 8)
        #expect(try store.verify() == [])
    }

    @Test func `a batch becomes chunks of whole lines, empty ones and long ones too`() throws {
        let store = try memory()
        let id = try store.put(job())
        let claimed = try #require(try store.take())
        let long = [UInt8](repeating: 120, count: 100_000) + [10]
        let many = Array(repeating: lines(0..<1), count: 20_000).flatMap { $0 }
        let batch = [10] + long + many + long + [10, 10]
        #expect(try store.append(batch, of: claimed.lease, moment()) == 20_007)
        var seq: Int64 = 0
        var back: [UInt8] = []
        while true {
            let page = try store.records(of: id, after: seq, most: 50_000)
            guard let last = page.records.last else { break }
            #expect(page.records.map(\.seq) == Array(seq + 1...last.seq))
            for record in page.records where record.seq > 2 { back += record.line + [10] }
            seq = last.seq
        }
        #expect(back == batch)
        #expect(try store.verify() == [])
        #expect(throws: StoreFault.self) {
            try store.append([65], of: claimed.lease, moment())
        }
        #expect(Store.chunks(of: lines(0..<2)).map(\.count) == [2])
    }

    @Test func `records of a job's changes are such records`() throws {
        let store = try memory()
        let id = try store.put(job { $0.due = moment(5).wall })
        try store.cancel(id, by: someone, why: "a \"reason\"\n", moment(1))
        for record in try store.records(of: id).records {
            let changed = try RecordJSON.decode(JobChanged.self, from: record.line)
            #expect(
                try RecordJSON.line(changed, run: id, at: moment(record.seq - 1).time).dropLast()
                    == record.line[...])
        }
    }

    @Test func `a follower is told of a commit, of another file, and of nothing else`() throws {
        let scratch = try Scratch()
        let store = try Store(scratch.file)
        let follower = try Follower(scratch.file)
        #expect(follower.wait(0) == .nothing)
        _ = try store.put(job())
        #expect(follower.wait(5) == .committed)
        // The writes that came before the bell are no second news.
        #expect(follower.wait(0) == .nothing)
        _ = try Store(scratch.file).list()
        #expect(follower.wait(0) == .nothing)
        rename(scratch.file, "\(scratch.file).old")
        #expect(follower.wait(5) == .replaced)
    }

    /// Also where it took longer than most.
    @Test func `a commit without a bell is noticed a little later`() throws {
        let scratch = try Scratch()
        let store = try Store(scratch.file)
        let follower = try Follower(scratch.file, delays: [0.01, 0.02])
        try store.database.run("UPDATE groups SET parallel = 3")
        #expect(follower.wait(5) == .committed)
        #expect(follower.patience != nil)
        #expect(follower.wait(5) == .committed)
        #expect(follower.patience == nil)
    }

    @Test func `what is done together rings once, when all of it counts`() throws {
        let scratch = try Scratch()
        let store = try Store(scratch.file)
        let id = try store.put(job())
        let follower = try Follower(scratch.file)
        try store.together(moment()) { () throws(StoreFault) in
            try store.hold(id, by: someone, moment())
            try store.release(id, by: someone, moment())
            #expect(follower.take() != .committed)
        }
        #expect(follower.wait(5) == .committed)
    }

    @Test func `a run says where its records are, and whether it is over`() throws {
        let store = try memory()
        _ = try store.put(job { $0.retries = 1 })
        let first = try #require(try store.take())
        #expect(try store.attempt(ofRun: first.run)?.isOver == false)
        try store.finish(first.lease, Outcome(status: 1), moment())
        let told = try #require(try store.attempt(ofRun: first.run))
        #expect(told.isOver && told.from == 2 && told.to == nil)
    }
}

extension Instant {
    var time: Timestamp { Timestamp(milliseconds: wall) }
}
