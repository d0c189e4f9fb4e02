import Glibc
import Testing

@testable import Sandbox

/// What a policy says, worked out from its words, against what the program for it answers.
@Suite struct SeccompPolicyTests {
    static func entry(_ call: String, _ when: String..., errno: Int32? = nil) throws
        -> SeccompPolicy.Entry
    {
        .init(call, when: try when.map { try SeccompCondition($0) }, errno: errno)
    }

    static func answer(_ policy: SeccompPolicy, _ name: String, _ arguments: [UInt64])
        throws -> SeccompProgram.Answer
    {
        var call = try SeccompTests.call(name)
        for (index, argument) in arguments.enumerated() { call.arguments[index] = argument }
        return try SeccompTests.program(policy).answer(to: call)
    }

    @Test func `what a file allows is allowed, and what it denies is not`() throws {
        let policy = SeccompPolicy(
            allow: [
                try Self.entry("ptrace"), try Self.entry("mount"),
                try Self.entry("socket", "arg0 == AF_VSOCK", "arg1 == SOCK_STREAM"),
                try Self.entry("socket", "arg0 == AF_UNIX"),
            ],
            deny: [
                try Self.entry("mount", "arg3 & 1 == 0"), try Self.entry("open", errno: EACCES),
                try Self.entry("ioctl", "arg1 == 21505", errno: ENOTTY),
            ])
        for (name, arguments, wanted) in [
            ("mount", [0, 0, 0, 1], .allowed), ("mount", [0, 0, 0, 2], .refused(errno: EPERM)),
            ("socket", [40, 1], .allowed), ("socket", [40, 2], .refused(errno: EPERM)),
            ("socket", [1, 2], .allowed), ("socket", [2, 1], .refused(errno: EPERM)),
            ("open", [], .refused(errno: EACCES)), ("openat", [], .allowed),
            ("ioctl", [0, 21505], .refused(errno: ENOTTY)), ("ioctl", [0, 21506], .allowed),
            // The base's word on a call that a file only denies more of still counts.
            ("ioctl", [0, 0x5412], .refused(errno: EPERM)),
        ] as [(String, [UInt64], SeccompProgram.Answer)] {
            #expect(try Self.answer(policy, name, arguments) == wanted, "\(name) \(arguments)")
        }
    }

    @Test func `a closed policy has what it names and no more`() throws {
        let names = ["execve", "exit_group", "read", "write", "brk"]
        let policy = SeccompPolicy(
            base: .closed, errno: EACCES,
            allow: try names.map { try Self.entry($0) } + [Self.entry("close", "arg0 > 2")])
        for number in (0...Int32(SeccompRules.newest)) {
            guard let name = SeccompRules.name(number) else { continue }
            let wanted: SeccompProgram.Answer =
                names.contains(name) ? .allowed : .refused(errno: EACCES)
            #expect(try Self.answer(policy, name, []) == wanted, "\(name)")
        }
        #expect(try Self.answer(policy, "close", [3]) == .allowed)
    }

