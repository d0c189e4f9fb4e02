internal import Glibc
internal import Smelt

/// The one way in for what a session made. A bundle comes from inside a sandbox and is hostile: we
/// read its header ourselves, git indexes the pack in a repository that nobody sees, every object is
/// checked and measured there, and only then the pack is moved over and a reference set. `git fetch`
/// and `git bundle` would not do: on bundles they skip the checks whatever is configured.
package struct Quarantine: Sendable {
    package let results: Git
    package let bounds: Bounds

    package init(into results: Git, bounds: Bounds = Bounds()) {
        self.results = results
        self.bounds = bounds
    }

    /// Clears away what killed processes left; `admit` does so, too.
    package func sweep() throws {
        try Incoming.sweep(beside: results)
    }

    /// Takes the bundle on `bundle` (which stays the caller's, read to its end), whose one reference
    /// must be `branch` (such as `refs/heads/smelt/work`), built on commits that `start` reaches, and
    /// keeps it as `ref`. With `wanted` it must be that very commit. Gives the commit.
    @discardableResult
    package func admit(
        bundle: Int32, branch: String, start: String, wanted: String? = nil, as ref: String
    ) throws -> String {
        let deadline = monotonicSeconds() + bounds.seconds
        let header = try BundleHeader(
            reading: bundle, branch: branch, objects: bounds.objects, deadline: deadline)
        if let wanted, wanted != header.commit {
            throw QuarantineFault.otherCommit(found: header.commit, wanted: wanted)
        }
        for commit in header.prerequisites where try !reaches(start, commit) {
            throw QuarantineFault.foreignHistory(commit)
        }
        let incoming = try Incoming.make(beside: results)
        let git = incoming.git
        let pack = try index(bundle, header, start: start, in: git)
        let grace = monotonicSeconds() + min(5, bounds.seconds)
        guard try Waiting.byte(from: bundle, until: grace) == nil else {
            throw QuarantineFault.badBundle("bytes follow its pack")
        }
        let census = try Census(of: pack, in: git, beside: results, bounds)
        let commits = try commits(header.commit, after: start, in: git)
        try Growth(in: git, bounds).measure(commits)
        try connect(header.commit, after: start, census, in: git)
        try move(pack, from: incoming.packs)
        try point(ref, at: header.commit)
        return header.commit
    }

    /// Whether `commit` is in the history of `start`.
    private func reaches(_ start: String, _ commit: String) throws -> Bool {
        try results.command(["merge-base", "--is-ancestor", commit, start]).run().succeeded
    }

    // MARK: Into the quarantine

    /// Gives the pack's name, `pack-<digits>`, once git has unpacked and checked every object in it.
    private func index(
        _ bundle: Int32, _ header: BundleHeader, start: String, in git: Git
    ) throws -> String {
        var arguments = ["index-pack", "--stdin", "--fix-thin", "--threads=1"]
        arguments += ["--strict=\(try severities(start: start, in: git))", "--fsck-objects"]
        arguments += ["--max-input-size=\(bounds.totalBytes)"]
        arguments += ["--pack_header=2,\(header.objects)"]
        var command = git.command(Git.frugal + arguments)
        command.input = .descriptor(bundle)
        command.output = .captured(limit: 1 << 16)
        let finished = try run(bounds.confine(command, in: git), "index-pack")
        // The pack's name; git adds what it read beyond the pack's end.
        let name = finished.output.prefix(46)
        guard finished.output.count == 46, name.starts(with: "pack\t".utf8) else {
            throw QuarantineFault.badBundle("bytes follow its pack")
        }
        return "pack-" + String(decoding: name.dropFirst(5).dropLast(), as: UTF8.self)
    }

    /// `--strict` makes errors of git's warnings (`.git` in its many spellings, `..`, empty and full
    /// path names, zero-padded modes). What git only notes, but no honest git writes, is an error
    /// too. The base's own `.gitmodules` is the user's and not judged.
    private func severities(start: String, in git: Git) throws -> String {
        var words = ["badFilemode=error", "gitmodulesParse=error"]
        if let modules = try git.line(
            "rev-parse", "--verify", "--quiet", "--end-of-options", "\(start):.gitmodules")
        {
            let list = "\(git.repository)/skip"
            try Files.replace(list, with: Array("\(modules)\n".utf8))
            words.append("skiplist=\(list)")
        }
        return words.joined(separator: ",")
    }

    private func commits(_ tip: String, after start: String, in git: Git) throws -> [NewCommit] {
        let command = git.confined(["rev-list", "--parents", tip, "--not", start], bounds)
        return try run(command, "rev-list").text.split(separator: "\n").map { line in
            let names = line.split(separator: " ").map(String.init)
            return NewCommit(name: names[0], parent: names.dropFirst().first)
        }
    }

    /// All that the commit needs is there, and nothing came that it does not need.
    private func connect(
        _ tip: String, after start: String, _ census: Census, in git: Git
    ) throws {
        let command = git.confined(
            ["rev-list", "--objects", "--no-object-names", tip, "--not", start], bounds)
        var missing = census.new
        for name in try run(command, "rev-list").text.split(separator: "\n") {
            missing.remove(String(name))
        }
        guard missing.isEmpty else {
            throw QuarantineFault.badObjects("\(missing.count) of its objects belong to no commit")
        }
    }

    private func run(_ command: Command, _ action: String) throws -> Command.Finished {
        do {
            let finished = try command.run()
            switch finished.ending {
            case .exited(0): return finished
            case .killed(SIGXCPU), .killed(SIGKILL): throw QuarantineFault.tooHeavy("time")
            case .killed(SIGXFSZ): throw QuarantineFault.tooHeavy("disk")
            default:
                for number in [ENOSPC, EDQUOT]
                where finished.errors.contains(String(cString: strerror(number))) {
                    throw SystemFault(number, "write in", "\(results.repository)/incoming")
                }
                // The first complaint names the object; the last one only says that git gave up.
                let first = finished.errors.split(separator: "\n").first {
                    $0.hasPrefix("error: ")
                }
                let reason =
                    first.map { Visible.line(String($0.dropFirst(7).prefix(300))) }
                    ?? GitFault(action, finished).reason
                if finished.errors.contains("emory") || finished.errors.contains("mmap failed") {
                    throw QuarantineFault.tooHeavy("memory")
                }
                throw QuarantineFault.badObjects(reason)
            }
        } catch CommandFault.timedOut {
            throw QuarantineFault.tooSlow
        } catch CommandFault.tooMuchOutput {
            throw QuarantineFault.badBundle("bytes follow its pack")
        }
    }

    // MARK: Out of it

    /// The index goes last: a pack counts from the moment that it has one.
    private func move(_ pack: String, from source: String) throws {
        let target = "\(results.repository)/objects/pack"
        try Files.makeDirectories(target, mode: 0o755)
        for suffix in ["pack", "rev", "idx"] {
            let old = "\(source)/\(pack).\(suffix)"
            guard Files.exists(old) else { continue }
            try Descriptor(opening: old, O_RDONLY).sync(name: old)
            guard rename(old, "\(target)/\(pack).\(suffix)") == 0 else {
                throw SystemFault(errno, "move", old)
            }
        }
        try Files.syncDirectory(target)
    }

    /// Whoever does the same at the same time comes to the same end: sessions that begin at once may depend on the same one.
    private func point(_ ref: String, at commit: String) throws {
        let none = String(repeating: "0", count: 40)
        for _ in 1...100 {
            let old = try results.line("rev-parse", "--verify", "--quiet", "--end-of-options", ref)
            guard old != commit else { return }
            let words = ["--no-deref", ref, commit, old ?? none]
            if try results.update([ref], words).succeeded { return }
            let new = try results.line("rev-parse", "--verify", "--quiet", "--end-of-options", ref)
            // Unchanged, it is only locked at this moment.
            guard new == old || new == commit else { break }
        }
        throw QuarantineFault.moved(ref)
    }
}
