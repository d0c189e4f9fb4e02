internal import Glibc
package import Sandbox
internal import Smelt

/// A session's own files: an overlay over a read-only checkout, with a `.git` of its own.
package struct SessionWorkspace: Equatable, Sendable {
    /// `smelt/<session>`, checked out.
    package let branch: String
    /// What the branch starts from.
    package let commit: String
    /// On the host. Once something has run inside, only the sandbox reads below it.
    package let directory: String
    /// There, or in an image that is there: `upper`, `work` and whatever else the session writes.
    package let files: String
    /// The overlay at `/workspace` and git's configuration.
    package internal(set) var grants: [Grant]
    /// Where the checkout is of another commit than the branch: the command, to run inside before
    /// anything else, that brings the files up to it.
    package let preparation: [String]?

    /// Beside them, where the branch starts from more than the checkout: an objects' directory with what that has
    /// not, which no agent could write.
    static func start(in directory: String) -> String { "\(directory)/start" }
}

extension SandboxEnvironment {
    /// The session's workspace, made at the first call. `checkout` is the directory that
    /// `Checkouts` gives for `commit`.
    package func workspace(
        session: String, commit: String, checkout: String
    ) throws -> SessionWorkspace {
        try workspace(
            session: session, commit: commit, checkout: checkout, of: commit, bringing: { _ in })
    }

    /// The same over the checkout of another commit, `base`: `bringing` is given an objects'
    /// directory and puts a pack there of what `commit` has and `base` has
    /// not.
    package func workspace(
        session: String, commit: String, checkout: String, of base: String,
        bringing: (_ objects: String) throws -> Void
    ) throws -> SessionWorkspace {
        let name = SafeName.of(session)
        let place = "\(directory)/sessions/\(name)"
        if Files.exists(place) {
            if isSized { try DiskImage.appear(in: place) }
        } else {
            try make(
                place, branch: Self.branch(of: session), commit: commit, base: base,
                bringing: bringing)
        }
        let origin = try Salvage(self).origin(of: name)
        guard origin == Salvage.Origin(commit: commit, base: base) else {
            throw RuntimeFault.otherCommit(directory: place, commit: origin.commit)
        }
        return described(
            place, branch: Self.branch(of: session), commit: commit, checkout: checkout, base: base)
    }

    /// A fresh workspace of `commit` for a gate, which sees nothing of the session but the commit.
    /// The caller removes it with `discard`.
    package func fresh(
        session: String, commit: String, checkout: String, of base: String,
        bringing: (_ objects: String) throws -> Void = { _ in }
    ) throws -> SessionWorkspace {
        let place = "\(directory)/gates/\(SafeName.of(session)).\(RunID.make())"
        try make(
            place, branch: Self.branch(of: session), commit: commit, base: base, bringing: bringing)
        return described(
            place, branch: Self.branch(of: session), commit: commit, checkout: checkout, base: base)
    }

    /// Removes a fresh workspace, whatever was done in it.
    package func discard(_ workspace: SessionWorkspace) throws {
        try remove(workspace.directory)
    }

    /// With the project of its quota.
    private func remove(_ workspace: String) throws {
        try Removal.remove(workspace)
        ProjectClaim.giveBack(at: directory)
    }

    /// The names of the sessions that have a workspace, as `SafeName` makes them.
    package var sessions: [String] {
        Files.names(in: "\(directory)/sessions").filter { !$0.hasPrefix(".") }
    }

    func described(
        _ place: String, branch: String, commit: String, checkout: String, base: String
    ) -> SessionWorkspace {
        let files = files(in: place)
        if isOnEngine {
            return SessionWorkspace(
                branch: branch, commit: commit, directory: place, files: files,
                grants: [EngineWorkspace.settings(for: facts.commit)],
                preparation: EngineWorkspace.checkOut)
        }
        return SessionWorkspace(
            branch: branch, commit: commit, directory: place, files: files,
            grants: [
                .overlay(
                    lower: [lower(of: checkout)], upper: "\(files)/upper", work: "\(files)/work",
                    target: Self.workspace),
                .file(
                    contents: GitSettings.text(for: facts.commit), target: GitSettings.path,
                    mode: 0o444),
            ] + Changed.grants(upper: "\(files)/upper"),
            preparation: base == commit
                ? nil
                : [
                    "git", "-c", "core.hooksPath=/dev/null", "read-tree", "-m", "-u", base, commit,
                ])
    }

