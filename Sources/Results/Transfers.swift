internal import Glibc
package import Smelt

/// Base commits on their way from one machine's `import.git` to another's, as packs of what is not there yet.
package struct Transfers {
    private let git: Git

    package init(_ repositories: Repositories) throws { git = try repositories.imports() }

    /// smelt's own repository of base commits.
    package var repository: String { git.repository }

    /// So many are told of at most: what is older helps little.
    private static let mostKnown = 1000

    /// The base commits that are here, the newest first.
    package func known() throws -> [String] {
        let listed = try git.run(
            "for-each-ref", "--sort=-committerdate", "--count=\(Self.mostKnown)",
            "--format=%(objectname)", "refs/smelt/base/")
        return String(decoding: listed, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Starts a program that writes a pack of what `commit` reaches, and none of `others` that is here, too.
    package func pack(
        _ commit: String, without others: [String], to output: Int32
    ) throws -> Coprocess {
        let here = Set(try known())
        var wanted = "\(commit)\n"
        for other in others where here.contains(other) { wanted += "^\(other)\n" }
        var command = git.command([
            "pack-objects", "-q", "--revs", "--stdout", "--thin", "--delta-base-offset",
        ])
        let input = try Descriptor(sealing: Array(wanted.utf8), name: "commits")
        lseek(input.number, 0, SEEK_SET)
        command.input = .descriptor(input.number)
        command.output = .descriptor(output)
        return try command.start(errors: 2)
    }

    /// Starts a program that takes such a pack in. It is the user's own, as a repository behind a path is.
    package func index(from input: Int32) throws -> Coprocess {
        var command = git.command(["index-pack", "--stdin", "--fix-thin", "--threads=1"])
        command.input = .descriptor(input)
        return try command.start(errors: 2)
    }

    /// Keeps a commit whose pack was taken in as one that jobs start from. False when it is not all there.
    package func keep(_ commit: String) throws -> Bool {
        let ref = "refs/smelt/base/\(commit)"
        if try git.commit(ref) == commit { return true }
        let walk = ["rev-list", "--count", commit, "--not", "--glob=refs/smelt/base/*"]
        guard try git.command(walk).run().succeeded else { return false }
        try git.run("update-ref", ref, commit)
        return true
    }
}
