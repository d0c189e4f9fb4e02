internal import Records
internal import Smelt

extension Cgroup {
    /// Adds what everything in the group used to what is known already; what the kernel does not count stays as it is.
    func count(into usage: inout Records.Usage) {
        let time = pairs("cpu.stat")
        if let user = time["user_usec"], let system = time["system_usec"] {
            usage.userSeconds = Double(user) / 1e6
            usage.systemSeconds = Double(system) / 1e6
        }
        usage.throttledSeconds = time["throttled_usec"].map { Double($0) / 1e6 }
        // Linux 5.19 and 6.5.
        usage.peakMemoryBytes = number("memory.peak") ?? usage.peakMemoryBytes
        usage.peakSwapBytes = number("memory.swap.peak")
        usage.oomKills = pairs("memory.events")["oom_kill"]
        // Less our own first process; since Linux 6.6, and in some before.
        usage.processes = number("pids.peak").map { max(0, $0 - 1) }
        if let text = read("io.stat") {
            let (read, written) = Self.bytes(inIO: text, isStacked: BlockDevices.isStacked)
            usage.readBytes = read
            usage.writtenBytes = written
        }
    }

    var oomKills: Int { pairs("memory.events")["oom_kill"] ?? 0 }

    /// Whether the group met its own limit, when something in it was killed for want of memory; else it was
    /// the limit of a group above, or the host had no more.
    var metItsLimit: Bool {
        (pairs("memory.events.local")["oom"] ?? pairs("memory.events")["oom"] ?? 0) > 0
    }

    /// How often a process or thread could not be made for the limit. Before Linux 6.11 that is counted where it was
    /// tried, from then on where the limit is.
    var refusedProcesses: Int {
        [pairs("pids.events"), pairs("\(Self.leaf)/pids.events")].compactMap { $0["max"] }.max()
            ?? 0
    }

    /// What disks that lie on others carried is counted by those.
    static func bytes(
        inIO text: String, isStacked: (Substring) -> Bool
    ) -> (read: Int, written: Int) {
        var (read, written) = (0, 0)
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let device = words.first, !isStacked(device) else { continue }
            for word in words.dropFirst() {
                if word.hasPrefix("rbytes=") { read += Int(word.dropFirst(7)) ?? 0 }
                if word.hasPrefix("wbytes=") { written += Int(word.dropFirst(7)) ?? 0 }
            }
        }
        return (read, written)
    }

    private func number(_ file: String) -> Int? {
        read(file).flatMap { Int($0.prefix { $0.isASCII && $0.isNumber }) }
    }

    private func pairs(_ file: String) -> [Substring: Int] {
        var pairs: [Substring: Int] = [:]
        for line in (read(file) ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, let value = Int(words[1]) { pairs[words[0]] = value }
        }
        return pairs
    }
}
