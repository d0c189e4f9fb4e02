internal import Records
internal import Smelt

/// Output that goes. Of a log that is too long the oldest output goes first, in whole chunks, and nothing else: what says how a
/// job stood stays for as long as the job. The numbers of what is left do not change; in the place of what is gone is a row that
/// knows how many there were, and who reads there gets one record that tells so.
extension Store {
    /// So many bytes are looked through in one transaction, so that others get their turns.
    private static let piece = 4 << 20

    /// Takes output out of a job's log until that has at most so many bytes, or no more output; one piece of it. With `state`,
    /// only while the job is in it. False when nothing is left to do.
    package func trim(
        _ job: Int64, to bytes: Int64, while state: JobState? = nil, _ now: Instant
    ) throws(StoreFault) -> Bool {
        let excess = try logSize(of: job) - bytes
        var last: Int64?
        let isMore = try step(now) { () throws(StoreFault) in
            let found = try database.first(
                "SELECT state, trimmed FROM jobs WHERE job = ?", .number(job)
            ) { (row) throws(StoreFault) in (row.number(0), try row.sound(1)) }
            guard let found, state == nil || state?.rawValue == found.0 else { return false }
            var left = excess
            var trimmer = Trimmer(store: self, job: job, time: now.wall, end: found.1)
            var seen = 0
            // What there is may be no output at all: it is not looked through again.
            var at = max(found.1, withoutOutput[job] ?? 0)
            while left > 0, seen < Self.piece {
                guard let row = try next(of: job, after: at) else {
                    left = 0
                    break
                }
                at = row.first
                seen += row.bytes.count
                left -= try trimmer.take(row.bytes, first: row.first)
            }
            if trimmer.end != found.1 {
                try database.run(
                    "UPDATE jobs SET trimmed = ? WHERE job = ?", .number(trimmer.end),
                    .number(job))
            }
            if left > 0 || found.0 < JobState.succeeded.rawValue { last = at }
            if left > 0 { return true }
            try database.run(
                "UPDATE jobs SET trim = NULL WHERE job = ? AND trim IS NOT NULL", .number(job))
            return false
        }
        withoutOutput[job] = last
        return isMore
    }

    private func next(
        of job: Int64, after seq: Int64
    ) throws(StoreFault) -> (first: Int64, bytes: [UInt8])? {
        try database.first(
            "SELECT first, bytes FROM log WHERE job = ? AND first > ? AND gone = 0 ORDER BY first LIMIT 1",
            .number(job), .number(seq)
        ) { (row) throws(StoreFault) in (try row.sound(0), row.bytes(1)) }
    }

    /// Bytes of all that is left of a job's log.
    private func logSize(of job: Int64) throws(StoreFault) -> Int64 {
        try database.number("SELECT sum(length(bytes)) FROM log WHERE job = ?", .number(job)) ?? 0
    }

    /// Where the job is over and its log is longer than it may stay: remembers that, for whoever trims.
    package func limitLog(
        of lease: Lease, to bytes: Int64, _ now: Instant
    ) throws(StoreFault) {
        guard try logSize(of: lease.job) > bytes else { return }
        try step(now) { () throws(StoreFault) in
            try database.run(
                "UPDATE jobs SET trim = ? WHERE job = ? AND id = ? AND state >= 8", .number(bytes),
                .number(lease.job), .text(lease.id.description))
        }
    }

    /// It is over, and whether its log is too long is for the daemon to say.
    func leaveLog(of job: Int64) throws(StoreFault) {
        try database.run("UPDATE jobs SET trim = -1 WHERE job = ?", .number(job))
    }

