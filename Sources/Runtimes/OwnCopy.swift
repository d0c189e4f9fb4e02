internal import Glibc
internal import Sandbox
internal import Smelt

/// A copy of the checkout for one environment. Root's sessions run as a host user of their own, who reaches the
/// checkout through a mount that maps its owner; where the file system has no such mounts, only a copy will do.
extension SandboxEnvironment {
    private var copy: String { "\(directory)/checkout" }

    /// What sessions see in place of `checkout`.
    func lower(of checkout: String) -> String { Files.exists(copy) ? copy : checkout }

    /// Makes the copy where it is needed; true when there is one.
    package func copyWhereOwnersCannotBeMapped(_ checkout: String) throws -> Bool {
        if Files.exists(copy) { return true }
        guard let hostUser, !canMapOwners(of: checkout, to: hostUser) else { return false }
        let building = "\(directory)/.checkout"
        try? Removal.remove(building)
        try run("cp", "-a", "--reflink=auto", "-T", "--", checkout, building)
        try run("chown", "-R", "-h", "\(hostUser):\(hostUser)", "--", building)
        guard rename(building, copy) == 0 else { throw SystemFault(errno, "create", copy) }
        return true
    }

    private func run(_ words: String...) throws {
        let finished = try Command(words).run()
        guard finished.succeeded else {
            throw RuntimeFault.notCopied(
                directory, reason: SandboxedGit.lastLine(of: finished.errors))
        }
    }
}
