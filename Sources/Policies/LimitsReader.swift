package import Records
internal import Smelt
package import Toml

/// What `[limits]` says, in a manifest and in a policy alike.
package struct LimitsReader {
    let findings: Findings

    package init(findings: Findings) {
        self.findings = findings
    }

    /// Sets what the table names and leaves the rest as it is.
    package func read(_ section: Table, into limits: inout Limits) {
        func set<Value>(_ path: WritableKeyPath<Limits, Value?>, _ found: Found<Value>?) {
            if let found { limits[keyPath: path] = found.value }
        }
        set(\.wallSeconds, section.duration("wall"))
        set(\.idleSeconds, section.duration("idle"))
        set(\.outputBytes, section.size("output"))
        set(\.cpu, section.number("cpu"))
        set(\.cpuWeight, section.integer("cpu_weight"))
        set(\.cpus, cpus(section))
        set(\.memoryBytes, section.size("memory"))
        set(\.memoryHighBytes, section.size("memory_high"))
        set(\.swapBytes, section.size("swap"))
        set(\.processes, section.integer("processes"))
        set(\.diskBytes, section.size("disk"))
        set(\.ioWeight, section.integer("io_weight"))
        set(\.ioReadBytesPerSecond, section.size("io_read"))
        set(\.ioWriteBytesPerSecond, section.size("io_write"))
        set(\.ioReadOperationsPerSecond, section.integer("io_read_ops"))
        set(\.ioWriteOperationsPerSecond, section.integer("io_write_ops"))
    }

    private func cpus(_ section: Table) -> Found<String>? {
        guard let cpus = section.text("cpus") else { return nil }
        if ProcessorList.parse(cpus.value) == nil {
            findings.complain(
                cpus.place, "\(cpus.path) must be a list such as \"0-3,6\", not '\(cpus.value)'")
        }
        return cpus
    }
}
