internal import Glibc
internal import Smelt

/// smelt's own repositories in the state directory, made when first asked for.
package struct Repositories: Sendable {
    package let state: String

    /// `state` is the state directory, as `Places.state()` gives it.
    package init(state: String) {
        self.state = state
    }

    /// What came from users: base commits, under `refs/smelt/base/<commit>`.
    package func imports() throws -> Git {
        try repository("import.git", alternate: nil)
    }

    /// What agents made, after it passed the quarantine; borrows objects from `imports`.
    /// `refs/smelt/runs/<run>/<session>` are sessions, `refs/smelt/results/<run>` results,
    /// `refs/smelt/rescued/<run>/<session>` what was saved from an environment's end.
    package func results() throws -> Git {
        _ = try imports()
        return try repository("results.git", alternate: "../../import.git/objects")
    }

    /// Read-only checkouts by commit.
    package var checkouts: String { "\(state)/checkouts" }
    /// One directory an environment.
    package var environments: String { Places.environments(in: state) }

    private func repository(_ name: String, alternate: String?) throws -> Git {
        let path = "\(state)/\(name)"
        if Files.exists("\(path)/HEAD") { return Git(path) }
        // Two first runs at the same time make it once.
        let lock = try Lock("\(path).lock", .exclusive, creating: true)
        defer { withExtendedLifetime(lock.number) {} }
        if Files.exists("\(path)/HEAD") { return Git(path) }
        // Whole or not at all: one without its alternate would be taken for one that is whole.
        let building = "\(path).new"
        Incoming.remove(building)
        try Git(building).run("init", "--quiet", "--bare", "--template=", building)
        if let alternate {
            try Files.replace(
                "\(building)/objects/info/alternates", with: Array("\(alternate)\n".utf8))
        }
        guard rename(building, path) == 0 else { throw SystemFault(errno, "create", path) }
        try Files.syncDirectory(state)
        return Git(path)
    }
}
