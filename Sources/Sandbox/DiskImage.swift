internal import CSystem
internal import Glibc
package import Smelt
internal import Synchronization

/// A file system of a fixed size in a sparse file: where there are no quotas, nobody can write more into a workspace than
/// its image has room for. In the workspace's directory, which is root's,
///
///     disk     the image, ext4; root's alone
///     files/   where it is mounted, in the mount namespace of whoever works with it and nowhere on the host
///
/// Only smelt makes one, empty, and only kernels write in one after that: an image that somebody else could have written is
/// never mounted. Each process that needs it mounts it; the kernel gives them all the same file system, since all use one
/// loop device, and lets go of that when the last is gone, however they went.
package enum DiskImage {
    /// Whether this process has mounts that nobody else sees.
    private static let hasOwnMounts = Mutex(false)

    private static let blockBytes = 4096
    private static let image = "disk"
    private static let files = "files"

    /// Where its files are, in a workspace's directory.
    package static func files(in directory: String) -> String { "\(directory)/\(files)" }

    /// What takes the place of the reserve, as long as nothing else may; nobody inside sees it.
    private static func ballast(in place: String) -> String { "\(place)/.reserve" }

    /// What a file has to have for so much room: beside it there are inodes, one for each block, and a journal.
    static func size(for bytes: Int) -> Int {
        let needed = bytes + bytes / 16 + bytes / 64 + 24 << 20
        return (needed >> 20 + 1) << 20
    }

    /// Makes and mounts one in an empty directory of root's, with room for `bytes`, and for as many in reserve.
    package static func make(in directory: String, bytes: Int, reserve: Int) throws {
        let path = "\(directory)/\(image)"
        do {
            let file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
            guard ftruncate(file.number, off_t(size(for: bytes + reserve))) == 0 else {
                throw SystemFault(errno, "make room in", path)
            }
        }
        var command = Command(
            Self.program, "-q", "-F", "-b", "\(blockBytes)", "-i", "\(blockBytes)", "-I", "256",
            "-m", "0", "-J", "size=4", "-O", "has_journal,^resize_inode", "-E",
            "root_owner=0:0,lazy_itable_init=1,lazy_journal_init=1", path)
        command.environment = []
        let finished = try command.run()
        guard finished.succeeded else {
            throw DiskImageFault.notMade(
                path, reason: Visible.line(String(finished.errors.prefix(300))))
        }
        let place = files(in: directory)
        guard mkdir(place, 0o755) == 0 else { throw SystemFault(errno, "make directory", place) }
        try appear(in: directory)
        try leave(bytes, free: place)
    }

    private static func leave(_ bytes: Int, free place: String) throws {
        var facts = statvfs()
        guard statvfs(place, &facts) == 0 else { throw SystemFault(errno, "look at", place) }
        let excess = Int(facts.f_bavail) * blockBytes - bytes
        guard excess >= 0 else { throw SystemFault(ENOSPC, "make room in", place) }
        if excess < blockBytes { return }
        let ballast = try Descriptor(
            opening: ballast(in: place), O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        let fault = posix_fallocate(ballast.number, 0, off_t(excess))
        guard fault == 0 else { throw SystemFault(fault, "fill", place) }
    }

    private static var program: String {
        ["/usr/sbin/mkfs.ext4", "/sbin/mkfs.ext4"].first { access($0, X_OK) == 0 } ?? "mkfs.ext4"
    }

    // MARK: to be seen

    /// Mounts what the workspace in `directory` has, unless that is done or there is none.
    package static func appear(in directory: String) throws(SystemFault) {
        let path = "\(directory)/\(image)"
        let place = files(in: directory)
        guard Files.exists(path), try !isMounted(place, in: directory) else { return }
        let lock = try lock(directory)
        defer { withExtendedLifetime(lock.number) {} }
        let file = try open(path)
        var name = [CChar](repeating: 0, count: 32)
        let device = try self.device(of: file, path, &name)
        defer { withExtendedLifetime(device.number) {} }
        let isAlone = hasOwnMounts.withLock { has in
            has = has || system_own_mounts() == 0
            return has
        }
        guard isAlone else { throw SystemFault(errno, "mount", path) }
        guard system_mount_image(name, place) == 0 else { throw SystemFault(errno, "mount", path) }
    }

    /// What a plan writes to, where that is in an image.
    static func appear(for plan: Plan) throws(SandboxFault) {
        guard plan.diskGuard == .sized else { return }
        for grant in plan.files {
            // Of what is granted only this is never anybody else's.
            guard case .overlay(_, let upper, _, _) = grant else { continue }
            let place = Files.parent(of: upper)
            guard Files.name(of: place) == files else { continue }
            do throws(SystemFault) { try appear(in: Files.parent(of: place)) } catch {
                throw .refused(step: .source, object: error.object, number: error.number)
            }
        }
    }

    private static func isMounted(
        _ place: String, in directory: String
    ) throws(SystemFault) -> Bool {
        var (inner, outer) = (stat(), stat())
        guard lstat(place, &inner) == 0, lstat(directory, &outer) == 0 else {
            throw SystemFault(errno, "look at", place)
        }
        return inner.st_dev != outer.st_dev
    }

    /// One device is looked for and made at a time, for as long as this is open. The directory is what is locked: a device
    /// has the open file of its image, and would keep its lock.
    private static func lock(_ directory: String) throws(SystemFault) -> Descriptor {
        let opened = try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        guard retrying({ flock(opened.number, LOCK_EX) }) == 0 else {
            throw SystemFault(errno, "lock", directory)
        }
        return opened
    }

    private static func open(_ path: String) throws(SystemFault) -> Descriptor {
        let file = try Descriptor(opening: path, O_RDWR | O_NOFOLLOW | O_NONBLOCK)
        var facts = stat()
        guard fstat(file.number, &facts) == 0 else { throw SystemFault(errno, "look at", path) }
        guard facts.st_mode & S_IFMT == S_IFREG, facts.st_uid == 0, facts.st_mode & 0o077 == 0
        else { throw SystemFault(EPERM, "mount", path) }
        return file
    }

    private static func device(
        of file: borrowing Descriptor, _ path: String, _ name: inout [CChar]
    ) throws(SystemFault) -> Descriptor {
        let number = system_image_device(file.number, &name)
        guard number >= 0 else { throw SystemFault(errno, "make a device of", path) }
        return Descriptor(owning: number)
    }

    /// Unmounts whatever of these is mounted below a path, so that it can be removed.
    package static func vanish(below path: String) {
        guard hasOwnMounts.withLock({ $0 }) else { return }
        for point in MountTable.points() where point.hasPrefix("\(path)/") {
            _ = system_unmount(point)
        }
    }

    /// Lets the one in `directory` hold what it has in reserve, too; again is nothing.
    package static func open(reserveIn directory: String) throws(SystemFault) {
        try appear(in: directory)
        let path = ballast(in: files(in: directory))
        guard unlink(path) == 0 || errno == ENOENT else {
            throw SystemFault(errno, "make room with", path)
        }
    }

    // MARK: for a trial

    /// Whether a file can be as large as one for `bytes`: makes it, without contents, and removes it.
    static func tryRoom(for bytes: Int, in directory: String) throws(SystemFault) {
        let path = "\(directory)/\(image)"
        let file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        guard ftruncate(file.number, off_t(size(for: bytes))) == 0 else {
            throw SystemFault(errno, "make room in", path)
        }
        guard unlink(path) == 0 else { throw SystemFault(errno, "remove", path) }
    }

    /// Removes a directory, named without links, that has an image or what came of making one, and nothing else.
    static func remove(_ directory: String) throws(SystemFault) {
        vanish(below: directory)
        let path = "\(directory)/\(image)"
        guard unlink(path) == 0 || errno == ENOENT else { throw SystemFault(errno, "remove", path) }
        for path in [files(in: directory), directory] {
            guard rmdir(path) == 0 || errno == ENOENT else {
                throw SystemFault(errno, "remove", path)
            }
        }
    }
}

/// Why there is no image.
package enum DiskImageFault: Fault, Equatable {
    case notMade(String, reason: String)

    package var exit: Exit { .unavailable }
    package var code: String { "no_image" }

    package var description: String {
        switch self {
        case .notMade(let path, let reason):
            "could not make a file system in '\(path)': \(reason)"
        }
    }
}
