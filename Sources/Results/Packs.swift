internal import Smelt

/// Packs of exactly what a commit reaches.
package enum Packs {
    /// Writes a pack of what `commit` reaches and `base` does not into `objects/pack`. `git` is one
    /// of smelt's own repositories; the directory belongs to the caller and nobody else has written
    /// there.
    package static func write(
        _ commit: String, without base: String? = nil, from git: Git, into objects: String
    ) throws {
        var wanted = "\(commit)\n"
        if let base { wanted += "^\(base)\n" }
        try git.run(
            "pack-objects", "-q", "--revs", "--delta-base-offset", "\(objects)/pack/pack",
            input: Array(wanted.utf8))
    }
}
