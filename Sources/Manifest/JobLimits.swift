internal import Policies
internal import Records
internal import Toml

/// The job's bounds. Only three have a default: whoever sets no other gets no other.
struct JobLimits {
    let findings: Findings

    func read(_ section: Table?, resources: Table?) -> Limits {
        var limits = Limits(wallSeconds: 86_400, outputBytes: 1 << 30, maxParallel: 4)
        limits.cpu = resources?.number("cpu")?.value
        limits.memoryBytes = resources?.size("memory")?.value
        guard let section else { return limits }
        for key in ["cpu", "memory"] where section.has(key) {
            guard let older = resources?.any(key) else { continue }
            findings.complain(
                older.place, "\(older.path) is also in [limits]: keep one of them")
        }
        LimitsReader(findings: findings).read(section, into: &limits)
        limits.maxParallel = section.integer("max_parallel")?.value ?? limits.maxParallel
        return limits
    }
}
