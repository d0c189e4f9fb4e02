internal import Smelt
internal import Store

/// Logs that may not be longer than the file says. It is done in pieces, one a turn, between other things; what is still to be
/// done of jobs that are over is in the store.
extension Daemon {
    /// A log that grows is looked at when it may have become longer by a quarter.
    func noteGrowth(of run: Run, by bytes: Int) {
        guard let most = server.longestLog else { return }
        run.untrimmed += min(bytes, most)
        guard run.untrimmed > max(most / 4, Store.longestChunk) else { return }
        run.untrimmed = 0
        longLogs[run.lease.job] = Int64(most)
    }

    /// One that is over grows no more.
    func limitLog(of lease: Lease, _ now: Instant) throws(StoreFault) {
        guard let most = server.longestOldLog else { return }
        try store.limitLog(of: lease, to: Int64(most), now)
    }

    /// Those of jobs that ended without a run that we look after, such as one that was cancelled while it waited.
    func limitOtherLogs(_ now: Instant) throws(StoreFault) {
        try store.limitLogs(to: server.longestOldLog.map { Int64($0) }, now)
        if server.longestOldLog != nil { try findLongLogs() }
    }

    /// What another daemon, or this one a moment ago, has left to do.
    func findLongLogs() throws(StoreFault) {
        for (job, bytes) in try store.longLogs() { longLogs[job] = bytes }
    }

    func trimLogs(_ now: Instant) throws(StoreFault) {
        guard let (job, bytes) = longLogs.first else { return }
        if try !store.trim(job, to: bytes, now) { longLogs[job] = nil }
    }
}
