internal import Glibc
internal import Sandbox
internal import Smelt

/// One host user for one environment, on the whole machine: `/run/smelt/users/<uid>` is a link to
/// the environment's directory, made and read under a lock on the directory of links. A link to
/// nothing is free again, so who takes one for an environment that is still to be made keeps the
/// lock until it is there.
struct HostUserClaim: ~Copyable {
    static let directory = "/run/smelt/users"

    let user: UInt32
    private let lock: Descriptor

    /// A free user for an environment that is not there yet, and the lock, for as long as this is kept.
    static func take(for environment: String) throws -> HostUserClaim {
        let users = try HostUsers.configured().environments
        while true {
            try Files.makeDirectories(directory, mode: 0o711)
            guard let lock = try locked() else { continue }
            // Begun anywhere, so that state after a reboot, when the links are gone, is not met at
            // once.
            let start = UInt32.random(in: users)
            let order = [start...users.upperBound, users.lowerBound...start]
            for user in order.joined() {
                let link = "\(directory)/\(user)"
                if let holder = Files.goal(ofLink: link) {
                    // Made for an environment that was to be made; its maker was killed.
                    guard !Files.exists(holder) else { continue }
                    unlink(link)
                }
                if symlink(environment, link) == 0 {
                    return HostUserClaim(user: user, lock: lock)
                }
                guard errno == EEXIST || errno == ENOENT else {
                    throw SystemFault(errno, "create", link)
                }
            }
            throw RuntimeFault.noFreeUser(first: users.lowerBound, last: users.upperBound)
        }
    }

    /// Gives it back: the environment was not made, or another has its place.
    consuming func drop() {
        unlink("\(Self.directory)/\(user)")
    }

    /// Gives back what `environment` holds.
    static func release(by environment: String) {
        guard geteuid() == 0, let lock = try? locked() else { return }
        defer { withExtendedLifetime(lock.number) {} }
        for name in Files.names(in: directory)
        where Files.goal(ofLink: "\(directory)/\(name)") == environment {
            unlink("\(directory)/\(name)")
        }
        // Fails while somebody has a user.
        if rmdir(directory) == 0 { rmdir(Files.parent(of: directory)) }
    }

    /// Nil when the directory went away before it was locked.
    private static func locked() throws -> Descriptor? {
        let number = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard number >= 0 else {
            if errno == ENOENT { return nil }
            throw SystemFault(errno, "open", directory)
        }
        let opened = Descriptor(owning: number)
        guard retrying({ flock(opened.number, LOCK_EX) }) == 0 else {
            throw SystemFault(errno, "lock", directory)
        }
        var facts = stat()
        guard fstat(opened.number, &facts) == 0, facts.st_nlink > 0 else { return nil }
        return opened
    }
}
