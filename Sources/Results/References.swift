internal import Glibc
package import Smelt

/// References are written by update-ref of git(1), which has the file REFERENCE.lock for some milliseconds. A git that is killed
/// meanwhile leaves it, and nobody could write the reference any more.
extension Git {
    /// Runs `git update-ref` with these words on these references; once more where it failed and such a lock was left.
    package func update(
        _ references: [String], _ words: [String], input: [UInt8]? = nil
    ) throws -> Command.Finished {
        var command = command(["update-ref"] + words)
        if let input { command.input = .bytes(input) }
        let finished = try command.run()
        if finished.succeeded { return finished }
        // All of them are looked at.
        let removed = references.map(removeLeftLock).contains(true)
        return removed ? try command.run() : finished
    }

    /// The same, where a refusal is a fault.
    package func mustUpdate(
        _ references: [String], _ words: [String], input: [UInt8]? = nil
    ) throws {
        let finished = try update(references, words, input: input)
        guard finished.succeeded else { throw GitFault("update-ref", finished) }
    }

    /// Keeps a commit that is all there as one that jobs start from.
    package func keepBase(_ commit: String) throws {
        let reference = "refs/smelt/base/\(commit)"
        try mustUpdate([reference], [reference, commit])
    }

    /// So old a lock is nobody's any more, in seconds; and it stays as it is for a while, for the clock may have been set.
    private static let patience = 60
    private static let look: Int32 = 1000

    private func removeLeftLock(of reference: String) -> Bool {
        let path = "\(repository)/\(reference).lock"
        var (first, second) = (stat(), stat())
        guard lstat(path, &first) == 0, time(nil) - first.st_mtim.tv_sec > Self.patience else {
            return false
        }
        poll(nil, 0, Self.look)
        guard lstat(path, &second) == 0, first.st_ino == second.st_ino,
            first.st_mtim.tv_sec == second.st_mtim.tv_sec,
            first.st_mtim.tv_nsec == second.st_mtim.tv_nsec
        else { return false }
        return unlink(path) == 0
    }
}
