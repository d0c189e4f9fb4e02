package import Smelt

/// A record in a job's log.
package struct LoggedRecord: Sendable, Equatable {
    /// From 1, without holes, for the life of the job: every attempt's records and every change of the job itself. What was trimmed
    /// keeps its numbers.
    package let seq: Int64
    /// The line as it came, without its line end.
    package let line: [UInt8]
}

/// A stretch of a job's log.
package struct LogPage: Sendable, Equatable {
    /// Changes when a backup was restored: the numbers behind the backup are given twice, and who kept one begins anew.
    package let epoch: String
    package let records: [LoggedRecord]
    /// The last one whose record is gone; 0 when none is. A follower that is not yet there is told by a `log.trimmed` record which
    /// ones it will not get.
    package let trimmed: Int64
    /// The last in the log.
    package let last: Int64
    /// No more will come, unless somebody tries the job again.
    package let isOver: Bool
}

/// The log: all records of all runs of a job and its own changes, in order. Lines that come together lie in one row of up to
/// `longestChunk`, so that a record costs its bytes and not much more.
extension Store {
    package static let longestChunk = 65_536

    /// Writes whole lines, line ends included, into a job's log, and with them, where it is said, how far its owner has read
    /// what the run wrote: who adopts the run goes on exactly there. Answers the number of the last record.
    @discardableResult
    package func append(
        _ lines: [UInt8], of lease: Lease, progress: String? = nil, _ now: Instant
    ) throws(StoreFault) -> Int64 {
        try step(now) { () throws(StoreFault) in
            let old = try row(lease)
            guard lines.isEmpty || lines.last == 10 else {
                throw .invalid("what is to be logged does not end with a whole line")
            }
            var seq = old.seq
            for chunk in Self.chunks(of: lines) {
                try append(
                    Array(lines[chunk.range]), count: chunk.count, first: seq + 1, job: old.job)
                seq += chunk.count
            }
            try database.run(
                """
                UPDATE jobs SET seq = ?, process = coalesce(?, process) WHERE job = ? AND attempt = ? AND token = ?
                """, .number(seq), Value(progress), .number(old.job), .number(old.attempt),
                .number(old.token))
            return seq
        }
    }

    /// Whole lines, as many as fit in a chunk, and never none.
    static func chunks(of lines: [UInt8]) -> [(range: Range<Int>, count: Int64)] {
        var chunks: [(range: Range<Int>, count: Int64)] = []
        var start = 0
        var end = 0
        var count: Int64 = 0
        lines.withUnsafeBytes { bytes in
            var at = 0
            while at < bytes.count {
                guard let stop = Bytes.lineEnd(in: bytes, from: at) else { break }
                if stop - start > longestChunk, count > 0 {
                    chunks.append((start..<end, count))
                    (start, count) = (end, 0)
                }
                end = stop
                count += 1
                at = stop
            }
        }
        if count > 0 { chunks.append((start..<end, count)) }
        return chunks
    }

    /// Records behind `seq`, at most about so many bytes of them, and at least one where there is one. In the place of those that
    /// are gone is one that says so, with the number of the last of them.
    package func records(
        of id: RunID, after seq: Int64 = 0, most bytes: Int = 1 << 20
    ) throws(StoreFault) -> LogPage {
        try database.read { () throws(StoreFault) in
            let epoch = try self.epoch()
            let found = try database.first(
                "SELECT job, seq, trimmed, state FROM jobs WHERE id = ?", .text(id.description)
            ) { (row) throws(StoreFault) in
                (row.number(0), try row.sound(1), try row.sound(2), row.number(3))
            }
            guard let found else { throw unknown(id) }
            var records: [LoggedRecord] = []
            var size = 0
            // The chunk that has the first of them begins at or before it.
            let statement = try database.prepare(
                """
                SELECT first, bytes, gone, count FROM log WHERE job = ?1
                AND first >= coalesce((SELECT max(first) FROM log WHERE job = ?1 AND first <= ?2), 0) ORDER BY first
                """)
            let seq = min(seq, Statement.sound.upperBound)
            try statement.begin([.number(found.0), .number(seq + 1)])
            defer { statement.end() }
            while size < bytes, try statement.step() {
                var number = try statement.sound(0)
                if statement.number(2) != 0 {
                    let last = number + (try statement.sound(3)) - 1
                    guard last > seq else { continue }
                    let line = try trimmedLine(
                        id, from: max(number, seq + 1), to: last, at: statement.sound(2))
                    records.append(LoggedRecord(seq: last, line: line))
                    size += line.count
                    continue
                }
                for line in statement.bytes(1).dropLast().split(
                    separator: 10, omittingEmptySubsequences: false)
                {
                    if number > seq, size < bytes {
                        records.append(LoggedRecord(seq: number, line: Array(line)))
                        size += line.count
                    }
                    number += 1
                }
            }
            let isOver = (JobState(rawValue: found.3) ?? .failed).isOver
            return LogPage(
                epoch: epoch, records: records, trimmed: found.2, last: found.1, isOver: isOver)
        }
    }

    /// Which job a run belongs to, and the numbers of its records: from its first up to the one before the next attempt's, once
    /// there is one. Of a run that is over all that it wrote is in the log.
    package func attempt(
        ofRun run: RunID
    ) throws(StoreFault) -> (job: RunID, from: Int64, to: Int64?, isOver: Bool)? {
        let found = try database.first(
            """
            SELECT j.id, a.first, (SELECT first FROM attempts n WHERE n.job = a.job AND n.attempt > a.attempt ORDER BY attempt LIMIT 1),
            a.finished FROM attempts a JOIN jobs j USING (job) WHERE a.run = ?
            """, .text(run.description)
        ) { (row) throws(StoreFault) in
            (row.text(0), try row.sound(1), try row.soundOptional(2), !row.isNull(3))
        }
        guard let found, let job = RunID(found.0) else { return nil }
        return (job, found.1, found.2.map { $0 - 1 }, found.3)
    }

    package func epoch() throws(StoreFault) -> String {
        try database.first("SELECT value FROM meta WHERE key = 'epoch'") { $0.text(0) } ?? ""
    }
}
