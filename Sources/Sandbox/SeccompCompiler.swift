internal import CSeccomp
internal import CSystem
internal import Glibc
internal import Smelt

/// Makes a program of rules. libseccomp does what is said of names: it knows the numbers and the architectures, and
/// looks for them by halves. For each call that arguments decide about, it leaves a mark, from which a jump leads on:
///
///     calls younger than the profiles → ENOSYS
///     names → allowed, refused, or on to
///         the call's arguments → allowed or refused
struct SeccompCompiler {
    private let rules: SeccompRules
    private var judged: [SeccompRules.Verdict] = []

    private init(_ rules: SeccompRules) {
        self.rules = rules
    }

    static func compile(_ rules: SeccompRules) throws(SandboxFault) -> SeccompProgram {
        var compiler = SeccompCompiler(rules)
        return try compiler.program()
    }

    private mutating func program() throws(SandboxFault) -> SeccompProgram {
        var all = rules.allowsUnknown ? [] : Self.prefix
        let start = all.count
        all += try names()
        let end = all.count
        for (index, verdict) in judged.enumerated() {
            Self.redirect(&all, start..<end, Self.mark(index), to: all.count)
            all += SeccompArguments(verdict).instructions
        }
        guard all.count <= SeccompProgram.longest else {
            throw .badPlan(
                "its filter has \(all.count) instructions, and \(SeccompProgram.longest) are the most"
            )
        }
        return SeccompProgram(all)
    }

    /// For the native architecture and plain numbers; everything else goes on and is killed by libseccomp's own check.
    private static var prefix: [SeccompProgram.Instruction] {
        typealias P = SeccompProgram
        return [
            .init(code: P.load, k: 4),
            .init(code: P.jumpEqual, jf: 4, k: seccomp_arch_native()),
            .init(code: P.load, k: 0),
            // The bit of x32.
            .init(code: P.jumpAtLeast, jt: 2, k: 0x4000_0000),
            .init(code: P.jumpAbove, jf: 1, k: SeccompRules.newest),
            .init(code: P.answer, k: P.refusal(ENOSYS)),
        ]
    }

    // MARK: the parts

    /// Decides by the name alone; a call whose arguments matter returns a mark.
    private mutating func names() throws(SandboxFault) -> [SeccompProgram.Instruction] {
        let usual = rules.general.map(SeccompProgram.refusal) ?? SeccompProgram.allow
        let filter = try SeccompFilter(otherwise: usual)
        for (number, verdict) in rules.verdicts.sorted(by: { $0.key < $1.key }) {
            let action: UInt32
            if let errno = verdict.refused {
                action = SeccompProgram.refusal(errno)
            } else if verdict.deny.isEmpty, verdict.only == nil {
                action = SeccompProgram.allow
            } else {
                action = Self.mark(judged.count)
                judged.append(verdict)
            }
            if action != usual { try filter.add(action, number) }
        }
        return try filter.instructions()
    }

    // MARK: tying them together

    /// An answer of libseccomp's that no policy gives: SECCOMP_RET_TRACE with a number.
    private static func mark(_ index: Int) -> UInt32 { 0x7ff0_0001 + UInt32(index) }

    /// Has what would return `value` go on at `target`, which lies behind it.
    private static func redirect(
        _ all: inout [SeccompProgram.Instruction], _ part: Range<Int>, _ value: UInt32,
        to target: Int
    ) {
        for at in part where all[at].code == SeccompProgram.answer && all[at].k == value {
            all[at] = .init(code: SeccompProgram.jump, k: UInt32(target - at - 1))
        }
    }
}

/// One filter of libseccomp's.
private final class SeccompFilter {
    private let context: scmp_filter_ctx

    init(otherwise action: UInt32) throws(SandboxFault) {
        guard let context = seccomp_init(action) else {
            throw .badPlan("libseccomp knows no answer \(action)")
        }
        self.context = context
        // Of a 32-bit process in a 64-bit one the numbers mean something else: that is no accident.
        try check(seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SeccompProgram.killProcess))
        // As a tree, so that no call goes through a long row.
        try check(seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2))
    }

    deinit { seccomp_release(context) }

    func add(_ action: UInt32, _ number: Int32) throws(SandboxFault) {
        try check(seccomp_rule_add_array(context, action, number, 0, nil))
    }

    func instructions() throws(SandboxFault) -> [SeccompProgram.Instruction] {
        let file = Descriptor(owning: system_memory_file("filter"))
        guard file.number >= 0 else { throw .noFilter(errno) }
        try check(seccomp_export_bpf(context, file.number))
        guard lseek(file.number, 0, SEEK_SET) == 0,
            let bytes = try? file.readAll(upTo: 1 << 20, name: "a filter"),
            let program = SeccompProgram(bytes: bytes)
        else { throw .noFilter(EIO) }
        return program.instructions
    }

    private func check(_ result: Int32) throws(SandboxFault) {
        guard result == 0 else { throw .noFilter(-result) }
    }
}
