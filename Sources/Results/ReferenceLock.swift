internal import Glibc

/// What git(1) holds while it writes a reference, for some milliseconds: the file REFERENCE.lock. A git that is killed meanwhile
/// leaves it, and nobody can write the reference any more.
package enum ReferenceLock {
    /// Seconds behind which nobody holds one any more.
    private static let patience = 60

    /// Removes one that was left; false where there is none, or somebody may hold it. Only for repositories that are smelt's own.
    package static func removeLeft(of reference: String, in repository: String) -> Bool {
        let path = "\(repository)/\(reference).lock"
        var facts = stat()
        guard lstat(path, &facts) == 0, time(nil) - facts.st_mtim.tv_sec > patience else {
            return false
        }
        return unlink(path) == 0
    }
}
