internal import FoundationEssentials
internal import Glibc
internal import Records
internal import Smelt

/// A result as files: the list of what changed, a bundle, a mailbox. Each is complete or not there.
package struct ResultFiles: Sendable {
    let git: Git
    let base: String
    let commit: String
    let bounds: Bounds

    package init(in git: Git, from base: String, to commit: String, bounds: Bounds = Bounds()) {
        self.git = git
        self.base = base
        self.commit = commit
        self.bounds = bounds
    }

    /// A line of the list. Members that are absent: see smelt-records(5).
    private struct Row: Encodable {
        var path: String?
        var base64: String?
        var status: String
        var mode: String?
        var oldMode: String?
        var newBlob: String?
        var oldBlob: String?
        var insertions: Int?
        var deletions: Int?
        var sizeBytes: Int?

        init(_ change: FileChange) {
            if JSONText.isUTF8(change.path[...]) {
                path = String(decoding: change.path, as: UTF8.self)
            } else {
                base64 = Base64.encode(change.path)
            }
            status = change.status.rawValue
            mode = change.newMode == 0 ? nil : String(change.newMode, radix: 8)
            oldMode = change.oldMode == 0 ? nil : String(change.oldMode, radix: 8)
            newBlob = change.newBlob
            oldBlob = change.oldBlob
            insertions = change.insertions
            deletions = change.deletions
            sizeBytes = change.sizeBytes
        }
    }

    /// JSON lines, one a changed file, in git's order. Gives the digest.
    package func writeList(_ changes: FileChanges, to path: String) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var bytes: [UInt8] = []
        for change in changes.all {
            bytes.append(contentsOf: try encoder.encode(Row(change)))
            bytes.append(10)
        }
        try Files.replace(path, with: bytes, mode: 0o644)
        return SHA256.digest(bytes)
    }

    /// A bundle of the result as `ref` on top of the base. Gives the digest.
    package func writeBundle(as ref: String, to path: String) throws -> String {
        let boundary = try git.confined(
            ["rev-list", "--boundary", "\(base)..\(commit)"], bounds
        ).run()
        guard boundary.succeeded else { throw GitFault("rev-list", boundary) }
        var head = "# v2 git bundle\n"
        for line in boundary.text.split(separator: "\n") where line.hasPrefix("-") {
            head += "\(line) \n"
        }
        head += "\(commit) \(ref)\n\n"
        try write(path) { file in
            var head = head
            try head.withUTF8 { try writeAll(UnsafeRawBufferPointer($0), to: file, name: path) }
            var command = git.confined(
                Git.frugal + [
                    "pack-objects", "--quiet", "--stdout", "--revs", "--thin",
                    "--delta-base-offset",
                ], bounds)
            command.input = .bytes(Array("\(commit)\n^\(base)\n".utf8))
            command.output = .descriptor(file)
            let packed = try command.run()
            guard packed.succeeded else { throw GitFault("pack-objects", packed) }
        }
        return try SHA256.digest(file: path)
    }

    /// The result as mails that `git am` takes. Mails have no merges: where the result has, it is one
    /// mail with everything.
    package func writePatch(to path: String) throws {
        let merges = try git.line("rev-list", "--merges", "--count", "\(base)..\(commit)")
        let isLinear = try merges == "0" && git.line("merge-base", base, commit) == base
        let tip = isLinear ? commit : try squashed()
        try write(path) { file in
            guard base != commit else { return }
            var command = git.confined(
                Git.frugal + [
                    "format-patch", "--stdout", "--no-signature", "--binary", "--full-index",
                    "--no-ext-diff", "--no-textconv", "--no-renames", "--subject-prefix=PATCH",
                    "--encode-email-headers", "\(base)..\(tip)",
                ], bounds)
            command.output = .descriptor(file)
            let made = try command.run()
            guard made.succeeded else { throw GitFault("format-patch", made) }
        }
    }

    /// Nothing names this commit; it is only there to be printed.
    private func squashed() throws -> String {
        let facts = try git.command(["log", "-1", "--format=%an%n%ae%n%at%n%B", commit]).run()
        let lines = facts.text.split(separator: "\n", omittingEmptySubsequences: false).map(
            String.init)
        guard facts.succeeded, lines.count > 3 else { throw GitFault("log", facts) }
        var command = git.command(["commit-tree", "-p", base, "\(commit)^{tree}"])
        command.environment?.append(contentsOf: [
            "GIT_AUTHOR_NAME=\(lines[0])", "GIT_AUTHOR_EMAIL=\(lines[1])",
            "GIT_COMMITTER_NAME=\(lines[0])", "GIT_COMMITTER_EMAIL=\(lines[1])",
            "GIT_AUTHOR_DATE=@\(lines[2]) +0000", "GIT_COMMITTER_DATE=@\(lines[2]) +0000",
        ])
        command.input = .bytes(Array(lines.dropFirst(3).joined(separator: "\n").utf8))
        let made = try command.run()
        guard made.succeeded else { throw GitFault("commit-tree", made) }
        return String(made.text.prefix(40))
    }

    /// Beside its place first, then renamed.
    private func write(_ path: String, _ body: (Int32) throws -> Void) throws {
        let temporary = "\(Files.parent(of: path))/.\(Files.name(of: path)).\(RunID.make())"
        let file = try Descriptor(
            opening: temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
        do {
            try body(file.number)
            try file.sync(name: path)
            guard rename(temporary, path) == 0 else { throw SystemFault(errno, "replace", path) }
        } catch {
            unlink(temporary)
            throw error
        }
        try Files.syncDirectory(Files.parent(of: path))
    }
}
