internal import Records
package import Smelt

/// What a run left that is gone on with: the records that its last stages need to do their work.
package struct StoredRun: Sendable, Equatable {
    /// The run that the records are of.
    package let run: RunID
    /// Whole lines.
    package let lines: [UInt8]
}

extension Store {
    /// The log of a job's latest run from its plan on, over all attempts that went on with it, as the stages behind the result
    /// get it: without what sessions printed, without how these stages ended before, and without an answer that counts no more.
    /// Nil when no result was collected, a stage before them failed, or the log does not go back so far.
    package func storedRun(of id: RunID) throws(StoreFault) -> StoredRun? {
        let job = try row(named: id.description).job
        var run = LogOfRun(counts: try review(of: job)?.record)
        var seq: Int64 = 0
        while true {
            let page = try records(of: id, after: seq)
            for record in page.records { run.take(record.line) }
            guard let last = page.records.last?.seq, last < page.last else { break }
            seq = last
        }
        return run.stored
    }

    /// Whether a job that is over can go on behind its result; what people did not agree to is asked anew. One whose sessions
    /// or gates failed would end as before.
    func prepareToResume(_ row: JobRow, _ now: Instant) throws(StoreFault) {
        let isOfSessions = row.status == 1 || row.status == 2
        guard !isOfSessions, let id = RunID(row.id), try storedRun(of: id) != nil else {
            throw .notNow(
                job: row.id,
                state: "without a good result, so all of it has to run again: leave out --resume",
                wish: "resume")
        }
        try askAgain(row.job)
    }
}

/// Picks the records of a job's latest run.
private struct LogOfRun {
    /// The answer that the queue has; the last in the log may be one from before the question was asked anew.
    let counts: ReviewDecided?
    private var run: RunID?
    private var hasResult = false
    /// A stage before these failed: they would do nothing.
    private var isBroken = false
    private var lines: [[UInt8]] = []
    private var answer: Int?

    init(counts: ReviewDecided?) { self.counts = counts }

    /// Stages whose work is done anew: what they could not do then is no reason not to try.
    private static let again: Set<String> = ["review", "pr", "runs", "queue"]

    mutating func take(_ line: [UInt8]) {
        let scan = line.withUnsafeBytes { LineScan($0) }
        guard let scan, let type = scan.type else { return }
        if type == RunPlanned.type {
            self = LogOfRun(counts: counts)
            run = scan.run.flatMap { RunID($0) }
        }
        guard let run, scan.run == run.description else { return }
        switch type {
        case Output.type, RunFinished.type: return
        case ResultCollected.type: hasResult = true
        case ReviewDecided.type:
            if let answer { lines[answer] = [] }
            answer = lines.count
        case Failed.type:
            let failed = try? RecordJSON.decode(Failed.self, from: line)
            guard failed?.session == nil else { break }
            if Self.again.contains(failed?.stage ?? "") { return }
            isBroken = true
        default: break
        }
        lines.append(line + [10])
    }

    var stored: StoredRun? {
        guard let run, hasResult, !isBroken else { return nil }
        var lines = lines
        // Without it the review looks for the one that counts, or asks.
        if let answer, !isValid(lines[answer]) { lines[answer] = [] }
        return StoredRun(run: run, lines: lines.reduce(into: []) { $0 += $1 })
    }

    private func isValid(_ line: [UInt8]) -> Bool {
        guard let answer = try? RecordJSON.decode(ReviewDecided.self, from: line) else {
            return false
        }
        guard let counts else { return answer.decision == .approved }
        return answer.decision == counts.decision && answer.commit == counts.commit
    }
}
