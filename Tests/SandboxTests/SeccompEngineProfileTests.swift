import FoundationEssentials
import Sandbox
import Testing

/// A profile as an engine reads it.
private struct Profile: Decodable {
    struct Rule: Decodable {
        struct Argument: Decodable {
            var index: Int
            var value: UInt64
            var valueTwo: UInt64
            var op: String
        }
        var names: [String]
        var action: String
        var errnoRet: Int32?
        var args: [Argument]
    }
    var defaultAction: String
    var syscalls: [Rule]

    init(_ policy: SeccompPolicy = SeccompPolicy()) throws {
        self = try JSONDecoder().decode(
            Self.self, from: Data(SeccompEngineProfile.json(policy)))
    }

    /// Whether a rule allows the call with these arguments, as a runtime compares.
    func allows(_ call: String, _ arguments: UInt64...) -> Bool {
        syscalls.contains { rule in
            rule.action == "SCMP_ACT_ALLOW" && rule.names.contains(call)
                && rule.args.allSatisfy { argument in
                    let given =
                        argument.index < arguments.count ? arguments[argument.index] : 0
                    return argument.op == "SCMP_CMP_MASKED_EQ"
                        && given & argument.value == argument.valueTwo
                }
        }
    }
}

@Suite struct SeccompEngineProfileTests {
    @Test func `what is not said is refused`() throws {
        let profile = try Profile()
        #expect(profile.defaultAction == "SCMP_ACT_ERRNO")
        #expect(!profile.allows("no_such_call"))
        for call in ["mount", "setns", "bpf", "keyctl", "io_uring_setup", "clone3"] {
            #expect(!profile.allows(call), "\(call)")
        }
        for call in ["read", "execve", "openat", "futex", "ptrace"] {
            #expect(profile.allows(call), "\(call)")
        }
    }

    @Test func `a call that programs try first says that it is not there`() throws {
        let rules = try Profile().syscalls
        let missing = rules.first { $0.names.contains("clone3") }
        #expect(missing?.action == "SCMP_ACT_ERRNO")
        #expect(missing?.errnoRet == 38)
    }

    @Test func `namespaces are refused by each of their bits`() throws {
        let profile = try Profile()
        #expect(profile.allows("clone", 0x11))
        #expect(profile.allows("clone", 0x3d0f00))
        for bit in [UInt64(0x20000), 0x1000_0000, 0x2000_0000, 0x4000_0000] {
            #expect(!profile.allows("clone", bit | 0x11))
            #expect(!profile.allows("unshare", bit))
        }
    }

    @Test func `an ioctl is allowed unless it is one of those that are refused`() throws {
        let profile = try Profile()
        for request in [UInt64(0), 0x5401, 0x5411, 0x5413, 0x5422, 0xffff_ffff] {
            #expect(profile.allows("ioctl", 1, request), "\(request)")
        }
        // Whatever is in the half that the kernel does not look at.
        for request in [UInt64(0x5412), 0x541c, 0x5423, 0x1_0000_5412, 0xffff_ffff_0000_541c] {
            #expect(!profile.allows("ioctl", 1, request), "\(request)")
        }
    }

    @Test func `sockets are allowed by family and protocol`() throws {
        let profile = try Profile()
        #expect(profile.allows("socket", 1, 1, 0))
        #expect(profile.allows("socket", 2, 1, 6))
        #expect(!profile.allows("socket", 2, 3, 255))
        #expect(!profile.allows("socket", 38, 5, 0))
        #expect(!profile.allows("socket", 40, 1, 0))
    }

    @Test func `a policy that compares by size cannot be had`() {
        let condition = try? SeccompCondition("arg0 > 7")
        let policy = SeccompPolicy(
            deny: [.init("kill", when: [condition].compactMap { $0 })])
        #expect(throws: SandboxFault.self) { try SeccompEngineProfile.json(policy) }
        #expect(throws: SandboxFault.self) {
            try SeccompEngineProfile.json(SeccompPolicy(base: .none))
        }
    }
}
