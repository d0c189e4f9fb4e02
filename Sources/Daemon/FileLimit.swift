internal import Glibc

/// How many files this process may have open: four for each run that it looks after, more than most are started with.
enum FileLimit {
    /// For 1024 runs, and what else there is.
    private static let wanted: rlim_t = 8192

    /// Raises the soft limit as far as it is needed and may be. What it was, for the runs, of which some do not work with
    /// descriptors above 1023 (select(2)); nil where nothing was changed.
    static func raise() -> UInt64? {
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(files, &limit) == 0 else { return nil }
        let before = limit.rlim_cur
        limit.rlim_cur = min(wanted, limit.rlim_max)
        guard before < limit.rlim_cur, setrlimit(files, &limit) == 0 else { return nil }
        return UInt64(before)
    }
}
