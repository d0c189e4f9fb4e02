internal import Glibc
internal import Smelt

/// A bare repository for one bundle, inside the repository that may take its objects over: it sees
/// that one's objects as alternates, and what is put into it is seen by nobody. Removed when let
/// go; what a killed process left is removed by the next one.
///
/// `incoming.lock` is held only while a directory is made or old ones are cleared away; a directory
/// in use is known by the lock on the file `lock` in it.
struct Incoming: ~Copyable {
    let git: Git
    private let lock: Lock

    private init(git: Git, lock: consuming Lock) {
        self.git = git
        self.lock = lock
    }

    static func make(beside results: Git) throws -> Incoming {
        let parent = "\(results.repository)/incoming"
        try Files.makeDirectories(parent)
        let making = try Lock("\(parent).lock", .exclusive, creating: true)
        defer { withExtendedLifetime(making.number) {} }
        try removeDead(in: parent)

        let path = "\(parent)/\(RunID.make())"
        for directory in [path, "\(path)/refs", "\(path)/objects", "\(path)/objects/info"] {
            guard mkdir(directory, 0o700) == 0 else {
                throw SystemFault(errno, "make directory", directory)
            }
        }
        let lock = try Lock("\(path)/lock", .exclusive, creating: true)
        for (name, text) in [
            ("HEAD", "ref: refs/heads/none\n"),
            ("config", "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"),
            ("objects/info/alternates", "\(try Files.canonical(results.repository))/objects\n"),
        ] {
            try write(text, to: "\(path)/\(name)")
        }
        return Incoming(git: Git(path), lock: lock)
    }

    deinit {
        Self.remove(git.repository)
    }

    /// What was indexed here, in `objects/pack`.
    var packs: String { "\(git.repository)/objects/pack" }

    /// Nobody else may see these files, so they need not survive anything: no fsync.
    private static func write(_ text: String, to path: String) throws {
        let file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL)
        var text = text
        try text.withUTF8 { try file.write(UnsafeRawBufferPointer($0), name: path) }
    }

    /// Clears away what killed processes left.
    static func sweep(beside results: Git) throws {
        let parent = "\(results.repository)/incoming"
        guard !Files.names(in: parent).isEmpty else { return }
        let making = try Lock("\(parent).lock", .exclusive, creating: true)
        defer { withExtendedLifetime(making.number) {} }
        try removeDead(in: parent)
    }

    private static func removeDead(in parent: String) throws {
        for name in Files.names(in: parent) {
            let path = "\(parent)/\(name)"
            // Without its lock file it was left by somebody who died before taking it.
            if Files.exists("\(path)/lock"), try Lock.attempt("\(path)/lock", .exclusive) == nil {
                continue
            }
            remove(path)
        }
    }

    /// Our own directories of our own files; the lock goes last.
    static func remove(_ path: String) {
        for name in Files.names(in: path) where name != "lock" {
            let inner = "\(path)/\(name)"
            if unlink(inner) != 0 { remove(inner) }
        }
        unlink("\(path)/lock")
        rmdir(path)
    }
}
