internal import CSystem
internal import Glibc
package import Smelt

/// A quota for a directory of ours and all that is made in it: a project of ext4 or XFS. Only a privileged process sets
/// one; nobody in a user namespace, so nobody in a sandbox, can give a file to another project or take it out of its own
/// (`fileattr_set_prepare` of the kernel), and what is moved away stays on the account.
package enum ProjectQuota {
    /// Projects for this alone, beyond what administrators number by hand in projid(5).
    package static let projects: ClosedRange<UInt32> = 1_900_000_000...1_900_065_535

    /// How many files go with so many bytes: as many as would fill them with one block each, so that empty ones are
    /// bounded, too.
    package static func files(for bytes: Int) -> Int { max(1024, bytes / 4096) }

    /// Whether the file system at `path` holds projects to their limits, and this process may set them.
    package static func isEnforced(at path: String) -> Bool {
        guard geteuid() == 0, let directory = try? open(path) else { return false }
        var project: UInt32 = 0
        return system_enforces_quotas(directory.number) == 1
            && system_project(directory.number, &project) == 0
    }

    /// The project of a directory of ours; nil when it has none of `projects`.
    package static func project(of path: String) -> UInt32? {
        var project: UInt32 = 0
        guard let directory = try? open(path), system_project(directory.number, &project) == 0,
            projects.contains(project)
        else { return nil }
        return project
    }

    /// Whether a file of the project is there.
    package static func isUsed(_ project: UInt32, at path: String) throws(SystemFault) -> Bool {
        let directory = try open(path)
        var quota = system_quota()
        guard system_get_quota(directory.number, project, &quota) == 0 else {
            // XFS has nothing to say of one that never was used.
            if errno == ENOENT { return false }
            throw SystemFault(errno, "read the quotas of", path)
        }
        return quota.files > 0
    }

    /// Those of `projects` that have a limit and no file.
    package static func idle(at path: String) -> [UInt32] {
        guard let directory = try? open(path) else { return [] }
        var found: [UInt32] = []
        // From a number with zeros at its end, since the kernel's search through a tree of 256 branches a level keeps the
        // last digits of where it began when it goes on to another branch, and so misses what is before them there
        // (`find_next_id` of its quota_tree.c).
        var project = projects.lowerBound & ~0xFF_FFFF
        var quota = system_quota()
        while system_next_quota(directory.number, &project, &quota) == 0,
            project <= projects.upperBound
        {
            if projects.contains(project), quota.files == 0, quota.most_bytes > 0 {
                found.append(project)
            }
            project += 1
        }
        return found
    }

    /// Lets the project hold `bytes` on the file system at `path`, and the files that go with them; nil is no limit.
    package static func limit(
        _ project: UInt32, to bytes: Int?, at path: String
    ) throws(SystemFault) {
        let directory = try open(path)
        let most = bytes.map { UInt64(max(1, $0)) } ?? 0
        let mostFiles = bytes.map { UInt64(files(for: $0)) } ?? 0
        guard system_set_quota(directory.number, project, most, mostFiles) == 0 else {
            throw SystemFault(errno, "set a quota for", path)
        }
    }

    /// Gives an empty directory, and what will be made in it, to the project.
    package static func give(_ path: String, to project: UInt32) throws(SystemFault) {
        let directory = try open(path)
        guard system_set_project(directory.number, project) == 0 else {
            throw SystemFault(errno, "set a project for", path)
        }
    }

    private static func open(_ path: String) throws(SystemFault) -> Descriptor {
        try Descriptor(opening: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    }
}
