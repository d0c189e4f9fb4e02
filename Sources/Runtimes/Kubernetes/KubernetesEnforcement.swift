package import Records

/// What of limits a cluster can be asked to enforce for an environment, and what it has no words for. Of the network it is
/// asked for all or nothing: what `allow` opens smelt-egress lets through, and no pod.
package struct KubernetesEnforcement: Equatable, Sendable {
    /// What the pod is made with.
    package var limits: Limits
    package var network: Network
    /// The manifest's names.
    package var missing: [String]

    package init(_ job: Job) {
        let beyond = job.limits.beyondPods
        limits = job.limits.without(beyond)
        network = job.network
        missing = beyond.map { "limits.\($0)" }
        if !job.workspace.mounts.isEmpty { missing.append("workspace.mounts") }
    }
}

extension Limits {
    /// The names of those that pods have no field for. A pod has no swap, unless its node's administrator gave it some.
    fileprivate var beyondPods: [String] {
        var names: [String] = []
        if cpuWeight != nil { names.append("cpu_weight") }
        if cpus != nil { names.append("cpus") }
        if memoryHighBytes != nil { names.append("memory_high") }
        if let swapBytes, swapBytes > 0 { names.append("swap") }
        if processes != nil { names.append("processes") }
        if ioWeight != nil { names.append("io_weight") }
        if ioReadBytesPerSecond != nil { names.append("io_read") }
        if ioWriteBytesPerSecond != nil { names.append("io_write") }
        if ioReadOperationsPerSecond != nil { names.append("io_read_ops") }
        if ioWriteOperationsPerSecond != nil { names.append("io_write_ops") }
        return names
    }
}
