internal import Glibc
internal import Smelt

extension Instant {
    /// Now.
    package static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        let steady = Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        return Instant(wall: Timestamp.now.milliseconds, steady: steady, boot: bootID)
    }

    /// Read when it is first asked for, which adding a job never does.
    private static let bootID: String = {
        let text = try? Files.readText("/proc/sys/kernel/random/boot_id", upTo: 64)
        return text.map { String($0.prefix(36)) } ?? "unknown"
    }()
}
