internal import Records
internal import Smelt
internal import Toml

/// The job's bounds. Only three have a default: whoever sets no other gets no other.
struct LimitsReader {
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
        limits.wallSeconds = section.duration("wall")?.value ?? limits.wallSeconds
        limits.cpu = section.number("cpu")?.value ?? limits.cpu
        limits.memoryBytes = section.size("memory")?.value ?? limits.memoryBytes
        limits.cpuWeight = section.integer("cpu_weight")?.value
        if let cpus = section.text("cpus") {
            if ProcessorList.parse(cpus.value) == nil {
                findings.complain(
                    cpus.place, "\(cpus.path) must be a list such as \"0-3,6\", not '\(cpus.value)'"
                )
            }
            limits.cpus = cpus.value
        }
        limits.memoryHighBytes = section.size("memory_high")?.value
        limits.swapBytes = section.size("swap")?.value
        limits.processes = section.integer("processes")?.value
        limits.diskBytes = section.size("disk")?.value
        limits.ioWeight = section.integer("io_weight")?.value
        limits.ioReadBytesPerSecond = section.size("io_read")?.value
        limits.ioWriteBytesPerSecond = section.size("io_write")?.value
        limits.ioReadOperationsPerSecond = section.integer("io_read_ops")?.value
        limits.ioWriteOperationsPerSecond = section.integer("io_write_ops")?.value
        limits.outputBytes = section.size("output")?.value ?? limits.outputBytes
        limits.idleSeconds = section.duration("idle")?.value
        limits.maxParallel = section.integer("max_parallel")?.value ?? limits.maxParallel
        return limits
    }
}
