import FoundationEssentials
import Glibc
import Records
import Testing

@testable import Sandbox

@Suite struct PlanTests {
    @Test func `a plan survives the way through JSON`() throws {
        let plan = Plan(
            command: ["sh", "-c", "true"], environment: ["A": "b"], directory: "/work",
            files: [
                .readOnly(source: "/a", target: "/b"), .readWrite(source: "/c", target: "/d"),
                .hidden(target: "/e"), .temporary(target: "/f", sizeBytes: 7),
                .masked(target: "/k"), .device(path: "/dev/null"),
                .overlay(lower: ["/g", "/h"], upper: "/t/u", work: "/t/w", target: "/i"),
                .file(contents: "text\n", target: "/j", mode: 0o444),
                .copied(from: 7, target: "/k", mode: 0o400), .secret(from: 8, name: "key"),
            ],
            root: "/r", network: .host, limits: Limits(wallSeconds: 1, processes: 2), hostUser: 5,
            bestEffort: true)
        let again = try JSONDecoder().decode(Plan.self, from: try JSONEncoder().encode(plan))
        #expect(again == plan)
    }

    @Test func `a plan needs no more than a command, and means what it says`() throws {
        let short = try JSONDecoder().decode(Plan.self, from: Data(#"{"command":["true"]}"#.utf8))
        #expect(short == Plan(command: ["true"]))
        #expect(throws: SandboxFault.badPlan("it has no member 'limts'")) {
            try JSONDecoder().decode(
                Plan.self, from: Data(#"{"command":["true"],"limts":{"processes":2}}"#.utf8))
        }
    }

    @Test(arguments: [
        "", "/", "relative", "/proc", "/proc/self", "/dev", "/dev/null", "/a/../b", "/a/./b",
        "/a//b",
        "/a/", "/a\0b",
    ])
    func `a target that is not a plain path is refused`(target: String) {
        #expect(throws: SandboxFault.badTarget(target)) {
            try Layout(Plan(command: ["true"], files: [.readOnly(source: "/usr", target: target)]))
        }
    }

    @Test func `grants come after the view, in their order`() throws {
        let plan = Plan(
            command: ["true"],
            files: [.hidden(target: "/usr/share"), .temporary(target: "/usr/share", sizeBytes: 1)])
        let targets = try Layout(plan).mounts.map(\.target)
        #expect(targets.suffix(2) == ["/usr/share", "/usr/share"])
        #expect(targets.first == "/usr")
    }

    @Test func `a place that the host has not is added to the directory above it`() throws {
        var plan = Plan(
            command: ["true"],
            files: [
                .file(contents: "", target: "/etc/smelt-test/deep/file", mode: 0o444),
                .temporary(target: "/etc/smelt-test/other", sizeBytes: 1),
                .temporary(target: "/work", sizeBytes: 1),
            ])
        // Whatever is mounted below it.
        plan.hostUser = 1
        let places = try Layout(plan).mounts.compactMap { target, mount -> (String, [String])? in
            guard case .places(_, let names) = mount else { return nil }
            return (target, names)
        }
        #expect(places.map(\.0) == ["/etc"])
        #expect(places.first?.1 == ["smelt-test/deep/file", "smelt-test/other/"])
    }

    @Test func `of what the host has not nothing around it is shown for a place in it`() throws {
        let absent = (HostView.directories + HostView.facts).filter { access($0, F_OK) != 0 }
        try #require(!absent.isEmpty)
        let files = absent.map { Grant.temporary(target: "\($0)/deep/place", sizeBytes: 1) }
        let layout = try Layout(Plan(command: ["true"], files: files))
        for path in absent {
            let above = layout.mounts.filter { path.hasPrefix("\($0.target)/") || $0.target == "/" }
            #expect(above.map(\.target) == [])
        }
    }

    @Test func `secrets are one directory on top of everything, each name once`() throws {
        let grants: [Grant] = [
            .secret(from: 7, name: "a"), .temporary(target: "/run/secrets", sizeBytes: 1),
            .secret(from: 8, name: "b"),
        ]
        let last = try #require(try Layout(Plan(command: ["true"], files: grants)).mounts.last)
        #expect(last.target == "/run/secrets")
        #expect(
            last.mount
                == .secrets([.init(name: "a", descriptor: 7), .init(name: "b", descriptor: 8)]))
        for name in ["", ".", "..", "a/b", "a\0"] {
            #expect(throws: SandboxFault.self) {
                try Layout(Plan(command: ["true"], files: [.secret(from: 7, name: name)]))
            }
        }
        #expect(throws: SandboxFault.badPlan("there are two secrets 'a'")) {
            try Layout(Plan(command: ["true"], files: [grants[0], grants[0]]))
        }
    }

    @Test func `only lower directories have their owners mapped, and only for a host user`() throws
    {
        let files = [
            Grant.readWrite(source: "/tmp", target: "/t"),
            .overlay(lower: ["/usr"], upper: "/x/u", work: "/x/w", target: "/w"),
        ]
        let mapped = try Layout(Plan(command: ["true"], files: files, hostUser: 7)).sources
        #expect(mapped.filter(\.mapsOwner).map(\.path) == ["/usr"])
        #expect(mapped.last == Layout.Source(path: "/x", recursive: false, readOnly: false))
        let plain = try Layout(Plan(command: ["true"], files: files)).sources
        #expect(!plain.contains { $0.mapsOwner })
    }

    @Test func `upper and work must lie in one directory`() {
        #expect(throws: SandboxFault.self) {
            let grant = Grant.overlay(lower: ["/usr"], upper: "/a/u", work: "/b/w", target: "/w")
            return try Layout(Plan(command: ["true"], files: [grant]))
        }
    }

    @Test func `nothing that the view shows has homes, sockets or state`() {
        for path in [
            "/home/u", "/root", "/run/docker.sock", "/var/run/x", "/tmp/x", "/var/lib/docker",
        ] {
            #expect(!HostView.shows(path), "\(path)")
        }
        #expect(
            HostView.shows("/usr/bin/env") && HostView.shows("/etc") && !HostView.shows("/etcetera")
        )
    }

    @Test func `homes are those of people, where they are no software`() {
        let text =
            "root:x:0:0::/root:/bin/sh\nsync:x:4:65534::/bin:/bin/sync\nfour:x:1000:\n"
            + "ci:x:1001:1001:,,,:/opt/ci:/bin/sh\nnobody:x:65534:65534::/opt/no:/bin/sh\n"
            + "none:x:1002:1002:::/bin/sh\nodd:x:-5:1::/opt/odd:/bin/sh\n"
        #expect(Homes.people(Array(text.utf8)) == ["/opt/ci"])
        for path in ["/opt/ci", "/usr/local/games/x", "/etc/service"] {
            #expect(Homes.isHome(path), "\(path)")
        }
        for path in ["/", "/usr", "/usr/local", "/usr/bin", "/opt", "/etc", "/home/me", "/root"] {
            #expect(!Homes.isHome(path), "\(path)")
        }
    }
}
