internal import Records

extension Records.Usage {
    /// Times add up, the peak is the highest.
    mutating func add(_ other: Records.Usage) {
        func sum<Number: Numeric>(_ one: Number?, _ two: Number?) -> Number? {
            one.map { $0 + (two ?? 0) } ?? two
        }
        userSeconds = sum(userSeconds, other.userSeconds)
        systemSeconds = sum(systemSeconds, other.systemSeconds)
        peakMemoryBytes = [peakMemoryBytes, other.peakMemoryBytes].compactMap { $0 }.max()
        peakSwapBytes = [peakSwapBytes, other.peakSwapBytes].compactMap { $0 }.max()
        throttledSeconds = sum(throttledSeconds, other.throttledSeconds)
        oomKills = sum(oomKills, other.oomKills)
        readBytes = sum(readBytes, other.readBytes)
        writtenBytes = sum(writtenBytes, other.writtenBytes)
        processes = [processes, other.processes].compactMap { $0 }.max()
    }
}
