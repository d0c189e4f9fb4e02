internal import Glibc
internal import Smelt

/// Brings the commit that a job starts from into `import.git`, where it stays as
/// `refs/smelt/base/<commit>`. The reference is written last, so a commit that has one is complete
/// and is never fetched again.
package struct Imports {
    private let git: Git
    private let agent: KeyAgent?

    /// What was brought.
    package struct Base: Equatable, Sendable {
        package let commit: String
        /// The repository's git directory where it is local and has a work tree.
        package let gitDirectory: String?
    }

    /// `agent` has a key for repositories behind ssh.
    package init(_ repositories: Repositories, agent: KeyAgent? = nil) throws {
        git = try repositories.imports()
        self.agent = agent
    }

    /// `repository` is an absolute path or a URL that git takes; `ref` any name that git resolves
    /// in a local one, a branch, a tag or a full object name in one behind a URL.
    package func bring(repository: String, ref: String) throws -> Base {
        guard !repository.hasPrefix("-"), !repository.isEmpty else {
            throw ImportFault.badName(repository)
        }
        guard !ref.hasPrefix("-"), !ref.isEmpty else { throw ImportFault.badName(ref) }
        guard repository.hasPrefix("/") else { return try bringRemote(repository, ref) }
        var facts = stat()
        guard stat(repository, &facts) == 0 else { throw ImportFault.noPath(repository) }
        // A bundle is a file that git reads as if it were far away.
        guard facts.st_mode & S_IFMT == S_IFDIR else { return try bringRemote(repository, ref) }
        let local = try LocalRepository(repository, ref: ref)
        guard local.commit.utf8.count == 40 else { throw ImportFault.objectFormat(repository) }
        if !has(local.commit) {
            guard !local.isShallow else { throw ImportFault.shallow(repository) }
            try fetch(local.commit, from: local.gitDirectory, named: repository)
            try keep(local.commit, from: repository)
        }
        return Base(
            commit: local.commit, gitDirectory: local.isBare ? nil : local.gitDirectory)
    }

    /// The same for a commit that was brought once, by its full name: whatever became of the repository, it may be here still.
    package func bring(again commit: String, from repository: String) throws -> Base {
        if has(commit) { return Base(commit: commit, gitDirectory: nil) }
        return try bring(repository: repository, ref: commit)
    }

    /// Whether the commit is here with all that it reaches.
    package func has(_ commit: String) -> Bool {
        Files.exists("\(git.repository)/refs/smelt/base/\(commit)")
    }

    private func bringRemote(_ repository: String, _ ref: String) throws -> Base {
        let remote = RemoteRepository(repository, agent: agent)
        if ObjectName.isFull(ref), has(ref) { return Base(commit: ref, gitDirectory: nil) }
        let (commit, source) = try remote.find(ref)
        guard commit.utf8.count == 40 else { throw ImportFault.objectFormat(repository) }
        if has(commit) { return Base(commit: commit, gitDirectory: nil) }
        try fetch(source, from: repository, named: repository)
        // An annotated tag was fetched by its own name; what counts is the commit.
        guard let found = try git.commit(commit) else {
            throw ImportFault.notFetched(repository, reason: "'\(ref)' is not a commit")
        }
        if !has(found) { try keep(found, from: repository) }
        return Base(commit: found, gitDirectory: nil)
    }

    /// git itself takes a shallow history in when no reference is to be made of it.
    private func keep(_ commit: String, from repository: String) throws {
        let walk = ["rev-list", "--count", commit, "--not", "--glob=refs/smelt/base/*"]
        guard try git.command(walk).run().succeeded else { throw ImportFault.shallow(repository) }
        try git.keepBase(commit)
    }

    /// Any commit of the user's, not only the tips of branches; and whose the repository is has
    /// been looked at: here git would ask again, about another spelling of its path.
    private static let localPack =
        "git -c safe.directory='*' -c uploadpack.allowAnySHA1InWant=true upload-pack"

    private func fetch(_ source: String, from repository: String, named name: String) throws {
        let finished = try UserGit(
            [
                "--git-dir", git.repository, "fetch", "--quiet", "--no-tags",
                "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance",
                "--upload-pack", repository.hasPrefix("/") ? Self.localPack : "git-upload-pack",
                "--", repository, source,
            ], isRemote: !repository.hasPrefix("/"), agent: agent
        ).run()
        guard finished.succeeded else {
            throw ImportFault.notFetched(name, reason: GitFault("fetch", finished).reason)
        }
    }
}

/// Object names as git prints them.
package enum ObjectName {
    /// 40 or 64 lower-case hexadecimal digits.
    package static func isFull(_ text: String) -> Bool {
        (text.utf8.count == 40 || text.utf8.count == 64)
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}
