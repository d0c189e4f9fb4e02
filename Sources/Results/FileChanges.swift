package import Smelt

/// One path that is not the same in two commits. Renames are a deletion and an addition.
package struct FileChange: Equatable, Sendable {
    package enum Status: String, Sendable {
        case added = "A"
        case deleted = "D"
        case modified = "M"
        /// From a file to a link, or the like.
        case type = "T"
    }

    /// As git keeps them.
    package enum Mode {
        package static let executable = 0o100755
        package static let link = 0o120000
        package static let submodule = 0o160000
    }

    package var path: [UInt8]
    package var status: Status
    /// 0 where there was, or is, nothing.
    package var oldMode: Int
    package var newMode: Int
    package var oldBlob: String?
    package var newBlob: String?
    /// Nil for binary files.
    package var insertions: Int?
    package var deletions: Int?
    /// Of the new blob.
    package var sizeBytes: Int?

    /// The path for people, cut short where it is longer than anybody reads.
    package var shown: String {
        let start = Visible.line(String(decoding: path.prefix(300), as: UTF8.self))
        return path.count > 300 ? start + "…" : start
    }

    package init(path: [UInt8], status: Status, oldMode: Int, newMode: Int) {
        self.path = path
        self.status = status
        self.oldMode = oldMode
        self.newMode = newMode
    }

    package var isBinary: Bool {
        insertions == nil && newMode != Mode.submodule && oldMode != Mode.submodule
    }
}

/// What changed between two commits of smelt's own repository, in git's order.
package struct FileChanges: Sendable {
    package private(set) var all: [FileChange] = []
    package var insertions: Int { all.reduce(0) { $0 + ($1.insertions ?? 0) } }
    package var deletions: Int { all.reduce(0) { $0 + ($1.deletions ?? 0) } }

    /// None.
    package init() {}

    package init(from base: String, to commit: String, in git: Git, bounds: Bounds = Bounds())
        throws
    {
        let call = [
            "diff-tree", "-r", "-z", "--raw", "--numstat", "--no-abbrev", "--no-renames",
            "--no-ext-diff", "--no-textconv", base, commit,
        ]
        var command = git.confined(Git.frugal + call, bounds)
        command.output = .captured(limit: 256 << 20)
        let finished = try command.run()
        guard finished.succeeded else { throw GitFault("diff-tree", finished) }
        try read(finished.output)
        try measure(in: git, bounds)
    }

    /// First `:mode mode blob blob status` and a path each, then `insertions TAB deletions TAB path`.
    private mutating func read(_ output: [UInt8]) throws {
        var counted = 0
        var fields = output.split(separator: 0)[...]
        while let field = fields.popFirst() {
            if field.first == UInt8(ascii: ":") {
                let words = String(decoding: field.dropFirst(), as: UTF8.self).split(separator: " ")
                guard words.count == 5, let path = fields.popFirst(),
                    let old = Int(words[0], radix: 8), let new = Int(words[1], radix: 8),
                    let status = FileChange.Status(rawValue: String(words[4]))
                else { throw FileChangesFault.unreadable }
                func blob(_ word: Substring) -> String? {
                    word.allSatisfy { $0 == "0" } ? nil : String(word)
                }
                var change = FileChange(
                    path: Array(path), status: status, oldMode: old, newMode: new)
                change.oldBlob = blob(words[2])
                change.newBlob = blob(words[3])
                all.append(change)
            } else {
                let parts = field.split(separator: 9, maxSplits: 2)
                guard parts.count == 3, counted < all.count, all[counted].path == Array(parts[2])
                else { throw FileChangesFault.unreadable }
                all[counted].insertions = Int(String(decoding: parts[0], as: UTF8.self))
                all[counted].deletions = Int(String(decoding: parts[1], as: UTF8.self))
                counted += 1
            }
        }
        guard counted == all.count else { throw FileChangesFault.unreadable }
    }

    private mutating func measure(in git: Git, _ bounds: Bounds) throws {
        let asked = all.indices.filter {
            all[$0].newBlob != nil && all[$0].newMode != FileChange.Mode.submodule
        }
        var command = git.confined(
            Git.frugal + ["cat-file", "--buffer", "--batch-check=%(objectsize)"], bounds)
        command.input = .bytes(Array(asked.map { "\(all[$0].newBlob ?? "")\n" }.joined().utf8))
        let sizes = try command.run()
        guard sizes.succeeded else { throw GitFault("cat-file", sizes) }
        for (index, size) in zip(asked, sizes.text.split(separator: "\n")) {
            all[index].sizeBytes = Int(size)
        }
    }
}

package enum FileChangesFault: Fault {
    case unreadable

    package var exit: Exit { .bug }
    package var description: String { "could not read what git says has changed" }
}
