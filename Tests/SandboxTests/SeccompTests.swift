import FoundationEssentials
import Glibc
import Smelt
import Testing

@testable import Sandbox

@Suite struct SeccompTests {
    static func program(_ policy: SeccompPolicy) throws -> SeccompProgram {
        try SeccompCompiler.compile(SeccompRules(policy))
    }

    #if arch(x86_64)
        static let native: UInt32 = 0xc000_003e
    #else
        static let native: UInt32 = 0xc000_00b7
    #endif

    static func call(_ name: String, _ arguments: UInt64...) throws -> SeccompProgram.Call {
        let number = try #require(SeccompRules.number(name), "\(name)")
        return SeccompProgram.Call(
            number: number, architecture: native,
            arguments: arguments + [UInt64](repeating: 0, count: 6 - arguments.count))
    }

    @Test(arguments: SeccompPolicy.Base.allCases)
    func `every call of a profile is one`(base: SeccompPolicy.Base) {
        let profile = SeccompProfile.of(base)
        for name in profile.parts.flatMap(\.calls) + profile.judged.map(\.call) {
            #expect(SeccompRules.isCall(name), "\(name)")
        }
        let whole = profile.parts.flatMap(\.calls)
        #expect(Set(whole).count == whole.count)
        #expect(profile.judged.allSatisfy { !whole.contains($0.call) })
    }

    @Test func `what the profiles refuse wholly is refused, in strict too`() throws {
        for base in [SeccompPolicy.Base.default, .strict] {
            let program = try Self.program(SeccompPolicy(base: base))
            for part in SeccompProfile.of(base).parts {
                for name in part.calls where SeccompRules.number(name) != nil {
                    let answer = program.answer(to: try Self.call(name))
                    #expect(answer == .refused(errno: part.answer), "\(name)")
                }
            }
        }
    }

    @Test(
        arguments: [
            ("read", [0, 0, 0], nil), ("execve", [0], nil), ("ptrace", [16], nil),
            ("socket", [1, 1, 0], nil), ("socket", [2, 2, 17], nil), ("socket", [10, 1, 6], nil),
            ("socket", [2, 1 | 0x80000, 0], nil), ("socket", [16, 3, 0], nil),
            ("socket", [16, 3, 9], EAFNOSUPPORT), ("socket", [40, 1, 0], EAFNOSUPPORT),
            ("socket", [38, 5, 0], EAFNOSUPPORT), ("socket", [17, 3, 0], EAFNOSUPPORT),
            ("socket", [2, 1, 132], EAFNOSUPPORT), ("socket", [1 << 32 | 40, 1, 0], EAFNOSUPPORT),
            ("socketpair", [1, 1, 0], nil), ("socketpair", [30, 1, 0], EAFNOSUPPORT),
            ("ioctl", [0, 0x5401], nil), ("ioctl", [0, 0x5412], EPERM),
            ("ioctl", [0, 0x541c], EPERM),
            ("ioctl", [0, 0xdead_0000_5412], EPERM), ("ioctl", [0, 0x5423], EPERM),
            ("clone", [17], nil), ("clone", [0x3d0f00], nil), ("clone", [0x1000_0011], EPERM),
            ("clone", [0xff00_0000_4000_0000], EPERM), ("unshare", [0x200], nil),
            ("unshare", [0x80], EPERM), ("unshare", [0x1002_0000], EPERM),
            ("personality", [0], nil), ("personality", [0xffff_ffff], nil),
            ("personality", [0x40000], nil), ("personality", [0x10_0000], EPERM),
            ("personality", [0x8010_0000], EPERM), ("fcntl", [3, 1], nil),
            ("fcntl", [3, 1024], EPERM),
            ("fcntl", [3, 1 << 40 | 1024], EPERM),
        ] as [(String, [UInt64], Int32?)])
    func `default looks at arguments`(name: String, arguments: [UInt64], errno: Int32?) throws {
        var call = try Self.call(name)
        for (index, argument) in arguments.enumerated() { call.arguments[index] = argument }
        let wanted = errno.map(SeccompProgram.Answer.refused) ?? .allowed
        #expect(try Self.program(SeccompPolicy()).answer(to: call) == wanted)
        // The listener's program tells of exactly those.
        let told = try Self.program(SeccompPolicy()).telling(except: ENOSYS).value(for: call)
        #expect(told == (errno == nil ? SeccompProgram.allow : SeccompProgram.tell))
    }

