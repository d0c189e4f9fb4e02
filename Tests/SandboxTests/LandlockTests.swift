import Testing

@testable import Sandbox

@Suite struct LandlockTests {
    @Test func `the ladder has every version once and only ever gains`() {
        #expect(Landlock.ladder.map(\.version) == Array(1...10))
        for version in 2...10 {
            let (less, more) = (
                Landlock.masks(version: version - 1), Landlock.masks(version: version)
            )
            #expect(
                less.files & more.files == less.files && less.scopes & more.scopes == less.scopes)
        }
    }

    /// The masks that the kernel's headers of those versions come to.
    @Test(
        arguments: [
            (1, 0x1fff, 0, 0), (2, 0x3fff, 0, 0), (3, 0x7fff, 0, 0), (4, 0x7fff, 0, 0),
            (5, 0xffff, 0, 0), (6, 0xffff, 3, 0), (7, 0xffff, 3, 5), (8, 0xffff, 3, 5),
            (9, 0x1_ffff, 3, 5), (10, 0x1_ffff, 3, 5), (11, 0x1_ffff, 3, 5),
        ] as [(Int, UInt64, UInt64, UInt32)])
    func `a kernel is asked for what it knows`(
        version: Int, files: UInt64, scopes: UInt64, flags: UInt32
    ) {
        let masks = Landlock.masks(version: version)
        #expect(masks.files == files && masks.scopes == scopes && masks.flags == flags)
    }

    @Test func `what only reads gets no right to write, and nothing gets devices`() throws {
        let plan = Plan(
            command: ["true"],
            files: [
                .readOnly(source: "/usr", target: "/a"), .readWrite(source: "/tmp", target: "/b"),
                .file(contents: "", target: "/c", mode: 0o444),
            ])
        let layout = try Layout(plan)
        let writing: Landlock.Rights = Landlock.Rights.all.subtracting([
            .execute, .readFile, .list, .connect,
        ])
        for (target, mount) in layout.mounts {
            let rights = layout.rights(below: mount)
            let made = rights.intersection([.makeCharacterDevice, .makeBlockDevice])
            #expect(made.isEmpty, "\(target)")
            if ["/usr", "/etc", "/a", "/c"].contains(target) {
                #expect(rights.intersection(writing).isEmpty, "\(target)")
            }
        }
        let rights = Dictionary(
            layout.mounts.map { ($0.target, layout.rights(below: $0.mount)) },
            uniquingKeysWith: { $1 })
        #expect(rights["/usr"]?.contains(.connect) == false)
        #expect(rights["/a"]?.contains(.connect) == true)
        #expect(rights["/b"]?.contains([.writeFile, .refer, .truncate]) == true)
        #expect(rights["/dev/null"] == .use)
    }
}

@Suite struct CapabilityTests {
    @Test(arguments: ["net_raw", "NET_RAW", "CAP_NET_RAW", "cap_net_raw"])
    func `a capability has its usual spellings`(name: String) throws {
        #expect(try Capabilities([name]).names == ["net_raw"])
        #expect(try Capabilities([name]).mask == 1 << 13)
    }

    @Test(arguments: ["", "cap_", "13", "cap_13", "net_raw,chown", "all", "net raw", "net_raw\0"])
    func `anything else is none`(name: String) {
        #expect(throws: SandboxFault.noCapability(name)) { try Capabilities([name]) }
    }
}
