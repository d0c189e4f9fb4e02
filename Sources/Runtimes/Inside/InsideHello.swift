package import Records

extension InsideFrame.Hello {
    /// What the other side speaks.
    static let version: UInt32 = 1

    private static let walls: [(bit: UInt32, name: String)] = [
        (1, "a filter of system calls"), (2, "no new privileges"), (4, "no capabilities"),
        (8, "a root that is read-only"),
    ]

    /// What the engine was asked for and is not there, as the kernel says. Another version is a fault.
    package func missing(_ limits: Limits) throws -> [String] {
        try checkVersion()
        var missing = Self.walls.filter { walls & $0.bit == 0 }.map(\.name)
        if user == 0 { missing.append("another user than root") }
        if let wanted = limits.memoryBytes, let has = memoryLimit, has > UInt64(wanted) {
            missing.append("limits.memory")
        }
        // smelt-inside is one of them.
        if let wanted = limits.processes, let has = processesLimit, has > UInt64(wanted) + 1 {
            missing.append("limits.processes")
        }
        return missing
    }

    func checkVersion() throws {
        guard version == Self.version else { throw RuntimeFault.badAnswer }
    }
}
