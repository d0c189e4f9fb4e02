internal import Glibc
package import Records
internal import Smelt

/// Sees when another stage has taken the lease, so that its maker may go.
package final class LeaseWatch {
    private let path: String
    /// -1 where the user has all the watches that the kernel gives: then we look now and then.
    private let number: Int32

    /// To be made before anybody else can know of the environment.
    package init(of environment: SandboxEnvironment) {
        path = environment.lease
        number = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        if number >= 0 { inotify_add_watch(number, path, UInt32(IN_OPEN)) }
    }

    deinit {
        if number >= 0 { close(number) }
    }

    /// Waits until there are two, at most `seconds`; nobody will come when `output` has no reader
    /// any more, nor after a signal.
    package func waitForAnother(atMost seconds: Double, output: Int32) {
        let deadline = monotonicSeconds() + seconds
        // Who opens the file locks it in the next moment, of which the kernel sends no event; on a
        // busy machine that moment may be long, so no wait is longer than a quarter of a second.
        var opened = true
        while !isShared, monotonicSeconds() < deadline, Interruption.exit == nil {
            var waiting = [
                pollfd(fd: number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: output, events: 0, revents: 0),
                pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let left = Int32((deadline - monotonicSeconds()) * 1000) + 1
            let ready = poll(&waiting, 3, opened ? 2 : min(left, 250))
            if waiting[1].revents != 0 { return }
            if ready == 0, opened { opened = false }
            if waiting[0].revents != 0 {
                opened = true
                drain()
            }
        }
    }

    /// Whether somebody beside us holds the lease.
    package var isShared: Bool { (HeldLocks().count(on: path) ?? 0) > 1 }

    private func drain() {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while read(number, &bytes, bytes.count) > 0 {}
    }
}

/// Who holds which `flock`, from `/proc/locks`, without taking any.
package struct HeldLocks {
    private var counts: [String: Int] = [:]

    package init() {
        guard let text = try? Files.readText("/proc/locks") else { return }
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            // A line with "->" is somebody who waits.
            guard fields.count >= 6, fields[1] == "FLOCK" else { continue }
            counts[String(fields[5]), default: 0] += 1
        }
    }

    /// Nil when the file is not there.
    package func count(on path: String) -> Int? {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        let (major, minor) = mountedDevice(of: path) ?? devices(facts.st_dev)
        return counts["\(hex(major)):\(hex(minor)):\(facts.st_ino)", default: 0]
    }

    /// `O_PATH`, which the Swift module of the C library leaves out.
    private static let asPlace: Int32 = 0o10000000

    private func devices(_ number: dev_t) -> (UInt64, UInt64) {
        let device = UInt64(number)
        return (
            (device >> 8) & 0xfff | (device >> 32) & ~0xfff, device & 0xff | (device >> 12) & ~0xff
        )
    }

    /// The device that the file's mount is of, as `/proc/locks` has it. `stat` says the same on most file systems, but
    /// on btrfs another one for each subvolume.
    private func mountedDevice(of path: String) -> (UInt64, UInt64)? {
        // Only as a place, which counts as no opening: who watches for those does not wake up himself.
        guard let file = try? Descriptor(opening: path, Self.asPlace),
            let facts = try? Files.readText("/proc/self/fdinfo/\(file.number)"),
            let mounts = try? Files.readText("/proc/self/mountinfo"),
            let id = facts.split(separator: "\n").first(where: { $0.hasPrefix("mnt_id:") })?
                .split(whereSeparator: \.isWhitespace).last,
            let mount = mounts.split(separator: "\n").first(where: { $0.hasPrefix("\(id) ") })
        else { return nil }
        let fields = mount.split(separator: " ", maxSplits: 3)
        let numbers =
            fields.count == 4 ? fields[2].split(separator: ":").compactMap { UInt64($0) } : []
        return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
    }

    private func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return digits.count < 2 ? "0\(digits)" : digits
    }
}

extension SandboxEnvironment {
    /// Who has it now, by what locks are held.
    package func state(_ locks: HeldLocks) -> EnvironmentListed.State {
        if locks.count(on: work) ?? 0 > 0 { return .running }
        if locks.count(on: lease) ?? 0 > 0 { return .held }
        return Files.exists(kept) ? .kept : .left
    }
}
