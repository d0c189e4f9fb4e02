internal import Glibc
package import Records
internal import Smelt

/// What holds a run to its limits on this host: a control group where one is needed and can be had, limits of each process,
/// and what is not enforced for the whole.
package struct Enforcement: Equatable, Sendable {
    /// Names in `[limits]` that cannot be enforced here, in a fixed order.
    package let missing: [String]
    /// Why those that need a control group are missing.
    package let lack: CgroupLack?
    let place: CgroupPlace?

    /// Looks where a group could be made, and turns controllers on there. With `measured`, also when no limit
    /// needs one, if that costs nobody anything. With `onlyLooks` nothing is changed and no group can be made. The fault is
    /// a wrong `SMELT_CGROUP`.
    package init(
        _ limits: Limits, measured: Bool = false, mapsUsers: Bool = false, onlyLooks: Bool = false
    ) throws(SandboxFault) {
        var grouped = limits.grouped
        // Without one each user has the number for himself.
        if mapsUsers, limits.processes != nil { grouped.append(("processes", ["pids"])) }
        var required = grouped.reduce(into: Set<String>()) { $0.formUnion($1.controllers) }
        var lack: CgroupLack?
        var place: CgroupPlace?
        let wanted: Set<String> =
            measured ? ["cpu", "io", "memory", "pids"] : limits.processes == nil ? [] : ["pids"]
        // Once for all; and once more for what is left when some controllers are lacking.
        while place == nil, !required.isEmpty || (measured && lack == nil) {
            do {
                place = try CgroupPlace.find(
                    required: required, wanted: wanted, onlyLooks: onlyLooks)
            } catch {
                switch error {
                case let fault as SandboxFault: throw fault
                case let found as CgroupLack:
                    lack = lack ?? found
                    let left = required.subtracting(found.controllers ?? required)
                    required = left.count < required.count ? left : []
                default: required = []
                }
            }
        }
        if required.isEmpty, place?.controllers.contains("memory") != true { place = nil }
        var missing = grouped.filter { !$0.controllers.isSubset(of: required) }.map(\.name)
        if limits.ioWeight != nil, required.contains("io"),
            !BlockDevices.hasWeights(root: "/sys/fs/cgroup")
        {
            missing.append("io_weight")
            lack = lack ?? .noWeights
        }
        if limits.boundsIO, required.contains("io"), BlockDevices.disks.isEmpty {
            missing += grouped.map(\.name).filter { $0.hasPrefix("io_") && $0 != "io_weight" }
            lack = lack ?? .noDisks
        }
        self.lack = missing.isEmpty ? nil : lack
        // What belongs to another user only root can look into.
        if mapsUsers, limits.diskBytes != nil, geteuid() != 0 { missing.append("disk") }
        self.missing = missing
        self.place = place
    }

    /// Of a plan.
    package init(_ plan: Plan, onlyLooks: Bool = false) throws(SandboxFault) {
        try self.init(
            plan.limits, measured: plan.measured, mapsUsers: plan.mapsUsers, onlyLooks: onlyLooks)
    }

    /// The group of a run, with what of `limits` it can hold; nil when none is needed.
    func makeGroup(_ limits: Limits, run: RunID?) throws(SandboxFault) -> Cgroup? {
        guard let place else { return nil }
        return try Cgroup(in: place, run: run, knobs: knobs(limits))
    }

    /// Whether the number of processes is held by the group, which tells how often it was met.
    var countsProcesses: Bool { place?.controllers.contains("pids") ?? false }

    /// What of `limits` the group holds.
    func knobs(_ limits: Limits) -> [CgroupKnob] {
        limits.knobs(for: place?.controllers ?? []).filter { !missing.contains($0.limit) }
    }
}

extension Limits {
    /// The same without those of these names, which are those in `[limits]`.
    package func without(_ names: [String]) -> Limits {
        var limits = self
        for name in names {
            switch name {
            case "cpu": limits.cpu = nil
            case "cpu_weight": limits.cpuWeight = nil
            case "cpus": limits.cpus = nil
            case "memory": limits.memoryBytes = nil
            case "memory_high": limits.memoryHighBytes = nil
            case "swap": limits.swapBytes = nil
            case "processes": limits.processes = nil
            case "disk": limits.diskBytes = nil
            case "io_weight": limits.ioWeight = nil
            case "io_read": limits.ioReadBytesPerSecond = nil
            case "io_write": limits.ioWriteBytesPerSecond = nil
            case "io_read_ops": limits.ioReadOperationsPerSecond = nil
            case "io_write_ops": limits.ioWriteOperationsPerSecond = nil
            default: break
            }
        }
        return limits
    }
}
