import Glibc
import Runtimes
import Smelt
import Testing

struct EnvironmentTests {
    @Test func `an environment is swept only when nobody holds its lease`() throws {
        let place = try Place()
        let environments = try Environments("\(place.path)/environments")
        let run = RunID.make()
        do {
            let held = try environments.create(Place.facts(run), run: run)
            #expect(try environments.sweep(keptUntil: .now, rescue: { _ in [] }).isEmpty)
            let id = held.environment.id
            #expect(environments.all().map(\.id) == [id])
            let isNew = held.isNew
            #expect(isNew)
        }
        let swept = try environments.sweep(keptUntil: nil, rescue: { _ in ["ref"] })
        guard case .removed(let id, ["ref"]) = swept.first else {
            Issue.record("\(swept)")
            return
        }
        #expect(id == "smelt-\(run)")
        #expect(environments.all().isEmpty)
    }

    @Test func `a failed rescue keeps it`() throws {
        let place = try Place()
        let environments = try Environments("\(place.path)/environments")
        let run = RunID.make()
        _ = try environments.create(Place.facts(run), run: run).environment
        let swept = try environments.sweep(
            keptUntil: nil, rescue: { _ in throw SystemFault(EIO, "rescue", "it") })
        guard case .stays = swept.first else {
            Issue.record("\(swept)")
            return
        }
        #expect(environments.all().count == 1)
        _ = try environments.sweep(keptUntil: nil, rescue: { _ in [] })
    }

    @Test func `a work lock that outlives everybody keeps it`() throws {
        let place = try Place()
        let environments = try Environments("\(place.path)/environments")
        let run = RunID.make()
        let environment = try environments.create(Place.facts(run), run: run).environment
        do {
            let work = try Lock(environment.work, .shared)
            defer { withExtendedLifetime(work.number) {} }
            #expect(try environments.sweep(keptUntil: nil, rescue: { _ in [] }).isEmpty)
        }
        #expect(try environments.sweep(keptUntil: nil, rescue: { _ in [] }).count == 1)
    }

    @Test func `what makers and removers left goes`() throws {
        let place = try Place()
        let environments = try Environments("\(place.path)/environments")
        for name in [".new-smelt-x", ".gone-smelt-y", "smelt-late"] {
            mkdir("\(environments.directory)/\(name)", 0o700)
        }
        mkdir("\(environments.directory)/smelt-late/sessions", 0o700)
        _ = try environments.sweep(keptUntil: nil, rescue: { _ in [] })
        #expect(Files.names(in: environments.directory) == [".lock"])
    }

    @Test func `its maker takes it away again only when nobody else holds it`() throws {
        let place = try Place()
        let environments = try Environments("\(place.path)/environments")
        let run = RunID.make()
        let held = try environments.create(Place.facts(run), run: run)
        do {
            let other = try environments.create(Place.facts(run), run: run)
            var isGone = try held.removeIfAlone()
            #expect(!isGone)
            isGone = try other.removeIfAlone()
            #expect(!isGone)
            #expect(environments.all().count == 1)
        }
        let isGone = try held.removeIfAlone()
        #expect(isGone)
        #expect(Files.names(in: environments.directory) == [".lock"])
    }

    @Test func `what is in the way of an environment and is none is told`() throws {
        let place = try Place()
        let environments = try Environments("\(place.path)/environments")
        let run = RunID.make()
        mkdir("\(environments.directory)/smelt-\(run)", 0o700)
        mkdir("\(environments.directory)/smelt-\(run)/sessions", 0o700)
        let fault = #expect(throws: RuntimeFault.self) {
            _ = try environments.create(Place.facts(run), run: run).environment
        }
        #expect(fault?.exit == .later)
        _ = try environments.sweep(keptUntil: nil, rescue: { _ in [] })
        _ = try environments.create(Place.facts(run), run: run).environment
        _ = try environments.sweep(keptUntil: nil, rescue: { _ in [] })
        #expect(Files.names(in: environments.directory) == [".lock"])
    }

    @Test func `a kept one stays until its age is named`() throws {
        let place = try Place()
        let environments = try Environments("\(place.path)/environments")
        let run = RunID.make()
        try environments.create(Place.facts(run), run: run).environment.keep()
        #expect(try environments.sweep(keptUntil: nil, rescue: { _ in [] }).isEmpty)
        let past = Timestamp(milliseconds: Timestamp.now.milliseconds - 60_000)
        #expect(try environments.sweep(keptUntil: past, rescue: { _ in [] }).isEmpty)
        let future = Timestamp(milliseconds: Timestamp.now.milliseconds + 1000)
        #expect(try environments.sweep(keptUntil: future, rescue: { _ in [] }).count == 1)
    }

    @Test func `the same run from another commit is refused`() throws {
        let place = try Place()
        let environments = try Environments("\(place.path)/environments")
        let run = RunID.make()
        do {
            _ = try environments.create(Place.facts(run), run: run).environment
            let again = try environments.create(Place.facts(run), run: run)
            let isNew = again.isNew
            #expect(!isNew)
        }
        let other = try Place.facts(run, commit: String(repeating: "2", count: 40))
        let fault = #expect(throws: RuntimeFault.self) {
            _ = try environments.create(other, run: run).environment
        }
        #expect(fault?.exit == .invalid)
        _ = try environments.sweep(keptUntil: nil, rescue: { _ in [] })
    }

    @Test(.enabled(if: geteuid() == 0, "only root gives environments users of their own"))
    func `no two living environments share a user`() throws {
        let place = try Place()
        let environments = try Environments("\(place.path)/environments")
        var users: Set<UInt32> = []
        for _ in 0..<20 {
            let run = RunID.make()
            let made = try environments.create(Place.facts(run), run: run).environment
            users.insert(try #require(made.hostUser))
        }
        #expect(users.count == 20)
        #expect(try environments.sweep(keptUntil: nil, rescue: { _ in [] }).count == 20)
        for user in users { #expect(!Files.exists("/run/smelt/users/\(user)")) }
    }
}
