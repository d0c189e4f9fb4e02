import Glibc
import Runtimes
import Smelt
import Testing

struct WorkspaceTests {
    /// What `body` finds in a new environment, which is cleared away behind it.
    private func withEnvironment(_ body: (SandboxEnvironment, Place) throws -> Void) throws {
        let place = try Place()
        let environments = try Environments("\(place.path)/environments")
        let run = RunID.make()
        try body(environments.create(Place.facts(run), run: run).environment, place)
        _ = try environments.sweep(keptUntil: nil, rescue: { _ in [] })
    }

    @Test func `a workspace has the session's branch and is made once`() throws {
        try withEnvironment { environment, _ in
            let commit = Place.commit
            let made = try environment.workspace(
                session: "a/b c", commit: commit, checkout: "/checkout")
            #expect(made.branch == "smelt/a%2fb%20c")
            let git = "\(made.directory)/upper/.git"
            #expect(try Files.readText("\(git)/HEAD") == "ref: refs/heads/\(made.branch)\n")
            #expect(try Files.readText("\(git)/refs/heads/\(made.branch)") == "\(commit)\n")
            #expect(Salvage(environment).isUntouched("a%2fb%20c"))
            try Files.replace("\(made.directory)/upper/work", with: [])
            let again = try environment.workspace(
                session: "a/b c", commit: commit, checkout: "/checkout")
            #expect(again == made)
            #expect(Files.exists("\(made.directory)/upper/work"))
            #expect(!Salvage(environment).isUntouched("a%2fb%20c"))
        }
    }

    @Test func `a session's git directory that became a link is not looked into`() throws {
        try withEnvironment { environment, place in
            let made = try environment.workspace(
                session: "s", commit: Place.commit, checkout: "/checkout")
            let git = "\(made.directory)/upper/.git"
            rename(git, "\(place.path)/elsewhere")
            symlink("\(place.path)/elsewhere", git)
            #expect(!Salvage(environment).isUntouched("s"))
        }
    }

    @Test(arguments: ["HEAD", "refs/heads/smelt/s"])
    func `a branch that was moved by hand is work, whatever lies there now`(path: String) throws {
        try withEnvironment { environment, _ in
            let made = try environment.workspace(
                session: "s", commit: Place.commit, checkout: "/checkout")
            let file = "\(made.directory)/upper/.git/\(path)"
            let other = String(repeating: "3", count: 40)
            try Files.replace(file, with: Array("\(other)\n".utf8))
            #expect(!Salvage(environment).isUntouched("s"))
            // One that nobody writes into must not be waited for.
            unlink(file)
            #expect(mkfifo(file, 0o600) == 0)
            #expect(!Salvage(environment).isUntouched("s"))
        }
    }

    @Test func `a start that is not the checkout's commit brings its objects and a command`() throws
    {
        try withEnvironment { environment, _ in
            let other = String(repeating: "2", count: 40)
            var objects = ""
            let made = try environment.workspace(
                session: "s", commit: other, checkout: "/checkout", of: Place.commit
            ) {
                objects = $0
                try Files.replace("\($0)/pack/pack-x.pack", with: Array("objects".utf8))
            }
            let own = "\(made.directory)/upper/.git/objects/pack/pack-x.pack"
            #expect(try Files.readText(own) == "objects")
            // A second time where no agent can spoil them.
            #expect(objects.hasSuffix("/start"))
            #expect(try Files.readText("\(made.directory)/start/pack/pack-x.pack") == "objects")
            #expect(made.preparation?.suffix(2) == [Place.commit, other])
            #expect(throws: RuntimeFault.self) {
                try environment.workspace(
                    session: "s", commit: Place.commit, checkout: "/checkout")
            }
        }
    }

    @Test func `what could not be brought leaves no workspace`() throws {
        try withEnvironment { environment, _ in
            #expect(throws: SystemFault.self) {
                try environment.workspace(
                    session: "s", commit: "2", checkout: "/checkout", of: Place.commit
                ) { _ in throw SystemFault(ENOSPC, "write", "pack") }
            }
            #expect(environment.sessions.isEmpty)
        }
    }

    @Test func `a fresh workspace is another one each time and can be discarded`() throws {
        try withEnvironment { environment, _ in
            let commit = Place.commit
            let one = try environment.fresh(
                session: "s", commit: commit, checkout: "/checkout", of: commit)
            let two = try environment.fresh(
                session: "s", commit: commit, checkout: "/checkout", of: commit)
            #expect(one.directory != two.directory)
            try environment.discard(one)
            #expect(!Files.exists(one.directory))
            #expect(Files.exists(two.directory))
        }
    }
}