    private var isSized: Bool { facts.diskGuard == .sized }

    /// Where a workspace's layers are.
    func files(in place: String) -> String { isSized ? DiskImage.files(in: place) : place }

    /// Built beside its place and renamed, so that what is there is whole.
    private func make(
        _ place: String, branch: String, commit: String, base: String,
        bringing: (String) throws -> Void
    ) throws {
        let above = Files.parent(of: place)
        // Never the environment's own directory, should that be gone.
        guard mkdir(above, 0o700) == 0 || errno == EEXIST else {
            throw SystemFault(errno, "make directory", above)
        }
        // A launch opens what is below as the environment's user.
        let building = "\(above)/.new-\(RunID.make())"
        let files = files(in: building)
        let git = "\(files)/\(isOnEngine ? EngineWorkspace.parcel : "upper")/.git"
        let objects = "\(git)/objects"
        do {
            try Files.makeDirectories(building, mode: 0o755)
            // Before anything is in it: all of it is on the account.
            if facts.diskGuard == .quota, let bytes = facts.limits.diskBytes {
                try ProjectClaim.take(for: building, bytes: bytes)
            }
            if isSized, let bytes = facts.limits.diskBytes {
                try DiskImage.make(
                    in: building, bytes: bytes, reserve: Salvage.room(for: bytes) - bytes)
            }
            if !isOnEngine { try Files.makeDirectories("\(files)/work", mode: 0o755) }
            try Files.makeDirectories(
                "\(git)/refs/heads/\(Files.parent(of: branch))", mode: 0o755)
            try Files.makeDirectories("\(objects)/pack", mode: 0o755)
            if commit != base {
                let start = SessionWorkspace.start(in: building)
                try Files.makeDirectories("\(start)/pack", mode: 0o755)
                try bringing(start)
                if !isOnEngine { try copy("\(start)/pack", to: "\(objects)/pack") }
            }
            if isOnEngine { try EngineWorkspace.fill(building, hasStart: commit != base) }
            try write("\(commit)\n", to: "\(git)/refs/heads/\(branch)")
            try write("ref: refs/heads/\(branch)\n", to: "\(git)/HEAD")
            // Beside what the session sees: a rescue must not have to ask the agent.
            try write("\(commit)\n\(base)\n", to: "\(building)/origin")
            chmod(building, 0o755)
            // Never an image, which only the kernel writes in.
            if let hostUser, !isOnEngine { try give(files, to: hostUser) }
            guard rename(building, place) == 0 || errno == EEXIST || errno == ENOTEMPTY else {
                throw SystemFault(errno, "create", place)
            }
        } catch {
            try? remove(building)
            throw error
        }
        // Somebody else made it at the same time; theirs is as good.
        if Files.exists(building) { try remove(building) }
    }

    private func copy(_ source: String, to path: String) throws {
        let finished = try Command("cp", "-R", "--reflink=auto", "-T", "--", source, path).run()
        guard finished.succeeded else {
            throw RuntimeFault.notCopied(path, reason: SandboxedGit.lastLine(of: finished.errors))
        }
    }

    private func write(_ text: String, to path: String) throws {
        let file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
        var text = text
        try text.withUTF8 { try file.write(UnsafeRawBufferPointer($0), name: path) }
    }

    /// Nothing of anybody else's has been here yet, so there are no links to follow.
    private func give(_ path: String, to user: UInt32) throws(SystemFault) {
        guard lchown(path, user, user) == 0 else { throw SystemFault(errno, "give away", path) }
        for name in Files.names(in: path) { try give("\(path)/\(name)", to: user) }
    }
}
