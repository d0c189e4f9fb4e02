package import Records
package import Smelt

/// What a run left that is gone on with: the records that are needed for it.
package struct StoredRun: Sendable, Equatable {
    package enum Part: Sendable {
        /// The last stages of the pipeline do their work, for the same run.
        case behindResult
        /// Sessions run again, in a run of their own that takes over the others' work.
        case sessions
    }

    /// The run that the records are of.
    package let run: RunID
    package let part: Part
    /// Whole lines.
    package let lines: [UInt8]
}

extension Store {
    /// The log of a job's latest run from its plan on, over all attempts that went on with it, as they get it who go on with it:
    /// without what sessions printed. Where only the stages behind the result are to do something, also without how these ended
    /// before, and without an answer that counts no more. Nil when the log does not go back so far, or nothing was begun.
    package func storedRun(of id: RunID) throws(StoreFault) -> StoredRun? {
        try latestRun(of: row(named: id.description).job, id).stored
    }

    /// What the next attempt of a job takes over when it is resumed; nil where no session would run again.
    package func resumed(of id: RunID) throws(StoreFault) -> Resumed? {
        let log = try latestRun(of: row(named: id.description).job, id)
        if case .sessions(let resumed) = log.sessions.way { return resumed }
        return nil
    }

    /// The log of a job as somebody reads it who may be about to resume it. It is long, and nobody is kept from writing meanwhile.
    func logToResume(_ id: RunID) throws(StoreFault) -> LogOfRun {
        try latestRun(of: row(named: id.description).job, id)
    }

    /// Whether a job that is over can go on, by its log and what has come into it since; what people did not agree to is asked
    /// anew.
    func prepareToResume(_ row: JobRow, _ log: LogOfRun, _ now: Instant) throws(StoreFault) {
        func refusal(_ state: String) -> StoreFault {
            .notNow(job: row.id, state: "\(state): leave out --resume", wish: "resume")
        }
        guard let id = RunID(row.id) else { throw refusal("no job with an id") }
        var log = log
        try read(&log, of: row.job, id)
        switch log.stored?.part {
        case .behindResult where row.status != 1 && row.status != 2: try askAgain(row.job)
        case .sessions:
            guard try isPlanned(log.sessions.planned, from: row.job) else {
                throw refusal("changed since that attempt, whose plan would be gone on with")
            }
            // Its result will be another one.
            try leaveReview(of: row.job)
        default: throw refusal("without anything that could be gone on with")
        }
    }

    /// Whether the next attempt need not run sessions again: this one had a result, which nobody but the stages behind it failed.
    func goesOnBehindResult(_ row: JobRow, _ outcome: Outcome) throws(StoreFault) -> Bool {
        guard outcome.hasResult, let id = RunID(row.id) else { return false }
        return try latestRun(of: row.job, id).stored?.part == .behindResult
    }

    /// Whether an attempt that goes on has begun a run of its own, as it does where sessions run again. Its plan is among the
    /// first of its records.
    func plannedRun(_ row: JobRow) throws(StoreFault) -> Bool {
        let first = try database.first(
            "SELECT first FROM attempts WHERE job = ? AND attempt = ?", .number(row.job),
            .number(row.attempt)
        ) { (found) throws(StoreFault) in try found.sound(0) }
        guard let first, let id = RunID(row.id) else { return false }
        return try records(of: id, after: first - 1).records.contains { record in
            record.line.withUnsafeBytes { LineScan($0)?.type == RunPlanned.type }
        }
    }

    private func latestRun(of job: Int64, _ id: RunID) throws(StoreFault) -> LogOfRun {
        var run = LogOfRun()
        try read(&run, of: job, id)
        return run
    }

    /// Reads on from where it was read to.
    private func read(_ run: inout LogOfRun, of job: Int64, _ id: RunID) throws(StoreFault) {
        while true {
            let page = try records(of: id, after: run.seq)
            for record in page.records { run.take(record) }
            guard run.seq < page.last, !page.records.isEmpty else { break }
        }
        run.counts = try review(of: job)?.record
    }

    private func isPlanned(_ plan: RunPlanned?, from job: Int64) throws(StoreFault) -> Bool {
        let body = try database.first(
            "SELECT body FROM requests WHERE job = ? AND kind = 0", .number(job)
        ) { (row) throws(StoreFault) in row.bytes(0) }
        return body.map { SHA256.digest($0) } == plan?.manifest.sha256
    }
}

/// Picks the records of a job's latest run.
struct LogOfRun {
    /// The answer that the queue has; the last in the log may be one from before the question was asked anew.
    var counts: ReviewDecided?
    /// Of the last record that was taken in.
    private(set) var seq: Int64 = 0
    private var run: RunID?
    private var hasResult = false
    /// A stage before these failed: they would do nothing.
    private var isBroken = false
    private var lines: [[UInt8]] = []
    /// Whether sessions have to run again, and the lines that tell.
    private(set) var sessions = Resumption()
    private var told: [[UInt8]] = []
    private var answer: Int?

    mutating func take(_ record: LoggedRecord) {
        seq = record.seq
        take(record.line)
    }

    private mutating func take(_ line: [UInt8]) {
        let scan = line.withUnsafeBytes { LineScan($0) }
        guard let scan, let type = scan.type else { return }
        if type == RunPlanned.type {
            let seq = seq
            self = LogOfRun()
            self.seq = seq
            run = scan.run.flatMap { RunID($0) }
        }
        guard let run, scan.run == run.description else { return }
        if Resumption.wanted.contains(type) {
            sessions.take(Line(type: type, session: scan.session, bytes: line), run: scan.run)
            told.append(line + [10])
        }
        switch type {
        case Output.type, RunFinished.type: return
        case ResultCollected.type: hasResult = true
        case ReviewDecided.type:
            if let answer { lines[answer] = [] }
            answer = lines.count
        case Failed.type:
            let failed = try? RecordJSON.decode(Failed.self, from: line)
            guard failed?.session == nil else { break }
            if Failed.lastStages.contains(failed?.stage ?? "") { return }
            isBroken = true
        default: break
        }
        lines.append(line + [10])
    }

    var stored: StoredRun? {
        guard let run else { return nil }
        switch sessions.way {
        case .sessions:
            return StoredRun(run: run, part: .sessions, lines: told.reduce(into: []) { $0 += $1 })
        case .none(.conflict): return nil
        case .behindResult, .none: break
        }
        guard hasResult, !isBroken else { return nil }
        var lines = lines
        // Without it the review looks for the one that counts, or asks.
        if let answer, !isValid(lines[answer]) { lines[answer] = [] }
        return StoredRun(run: run, part: .behindResult, lines: lines.reduce(into: []) { $0 += $1 })
    }

    private func isValid(_ line: [UInt8]) -> Bool {
        guard let answer = try? RecordJSON.decode(ReviewDecided.self, from: line) else {
            return false
        }
        guard let counts else { return answer.decision == .approved }
        return answer.decision == counts.decision && answer.commit == counts.commit
    }
}
