internal import Glibc
package import Smelt

/// Whether workspaces can be images (`DiskImage`) where a state directory is, found by making one.
///
/// It is made among the environments, by their rules: `.new-…` under the shared lock, so what somebody leaves who is
/// killed at it is swept with theirs.
package enum DiskTrial {
    /// What this host has not, or does not let us use: devices, their mounts, a program that makes a file system.
    private static let lacks: Set<Int32> = [ENOENT, ENODEV, ENXIO, EPERM, EACCES]

    /// Why there can be no image with room for `bytes`, reserve included; nil when there can. What has gone wrong
    /// otherwise is thrown: it says nothing of the host.
    package static func lack(in state: String, bytes: Int) throws -> (any Fault)? {
        guard geteuid() == 0 else { return SystemFault(EPERM, "mount images in", state) }
        let above = Places.environments(in: state)
        try Files.makeDirectories(above)
        // As the kernel names what is mounted, which is how it is found again.
        let directory = try Files.canonical(above)
        let making = try Lock("\(directory)/.lock", .shared, creating: true)
        defer { withExtendedLifetime(making.number) {} }
        let trial = "\(directory)/.new-image.\(RunID.make())"
        guard mkdir(trial, 0o700) == 0 else { throw SystemFault(errno, "make directory", trial) }
        let lack: (any Fault)?
        do { lack = try attempt(in: trial, bytes) } catch {
            try? DiskImage.remove(trial)
            throw error
        }
        try DiskImage.remove(trial)
        return lack
    }

    private static func attempt(in trial: String, _ bytes: Int) throws -> (any Fault)? {
        do throws(SystemFault) { try DiskImage.tryRoom(for: bytes, in: trial) } catch {
            if error.number == EFBIG { return error }
            throw error
        }
        // A small one shows the rest.
        do { try DiskImage.make(in: trial, bytes: 1 << 20, reserve: 0) } catch {
            switch error {
            case let fault as SystemFault where lacks.contains(fault.number): return fault
            case CommandFault.notStarted(let fault) where lacks.contains(fault.number):
                return fault
            default: throw error
            }
        }
        return nil
    }
}
