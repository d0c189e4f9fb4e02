internal import Glibc
internal import Records
package import Sandbox
package import Smelt

/// Gets a session's work out of its workspace, at its end or when its exec was killed: in the sandbox, what the agent
/// left is committed, and everything that its branch and its HEAD have beyond the start goes into a bundle.
package struct Salvage: Sendable {
    private let environment: SandboxEnvironment

    package init(_ environment: SandboxEnvironment) {
        self.environment = environment
    }

    /// The commit that the session's branch started from, and the one that its checkout is of.
    package struct Origin: Equatable, Sendable {
        package let commit: String
        package let base: String
    }

    /// Of a session by its name as `SafeName` makes it.
    package func origin(of name: String) throws -> Origin {
        let path = "\(place(of: name))/origin"
        let words = try Files.readText(path, upTo: 1024).split(separator: "\n")
        guard words.count == 2 else { throw RuntimeFault.badFacts(path) }
        return Origin(commit: String(words[0]), base: String(words[1]))
    }

    /// Whether the session has done nothing that could be saved: no file is in its own layer but the repository
    /// that smelt put there, and HEAD and the branch in it say what they said at the start. An agent may have put
    /// anything in their places, so no link is followed and nothing waited for.
    package func isUntouched(_ name: String) -> Bool {
        if environment.isOnEngine { return !Files.exists(Self.mark(in: place(of: name))) }
        let place = place(of: name)
        if environment.facts.diskGuard == .sized, (try? DiskImage.appear(in: place)) == nil {
            return false
        }
        guard let origin = try? origin(of: name),
            let upper = try? Descriptor(
                opening: "\(environment.files(in: place))/upper",
                O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
            Removal.names(in: upper.number) == [".git"],
            let git = try? directory(".git", beneath: upper),
            Removal.names(in: git.number) == ["HEAD", "objects", "refs"],
            text("HEAD", beneath: git) == "ref: refs/heads/smelt/\(name)\n",
            let refs = try? directory("refs", beneath: git),
            let heads = try? directory("heads", beneath: refs),
            let branches = try? directory("smelt", beneath: heads)
        else { return false }
        return text(name, beneath: branches) == "\(origin.commit)\n"
    }

    private func directory(
        _ name: String, beneath parent: borrowing Descriptor
    ) throws(SystemFault) -> Descriptor {
        try Descriptor(opening: name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, beneath: parent.number)
    }

    private func text(_ name: String, beneath parent: borrowing Descriptor) -> String? {
        let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK
        guard let file = try? Descriptor(opening: name, flags, beneath: parent.number),
            let bytes = try? file.readAll(upTo: 4096, name: name)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What a session's work came to.
    package struct Work: Equatable, Sendable {
        package let commit: String
        /// Something was left uncommitted, and smelt committed it.
        package let committed: Bool

        /// From the line that comes before the bundle. It is an agent's word until the bundle is admitted.
        package init?(_ line: some StringProtocol) {
            let words = line.split(separator: " ")
            guard words.count == 3, words[0] == "commit", ["0", "1"].contains(words[2]),
                words[1].utf8.count == 40,
                words[1].utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
            else { return nil }
            commit = String(words[1])
            committed = words[2] == "1"
        }
    }

    /// The longest that the line before the bundle can be.
    package static let longestLine = 64

    /// Prints a line that `Work` reads and then, where the work is not the base itself, a bundle of
    /// `refs/heads/smelt/<name>` without what `base` reaches. `checkout` is the directory that `Checkouts` gives
    /// for `base`, `patience` the seconds after which the caller ends it: the agent's own repository gets six tenths
    /// of them, so that a trap in it leaves time for the files alone.
    package func plan(
        _ name: String, in workspace: SessionWorkspace, checkout: String, base: String,
        patience: Double
    ) -> Plan {
        let style = environment.facts.commit
        let more = SessionWorkspace.start(in: workspace.directory)
        let hasMore = Files.exists(more)
        let elsewhere = environment.isOnEngine
        let objects = elsewhere ? EnginePlace.objects : Self.objects
        let start = elsewhere ? EnginePlace.start : Self.start
        let script = Script(hasLayer: !elsewhere)
        var plan = environment.plan(
            in: workspace,
            command: [
                "/bin/sh", "-c", script.whole, "salvage", workspace.branch,
                Self.message(name, style), workspace.commit, base,
                hasMore ? "\(objects)\n\(start)" : objects,
                "\(max(1, Int(patience * 0.6)))", script.own,
            ],
            environment: [
                "GIT_AUTHOR_NAME": style.name, "GIT_AUTHOR_EMAIL": style.email,
                "GIT_COMMITTER_NAME": style.name, "GIT_COMMITTER_EMAIL": style.email,
            ])
        if !elsewhere {
            plan.files.append(
                .readOnly(source: "\(checkout)/.git/objects", target: Self.objects))
        }
        if hasMore, !elsewhere { plan.files.append(.readOnly(source: more, target: Self.start)) }
        plan.network = .none
        plan.limits.diskBytes = plan.limits.diskBytes.map(Self.room)
        return plan
    }

    /// What a workspace may hold while it is salvaged: who has filled it has to have room for a commit.
    package static func room(for bytes: Int) -> Int {
        (bytes < .max / 4 ? bytes * 2 : bytes) + 64 << 20
    }

    /// Makes that room, where a quota would not let it be used. To be called before the plan is run.
    package func makeRoom(in workspace: SessionWorkspace) throws {
        guard let bytes = environment.facts.limits.diskBytes else { return }
        if environment.facts.diskGuard == .sized {
            return try DiskImage.open(reserveIn: workspace.directory)
        }
        guard let project = ProjectClaim.project(of: workspace.directory)
        else { return }
        try ProjectQuota.limit(project, to: Self.room(for: bytes), at: workspace.directory)
    }

    private static func message(_ name: String, _ style: CommitStyle) -> String {
        var trailers = style.trailers
        if style.signoff { trailers.append("Signed-off-by: \(style.name) <\(style.email)>") }
        let subject = "smelt: uncommitted work of \(name)"
        return trailers.isEmpty ? subject : "\(subject)\n\n" + trailers.joined(separator: "\n")
    }

    /// A bundle of `refs/heads/smelt/<name>`, to be read from where it stands; nil when the session has nothing beyond
    /// its start.
    package func bundle(
        _ name: String, origin: Origin, checkout: String, cancellable: Bool
    ) throws -> Descriptor? {
        let place = place(of: name)
        let workspace = environment.described(
            place, branch: "smelt/\(name)", commit: origin.commit, checkout: checkout,
            base: origin.base)
        let path = "\(environment.directory)/.bundle-\(RunID.make())"
        let file = try Descriptor(opening: path, O_RDWR | O_CREAT | O_EXCL)
        unlink(path)
        let git = SandboxedGit(environment)
        try makeRoom(in: workspace)
        let plan = plan(
            name, in: workspace, checkout: checkout, base: origin.base, patience: git.timeout)
        let finished: Command.Finished
        if environment.isOnEngine {
            let call = InsideCall(timeout: git.timeout, largest: git.largest, cancellable)
            let entry = try environment.entry(EnginePlace(.session, name), again: true)
            guard let ended = try call.run(plan, over: entry, output: file.number) else {
                return try kept(name)
            }
            finished = ended
        } else {
            finished = try git.run(
                plan, output: .descriptor(file.number), cancellable: cancellable)
        }
        guard finished.succeeded, let work = try takeLine(of: file) else {
            throw RuntimeFault.notSaved(
                session: name, directory: place,
                reason: SandboxedGit.lastLine(of: finished.errors))
        }
        if work.commit == origin.commit { return nil }
        return file
    }

    /// In a session's directory, where its place is on an engine: something has been run there.
    package static func mark(in directory: String) -> String { "\(directory)/begun" }

    /// Where its place is gone: what was taken out when the session ended, unless that was nothing.
    private func kept(_ name: String) throws -> Descriptor? {
        let path = "\(environment.directory)/\(name).bundle"
        guard let size = Files.size(path), size > 0 else { return nil }
        return try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW)
    }

    /// Leaves the file where the bundle begins.
    private func takeLine(of file: borrowing Descriptor) throws -> Work? {
        var bytes = [UInt8](repeating: 0, count: Self.longestLine)
        let count = retrying { pread(file.number, &bytes, bytes.count, 0) }
        guard count > 0, let end = bytes[..<count].firstIndex(of: 10) else { return nil }
        lseek(file.number, off_t(end + 1), SEEK_SET)
        return Work(String(decoding: bytes[..<end], as: UTF8.self))
    }

    private func place(of name: String) -> String { "\(environment.directory)/sessions/\(name)" }

    /// Where the script finds the checkout's own objects, and those that the start has besides, if the agent has
    /// spoilt its repository.
    private static let objects = "/run/smelt/objects"
    private static let start = "/run/smelt/start"
}
