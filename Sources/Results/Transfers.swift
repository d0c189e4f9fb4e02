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

    /// Takes away what programs left that were killed while they took a pack in: files that have not changed for a day.
    package func sweep() {
        let packs = "\(git.repository)/objects/pack"
        for name in Files.names(in: packs) where name.hasPrefix("tmp_") {
            var facts = stat()
            guard stat("\(packs)/\(name)", &facts) == 0 else { continue }
            let age = Timestamp.now.milliseconds / 1000 - Int64(facts.st_mtim.tv_sec)
            if age > 86_400 { unlink("\(packs)/\(name)") }
        }
    }

    /// Starts a program that takes such a pack in. It is the user's own, as a repository behind a path is.
    package func index(from input: Int32) throws -> Coprocess {
        var command = git.command(["index-pack", "--stdin", "--fix-thin", "--threads=1"])
        command.input = .descriptor(input)
        return try command.start(errors: 2)
    }

    /// Whether it is one that jobs start from already.
    package func has(_ commit: String) throws -> Bool {
        try git.commit("refs/smelt/base/\(commit)") == commit
    }

    /// Starts a program that fails where not all of a commit is there that came in a pack.
    package func walk(_ commit: String) throws -> Coprocess {
        var command = git.command([
            "rev-list", "--count", commit, "--not", "--glob=refs/smelt/base/*",
        ])
        command.output = .null
        return try command.start()
    }

    /// Keeps a commit that is all there as one that jobs start from.
    package func keep(_ commit: String) throws {
        try git.keepBase(commit)
    }
}