    @Test(
        arguments: [
            ("ptrace", [0], EPERM), ("memfd_create", [0], EPERM),
            ("socket", [16, 3, 0], EAFNOSUPPORT),
            ("socket", [2, 1, 0], nil), ("execveat", [0, 0, 0, 0, 0], nil),
            ("execveat", [0, 0, 0, 0, 0x1000], EPERM), ("execveat", [0, 0, 0, 0, 0x1100], EPERM),
            ("personality", [0x40000], EPERM), ("personality", [8], nil),
            ("setpriority", [], EPERM),
        ] as [(String, [UInt64], Int32?)])
    func `strict refuses more`(name: String, arguments: [UInt64], errno: Int32?) throws {
        var call = try Self.call(name)
        for (index, argument) in arguments.enumerated() { call.arguments[index] = argument }
        let wanted = errno.map(SeccompProgram.Answer.refused) ?? .allowed
        #expect(try Self.program(SeccompPolicy(base: .strict)).answer(to: call) == wanted)
    }

    @Test(arguments: SeccompPolicy.Base.allCases)
    func `foreign numbers kill, those of tomorrow are not there`(base: SeccompPolicy.Base) throws {
        var policy = SeccompPolicy(base: base)
        if base == .closed {
            policy.allow = SeccompRules.needed.map { SeccompPolicy.Entry($0) }
        }
        let program = try Self.program(policy)
        var call = try Self.call("getpid")
        #if arch(x86_64)
            // i386 and x32.
            call.architecture = 0x4000_0003
            #expect(program.answer(to: call) == .killed)
            call = try Self.call("getpid")
            call.number |= 0x4000_0000
            #expect(program.answer(to: call) == .killed)
        #endif
        call = try Self.call("getpid")
        for number in [451, 467, 1000, 0x3fff_ffff] as [Int32] {
            call.number = number
            let wanted = base == .none ? SeccompProgram.Answer.allowed : .refused(errno: ENOSYS)
            #expect(program.answer(to: call) == wanted, "\(number)")
        }
    }

    @Test func `what answers as if it were not there is not told of`() throws {
        let program = try Self.program(SeccompPolicy()).telling(except: ENOSYS)
        let clone = program.value(for: try Self.call("clone3"))
        #expect(clone == SeccompProgram.refusal(ENOSYS))
        #expect(program.value(for: try Self.call("mount")) == SeccompProgram.tell)
    }

    /// When this fails because a profile or the compiler has changed, the revision is to be what it says: programs
    /// that were kept before are then no longer taken.
    @Test func `the cache knows what the compiler makes`() throws {
        var bytes: [UInt8] = []
        for base in [SeccompPolicy.Base.default, .strict] {
            bytes += try Self.program(SeccompPolicy(base: base)).bytes
        }
        #if arch(x86_64)
            #expect(String(SHA256.digest(bytes).prefix(16)) == SeccompCache.revision)
        #endif
    }

    @Test func `a policy survives the way through JSON, and a profile is its name`() throws {
        let policy = SeccompPolicy(
            base: .strict, errno: EACCES, allow: [.init("ptrace")],
            deny: [.init("ioctl", when: [try SeccompCondition("arg1 & 0xff != 3")], errno: 25)])
        for one in [policy, SeccompPolicy(), SeccompPolicy(base: .none)] {
            let bytes = try JSONEncoder().encode([one])
            #expect(try JSONDecoder().decode([SeccompPolicy].self, from: bytes) == [one])
        }
        #expect(try JSONEncoder().encode([SeccompPolicy()]) == Data(#"["default"]"#.utf8))
        #expect(throws: SandboxFault.badPlan("there is no seccomp profile 'closed'")) {
            try JSONDecoder().decode([SeccompPolicy].self, from: Data(#"["closed"]"#.utf8))
        }
    }
}