    /// As `limitLog`, of all jobs that ended since and whose run's end it was not; nil is no limit.
    package func limitLogs(to bytes: Int64?, _ now: Instant) throws(StoreFault) {
        let left = try database.all(
            "SELECT job FROM jobs WHERE trim = -1 AND trim IS NOT NULL ORDER BY job"
        ) { $0.number(0) }
        if left.isEmpty { return }
        try step(now) { () throws(StoreFault) in
            for job in left {
                let isLong = try bytes.map { most throws(StoreFault) in
                    try logSize(of: job) > most
                }
                try database.run(
                    "UPDATE jobs SET trim = iif(state >= 8, ?, NULL) WHERE job = ? AND trim = -1",
                    Value(isLong == true ? bytes : nil), .number(job))
            }
        }
    }

    /// Jobs whose logs are longer than they may stay, with how long that is.
    package func longLogs() throws(StoreFault) -> [(job: Int64, bytes: Int64)] {
        try database.all(
            "SELECT job, trim FROM jobs WHERE trim IS NOT NULL AND trim >= 0 ORDER BY job"
        ) { (row) throws(StoreFault) in (row.number(0), try row.sound(1)) }
    }

    /// What stands in a log where records are gone.
    func trimmedLine(
        _ id: RunID, from: Int64, to: Int64, at time: Int64
    ) throws(StoreFault) -> [UInt8] {
        do throws(RecordFault) {
            let line = try RecordJSON.line(
                LogTrimmed(from: Int(from), to: Int(to)), run: id,
                at: Timestamp(milliseconds: time))
            return Array(line.dropLast())
        } catch { throw .bug("\(error)") }
    }
}

/// Takes chunks of one log apart.
private struct Trimmer {
    let store: Store
    let job: Int64
    /// Milliseconds since 1970.
    let time: Int64
    /// The last record that is gone.
    var end: Int64

    /// Writes what is no output of a chunk back; answers how many bytes went.
    mutating func take(_ bytes: [UInt8], first: Int64) throws(StoreFault) -> Int64 {
        let stretches = Self.stretches(of: bytes)
        guard stretches.contains(where: \.isOutput) else { return 0 }
        try store.database.run(
            "DELETE FROM log WHERE job = ? AND first = ?", .number(job), .number(first))
        var seq = first
        var gone: Int64 = 0
        for stretch in stretches {
            if stretch.isOutput {
                try leaveOut(stretch.count, from: seq)
                end = seq + stretch.count - 1
                gone += Int64(stretch.range.count)
            } else {
                try store.append(
                    Array(bytes[stretch.range]), count: stretch.count, first: seq, job: job)
            }
            seq += stretch.count
        }
        return gone
    }

    /// One row for all that is gone side by side.
    private func leaveOut(_ count: Int64, from first: Int64) throws(StoreFault) {
        try store.database.run(
            """
            UPDATE log SET count = count + ?1, gone = ?2 WHERE job = ?3 AND gone <> 0
            AND first = (SELECT max(first) FROM log WHERE job = ?3 AND first < ?4)
            """, .number(count), .number(time), .number(job), .number(first))
        guard store.database.changed == 0 else { return }
        try store.database.run(
            "INSERT INTO log (job, first, count, bytes, gone) VALUES (?, ?, ?, x'', ?)",
            .number(job), .number(first), .number(count), .number(time))
    }

    private struct Stretch {
        let isOutput: Bool
        var range: Range<Int>
        var count: Int64
    }

    /// Lines side by side that are output, or are not.
    private static func stretches(of bytes: [UInt8]) -> [Stretch] {
        var found: [Stretch] = []
        bytes.withUnsafeBytes { raw in
            var at = 0
            while let stop = Bytes.lineEnd(in: raw, from: at) {
                let line = UnsafeRawBufferPointer(rebasing: raw[at..<stop])
                let isOutput = LineScan(line)?.type == Output.type
                if let last = found.indices.last, found[last].isOutput == isOutput {
                    found[last].range = found[last].range.lowerBound..<stop
                    found[last].count += 1
                } else {
                    found.append(Stretch(isOutput: isOutput, range: at..<stop, count: 1))
                }
                at = stop
            }
        }
        return found
    }
}
