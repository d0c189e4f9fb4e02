internal import Glibc
internal import Smelt

/// Looks for changes in the user's work tree that are in no commit, and so not in the job.
package struct DirtyTree: Sendable {
    private let path: String
    private let gitDirectory: String

    /// `gitDirectory` as `Imports.Base` gives it.
    package init(_ path: String, gitDirectory: String) {
        self.path = path
        self.gitDirectory = gitDirectory
    }

    /// So few files that looking takes a few milliseconds: an index under 256 KiB holds some 3,000.
    package var isQuick: Bool {
        var facts = stat()
        return stat("\(gitDirectory)/index", &facts) != 0 || facts.st_size < 256 << 10
    }

    /// A sentence with the number of changes; nil when there are none. `inBackground`: others have
    /// better use for the processors.
    package func warning(inBackground: Bool = false) throws -> String? {
        let finished = try UserGit([
            "status", "--porcelain=v1", "-z", "--no-renames", "--ignore-submodules=dirty",
        ]).run(beneath: path, inBackground: inBackground)
        guard finished.succeeded else { return nil }
        let count = finished.output.count { $0 == 0 }
        guard count > 0 else { return nil }
        return "'\(Visible.line(path))' has \(count) uncommitted change\(count == 1 ? "" : "s"), "
            + "not part of the job: commit to include \(count == 1 ? "it" : "them")"
    }
}