    /// The kernel reads an int; a comparison for a denial must not be got around with the bits above.
    @Test(
        arguments: [
            ("arg0 == 5", [5, 1 << 32 | 5], [4, 6]),
            ("arg0 < 5", [0, 4, 7 << 32 | 3], [5, 6, 1000]),
            ("arg0 <= 5", [0, 5, 7 << 32 | 5], [6, 1000]), ("arg0 > 5", [6, 7 << 32], [0, 5]),
            ("arg0 >= 5", [5, 7 << 32], [0, 4]), ("arg0 != 5", [4, 6, 1 << 32 | 5], [5]),
            ("arg0 & 6 == 4", [4, 5, 12], [2, 6, 0]), ("arg0 & 6 != 0", [2, 4, 7], [0, 1, 8]),
            ("arg0 == 0x100000005", [0x1_0000_0005], [5]),
            ("arg0 < 0x80000000", [0, 0x7fff_ffff], [0x8000_0000, 0xffff_ffff]),
            ("arg0 <= 0xffffffff", [0, 0xffff_ffff], [0x1_0000_0000]),
        ] as [(String, [UInt64], [UInt64])])
    func `a denial cannot be got around`(text: String, denied: [UInt64], allowed: [UInt64]) throws {
        let policy = SeccompPolicy(base: .none, deny: [try Self.entry("getpid", text)])
        for value in denied {
            #expect(
                try Self.answer(policy, "getpid", [value]) == .refused(errno: EPERM), "\(value)")
        }
        for value in allowed {
            #expect(try Self.answer(policy, "getpid", [value]) == .allowed, "\(value)")
        }
    }

    /// Random policies against the plain reading of them.
    @Test(arguments: 0..<60)
    func `the program says what the words say`(seed: UInt64) throws {
        var random = SplitMix(seed)
        let values: [UInt64] = [0, 1, 2, 3, 5, 8, 0x5412, 0xffff_ffff, 1 << 32, 1 << 32 | 2]
        func condition() -> SeccompCondition {
            let comparison = SeccompCondition.Comparison.allCases.randomElement(using: &random)
            let value = values.randomElement(using: &random) ?? 0
            let argument = UInt32.random(in: 0...2, using: &random)
            let masked = comparison == .equal || comparison == .different
            let mask: UInt64? = masked && Bool.random(using: &random) ? value | 0xf0 : nil
            return SeccompCondition(argument, mask: mask, comparison ?? .equal, value)
        }
        func entry(_ errno: Int32?) -> SeccompPolicy.Entry {
            let all = (0..<Int.random(in: 1...3, using: &random)).map { _ in condition() }
            return .init("getpid", when: all, errno: errno)
        }
        let policy = SeccompPolicy(
            base: Bool.random(using: &random) ? .none : .default,
            allow: (0..<Int.random(in: 0...2, using: &random)).map { _ in entry(nil) },
            deny: (0..<Int.random(in: 0...3, using: &random)).map { _ in entry(nil) })
        let program = try SeccompTests.program(policy)
        for _ in 0..<200 {
            var call = try SeccompTests.call("getpid")
            for index in 0..<3 { call.arguments[index] = values.randomElement(using: &random) ?? 0 }
            let isDenied = policy.deny.contains { entry in
                entry.when.allSatisfy { $0.holds(call.arguments, isDenial: true) }
            }
            let isAllowed =
                policy.allow.isEmpty
                || policy.allow.contains { entry in
                    entry.when.allSatisfy { $0.holds(call.arguments, isDenial: false) }
                }
            let wanted: SeccompProgram.Answer =
                isAllowed && !isDenied ? .allowed : .refused(errno: EPERM)
            #expect(program.answer(to: call) == wanted, "\(policy.text) \(call.arguments)")
        }
    }

    @Test(arguments: [
        ("arg0 = 3", "is no condition"), ("arg6 == 3", "is no condition"), ("0 == 3", "is no"),
        ("arg0 == AF_FOO", "has no number in 'AF_FOO'"), ("arg0 == ", "has no number in ''"),
        ("arg0 == AF_INTE", "did you mean AF_INET?"), ("arg0 & 3 > 1", "has a mask"),
        ("arg0 & 1 == 2", "can never hold"), ("arg0 & 1 & 2 == 0", "is no condition"),
        ("arg0 == -1", "has no number in '-1'"),
    ])
    func `this is no condition`(text: String, reason: String) {
        let misread = #expect(throws: SeccompCondition.Misread.self) {
            try SeccompCondition(text)
        }
        #expect(misread?.reason.contains(reason) == true, "\(misread?.reason ?? "")")
    }

    @Test func `numbers have names, and may be joined`() throws {
        let condition = try SeccompCondition("arg0&CLONE_NEWUSER|CLONE_NEWNET|0x1!=0")
        #expect(condition.mask == 0x5000_0001)
        #expect(condition.text == "arg0 & 1342177281 != 0")
    }

    @Test func `as many conditions as there may be are in reach of the jumps`() throws {
        let when = (0..<SeccompRules.mostConditions).map { index in
            SeccompCondition(UInt32(index % 6), mask: nil, .above, 1 << 40)
        }
        let policy = SeccompPolicy(deny: [.init("getpid", when: when, errno: EACCES)])
        let big = [UInt64](repeating: 1 << 41, count: 6)
        #expect(try Self.answer(policy, "getpid", big) == .refused(errno: EACCES))
        #expect(
            try Self.answer(policy, "getpid", [UInt64](repeating: 1 << 41, count: 5)) == .allowed)
    }

    @Test(arguments: [
        SeccompPolicy(deny: [.init("execve")]), SeccompPolicy(base: .closed),
        SeccompPolicy(allow: [.init("no_such_call")]),
        SeccompPolicy(
            deny: [.init("read", when: (0..<33).map { SeccompCondition.int(0, $0) })]),
    ])
    func `this policy cannot be`(policy: SeccompPolicy) {
        #expect(throws: SandboxFault.self) { try SeccompRules(policy) }
    }
}

extension SeccompCondition {
    /// The plain reading; in a denial, of numbers that fit, only the lower half counts.
    fileprivate func holds(_ arguments: [UInt64], isDenial: Bool) -> Bool {
        var given = arguments[Int(argument)]
        if let mask {
            given &= mask
        } else if isDenial {
            let fits: Bool =
                switch comparison {
                case .equal, .below: value <= 0xffff_ffff
                case .atMost: value < 0xffff_ffff
                default: false
                }
            if fits { given &= 0xffff_ffff }
        }
        return switch comparison {
        case .equal: given == value
        case .different: given != value
        case .below: given < value
        case .atMost: given <= value
        case .above: given > value
        case .atLeast: given >= value
        }
    }
}

/// Random numbers from a seed (SplitMix64).
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
