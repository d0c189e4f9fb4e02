import Glibc
import Results
import Smelt
import Testing

struct CheckoutTests {
    @Test func `a checkout is clean without a look at any file`() throws {
        let scene = try Scene()
        let repositories = Repositories(state: scene.path)
        let made = try Checkouts(repositories).ensure(
            commit: scene.base, from: repositories.imports())
        #expect(made.warnings.isEmpty)
        // Same size, same second: were anything read, it would show.
        let status = "git -c core.fsmonitor=false --no-optional-locks status --porcelain"
        let file = "\(made.path)/README"
        try scene.shell("printf 'HELLO\\n' >'\(file)' && touch -d 2001-01-01T00:00:00Z '\(file)'")
        #expect(try scene.shell("cd '\(made.path)' && \(status)") == "")
        try scene.shell("touch '\(file)'")
        #expect(try scene.shell("cd '\(made.path)' && \(status)") == " M README")
    }

    @Test func `its repository has what the commit reaches, and nothing else`() throws {
        let scene = try Scene()
        try scene.shell("echo secret >other; git checkout -q -b other", in: "agent")
        let other = try scene.commit("another branch")
        try scene.shell("git push -q ../import.git other", in: "agent")
        let repositories = Repositories(state: scene.path)
        let made = try Checkouts(repositories).ensure(
            commit: scene.base, from: repositories.imports())
        let git = "git -C '\(made.path)'"
        #expect(try scene.shell("\(git) rev-parse HEAD") == scene.base)
        #expect(try scene.shell("\(git) fsck --full --strict >&2 && echo sound") == "sound")
        #expect(try scene.shell("\(git) cat-file -e \(other) 2>/dev/null || echo no") == "no")
    }

    @Test func `many at once make it once`() async throws {
        let scene = try Scene()
        let (state, base) = (scene.path, scene.base)
        let repositories = Repositories(state: state)
        let imports = try repositories.imports()
        let inodes = try await withThrowingTaskGroup(of: UInt.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    let made = try Checkouts(repositories).ensure(commit: base, from: imports)
                    var facts = stat()
                    stat(made.path, &facts)
                    return UInt(facts.st_ino)
                }
            }
            return try await group.reduce(into: Set<UInt>()) { $0.insert($1) }
        }
        #expect(inodes.count == 1)
        #expect(
            Files.names(in: "\(state)/checkouts").filter { !$0.hasPrefix(".") } == [base])
    }

    @Test func `it is evicted when it was not used, and built again`() throws {
        let scene = try Scene()
        let repositories = Repositories(state: scene.path)
        let checkouts = try Checkouts(repositories)
        let made = try checkouts.ensure(commit: scene.base, from: repositories.imports())
        let now = Timestamp.now
        let before = Timestamp(milliseconds: now.milliseconds - 60_000)
        let after = Timestamp(milliseconds: now.milliseconds + 60_000)
        let remove: (String) throws -> Void = { _ = try Command("rm", "-rf", $0).run() }
        #expect(try checkouts.evict(unusedSince: before, removing: remove) == 0)
        #expect(try checkouts.evict(unusedSince: after, removing: remove) == 1)
        #expect(!Files.exists(made.path))
        let again = try checkouts.ensure(commit: scene.base, from: repositories.imports())
        #expect(again == made)
    }

    @Test func `one that is asked for is used from that very moment`() throws {
        let scene = try Scene()
        let repositories = Repositories(state: scene.path)
        let checkouts = try Checkouts(repositories)
        let imports = try repositories.imports()
        _ = try checkouts.ensure(commit: scene.base, from: imports)
        for _ in 0..<50 {
            let now = Timestamp.now
            _ = try checkouts.ensure(commit: scene.base, from: imports)
            let evicted = try checkouts.evict(
                unusedSince: now, removing: { _ in Issue.record("it was removed") })
            try #require(evicted == 0)
        }
    }

    @Test func `what one removes is nobody else's business`() throws {
        let scene = try Scene()
        let repositories = Repositories(state: scene.path)
        let checkouts = try Checkouts(repositories)
        _ = try checkouts.ensure(commit: scene.base, from: repositories.imports())
        let after = Timestamp(milliseconds: Timestamp.now.milliseconds + 60_000)
        var others = 0
        let evicted = try checkouts.evict(unusedSince: after) { path in
            others += try checkouts.evict(unusedSince: after, removing: { _ in })
            _ = try Command("rm", "-rf", path).run()
        }
        #expect(evicted == 1)
        #expect(others == 0)
    }

    @Test func `a name that is no commit leaves nothing`() throws {
        let scene = try Scene()
        let repositories = Repositories(state: scene.path)
        let checkouts = try Checkouts(repositories)
        #expect(throws: ImportFault.self) {
            try checkouts.ensure(commit: "../x", from: repositories.imports())
        }
        #expect(throws: GitFault.self) {
            try checkouts.ensure(
                commit: String(repeating: "1", count: 40), from: repositories.imports())
        }
    }
}
