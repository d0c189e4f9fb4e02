internal import Glibc
internal import Records
internal import Smelt

/// One file of a control group that holds a limit; names, units and ranges are those of the kernel's
/// Documentation/admin-guide/cgroup-v2.rst.
struct CgroupKnob: Equatable {
    /// The limit's name, as in `[limits]`.
    let limit: String
    let controller: String
    let file: String
    let value: String
    /// Left out where the kernel was built or booted without it.
    var isOptional = false
}

extension Limits {
    /// The names in `[limits]` of those given that only a control group enforces, with its controllers. Whose
    /// the pages are that the kernel writes out later, only the memory controller knows.
    var grouped: [(name: String, controllers: Set<String>)] {
        let all: [(String, Set<String>, Bool)] = [
            ("cpu", ["cpu"], cpu != nil), ("cpu_weight", ["cpu"], cpuWeight != nil),
            ("cpus", ["cpuset"], cpus != nil), ("memory", ["memory"], memoryBytes != nil),
            ("memory_high", ["memory"], memoryHighBytes != nil),
            ("swap", ["memory"], swapBytes != nil),
            ("io_weight", ["io", "memory"], ioWeight != nil),
            ("io_read", ["io"], ioReadBytesPerSecond != nil),
            ("io_write", ["io", "memory"], ioWriteBytesPerSecond != nil),
            ("io_read_ops", ["io"], ioReadOperationsPerSecond != nil),
            ("io_write_ops", ["io", "memory"], ioWriteOperationsPerSecond != nil),
        ]
        return all.compactMap { $0.2 ? ($0.0, $0.1) : nil }
    }

    /// What to write for the limits of these controllers, in order.
    func knobs(for controllers: Set<String>) -> [CgroupKnob] {
        var knobs: [CgroupKnob] = []
        func add(
            _ limit: String, _ controller: String, _ file: String, _ value: String?,
            optional: Bool = false
        ) {
            guard let value else { return }
            knobs.append(
                CgroupKnob(
                    limit: limit, controller: controller, file: file, value: value,
                    isOptional: optional))
        }
        // Microseconds of every 100,000; the kernel takes no quota below 1,000.
        add(
            "cpu", "cpu", "cpu.max",
            cpu.map { "\(Int(max(1000, min($0, 4096) * 100_000).rounded())) 100000" })
        add("cpu_weight", "cpu", "cpu.weight", cpuWeight.map(String.init))
        add("cpus", "cpuset", "cpuset.cpus", cpus)
        add("memory_high", "memory", "memory.high", memoryHighBytes.map(String.init))
        add("memory", "memory", "memory.max", memoryBytes.map(String.init))
        if memoryBytes != nil {
            // Half of a job that goes on is worth nothing: all of it or none.
            add("memory", "memory", "memory.oom.group", "1")
            // Else the limit would be one on memory that is not swapped out.
            if swapBytes == nil { add("memory", "memory", "memory.swap.max", "0", optional: true) }
        }
        add("swap", "memory", "memory.swap.max", swapBytes.map(String.init))
        // One more for our own first process.
        add("processes", "pids", "pids.max", processes.map { String(max(1, $0) + 1) })
        add("io_weight", "io", "io.weight", ioWeight.map { "default \($0)" }, optional: true)
        add("io_weight", "io", "io.bfq.weight", ioWeight.map { "\($0)" }, optional: true)
        for (name, device) in boundsIO ? BlockDevices.disks.map({ ("io_read", $0) }) : [] {
            add(name, "io", "io.max", "\(device) \(ioBounds)")
        }
        return knobs.filter { controllers.contains($0.controller) }
    }

    /// Asked at each start, where putting the text together would be felt.
    var boundsIO: Bool {
        ioReadBytesPerSecond != nil || ioWriteBytesPerSecond != nil
            || ioReadOperationsPerSecond != nil || ioWriteOperationsPerSecond != nil
    }

    /// For one device of `io.max`; the kernel takes no bound below 1.
    private var ioBounds: String {
        let bounds = [
            ("rbps", ioReadBytesPerSecond), ("wbps", ioWriteBytesPerSecond),
            ("riops", ioReadOperationsPerSecond), ("wiops", ioWriteOperationsPerSecond),
        ]
        return bounds.compactMap { name, value in value.map { "\(name)=\(max(1, $0))" } }
            .joined(separator: " ")
    }
}

/// The host's whole disks, which is what the io controller counts and bounds.
enum BlockDevices {
    /// `MAJOR:MINOR` of each that has a size; loops and disks in memory are none.
    static var disks: [String] {
        Files.names(in: "/sys/block").compactMap { name in
            guard !["loop", "ram", "zram"].contains(where: name.hasPrefix),
                read("\(name)/size") != "0"
            else { return nil }
            return read("\(name)/dev")
        }
    }

    /// Whether the disk lies on others, which count the same bytes once more.
    static func isStacked(_ device: Substring) -> Bool {
        device.hasPrefix("7:") || !Files.names(in: "/sys/dev/block/\(device)/slaves").isEmpty
    }

    /// Whether anything here shares a disk by weight: a scheduler or a cost model must do it.
    static func hasWeights(root: String) -> Bool {
        let model = (try? Files.readText("\(root)/io.cost.qos", upTo: 65_536)) ?? ""
        return model.contains("enable=1")
            || Files.names(in: "/sys/block").contains {
                read("\($0)/queue/scheduler")?.contains("[bfq]") == true
            }
    }

    private static func read(_ file: String) -> String? {
        (try? Files.readText("/sys/block/\(file)", upTo: 4096)).map {
            String($0.split(separator: "\n").first ?? "")
        }
    }
}
