internal import Glibc
internal import Sandbox
internal import Smelt

/// A project of the file system's for one workspace, so that a quota holds it. A project is free when no file has it:
/// the file system itself keeps the account, so none is lost when somebody is killed. Who takes or gives back one holds
/// the lock on a directory of the whole machine.
enum ProjectClaim {
    private static let directory = "/run/smelt/projects"

    /// Gives the empty directory `path` to a project that may hold `bytes`.
    static func take(for path: String, bytes: Int) throws {
        let lock = try locked()
        defer { unlock(lock) }
        let all = ProjectQuota.projects
        let start = UInt32.random(in: all)
        for project in [start...all.upperBound, all.lowerBound...start].joined() {
            guard try !ProjectQuota.isUsed(project, at: path) else { continue }
            try ProjectQuota.limit(project, to: bytes, at: path)
            return try ProjectQuota.give(path, to: project)
        }
        throw RuntimeFault.noFreeProject(first: all.lowerBound, last: all.upperBound)
    }

    /// The project of a workspace.
    static func project(of workspace: String) -> UInt32? {
        geteuid() == 0 ? ProjectQuota.project(of: workspace) : nil
    }

    /// Gives back those that nothing at `path` has any more. What a sandbox had that is still on its way out keeps its own
    /// until then; the next one gives it back. Best effort: the limit of one that nobody has hurts nobody.
    static func giveBack(at path: String) {
        guard geteuid() == 0, !ProjectQuota.idle(at: path).isEmpty, let lock = try? locked()
        else { return }
        defer { unlock(lock) }
        // Whoever takes one has the lock until it is a directory's.
        for project in ProjectQuota.idle(at: path) {
            try? ProjectQuota.limit(project, to: nil, at: path)
        }
    }

    private static func locked() throws -> Descriptor {
        while true {
            try Files.makeDirectories(directory, mode: 0o711)
            let number = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            if number < 0, errno == ENOENT { continue }
            guard number >= 0 else { throw SystemFault(errno, "open", directory) }
            let opened = Descriptor(owning: number)
            guard retrying({ flock(opened.number, LOCK_EX) }) == 0 else {
                throw SystemFault(errno, "lock", directory)
            }
            var facts = stat()
            // Who had it before has removed it.
            if fstat(opened.number, &facts) == 0, facts.st_nlink > 0 { return opened }
        }
    }

    private static func unlock(_ lock: borrowing Descriptor) {
        if rmdir(directory) == 0 { rmdir(Files.parent(of: directory)) }
        flock(lock.number, LOCK_UN)
    }
}
