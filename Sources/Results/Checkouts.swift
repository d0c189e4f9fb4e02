internal import Glibc
package import Smelt

/// Read-only checkouts in the state directory, one a commit, shared by all environments. What is
/// under its name is whole: it is built beside and renamed. Whoever looks one up holds `.lock`
/// shared; it is evicted only under the exclusive lock, and never when it was used since the oldest
/// living environment was made.
package struct Checkouts: Sendable {
    private let directory: String

    /// One commit's.
    package struct Checkout: Equatable, Sendable {
        /// The work tree with a `.git` of its own, detached at the commit.
        package let path: String
        /// Sentences about what is not in it: submodules, LFS contents.
        package let warnings: [String]
    }

    package init(_ repositories: Repositories) throws {
        directory = try Files.canonical(repositories.state) + "/checkouts"
        try Files.makeDirectories(directory)
    }

    /// The commit's checkout, built from `git` when it is not there. Who else wants the same one
    /// waits.
    package func ensure(commit: String, from git: Git) throws -> Checkout {
        guard ObjectName.isFull(commit) else { throw ImportFault.badCommit(commit) }
        let shared = try Lock("\(directory)/.lock", .shared, creating: true)
        defer { withExtendedLifetime(shared.number) {} }
        if let checkout = try find(commit) { return checkout }
        let building = try Lock("\(directory)/.\(commit).lock", .exclusive, creating: true)
        defer { withExtendedLifetime(building.number) {} }
        if let checkout = try find(commit) { return checkout }
        try CheckoutBuild(commit: commit, from: git, beneath: directory).make()
        guard let checkout = try find(commit) else {
            throw SystemFault(ENOENT, "find", "\(directory)/\(commit)")
        }
        return checkout
    }

    /// Where the commit's checkout is, or would be.
    package func path(of commit: String) -> String { "\(directory)/\(commit)/tree" }

    /// Removes what was last used before `time` and what builders left that were killed; nothing
    /// while somebody is looking one up, or at the same work. The number of checkouts removed.
    package func evict(
        unusedSince time: Timestamp, removing remove: (String) throws -> Void
    ) throws -> Int {
        // To the end: what one removes, another would take for something left behind.
        guard let evicting = try Lock.attempt(onDirectory: directory) else { return 0 }
        defer { withExtendedLifetime(evicting.number) {} }
        var doomed: [String] = []
        do {
            guard let lock = try Lock.attempt("\(directory)/.lock", .exclusive, creating: true)
            else { return 0 }
            defer { withExtendedLifetime(lock.number) {} }
            for name in Files.names(in: directory) {
                if name.hasPrefix(".new-") || name.hasPrefix(".gone-") {
                    doomed.append("\(directory)/\(name)")
                } else if ObjectName.isFull(name), lastUse(of: name) < time {
                    let gone = "\(directory)/.gone-\(name).\(RunID.make())"
                    guard rename("\(directory)/\(name)", gone) == 0 else { continue }
                    doomed.append(gone)
                } else if name.hasSuffix(".lock"), name != ".lock" {
                    // A builder's; nobody holds it, for that takes the shared lock.
                    unlink("\(directory)/\(name)")
                }
            }
        }
        for path in doomed { try remove(path) }
        return doomed.count
    }

    private func find(_ commit: String) throws -> Checkout? {
        let place = "\(directory)/\(commit)"
        // Touching says when it was last used, and whether it is there. By the exact clock: the kernel's own notion of
        // now is some milliseconds old, and would be before the environment was made that this is for.
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        guard utimensat(AT_FDCWD, "\(place)/warnings", [now, now], 0) == 0 else { return nil }
        let text = try Files.readText("\(place)/warnings")
        return Checkout(
            path: "\(place)/tree", warnings: text.split(separator: "\n").map(String.init))
    }

    private func lastUse(of commit: String) -> Timestamp {
        var facts = stat()
        guard stat("\(directory)/\(commit)/warnings", &facts) == 0 else {
            return Timestamp(milliseconds: 0)
        }
        let time = facts.st_mtim
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
