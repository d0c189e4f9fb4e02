internal import CSeccomp
internal import Glibc
internal import Smelt

/// A policy as what it means for each system call of this machine, by number.
struct SeccompRules {
    /// What a call meets. Nothing in it: it is allowed.
    struct Verdict: Equatable {
        /// Refused whatever its arguments are.
        var refused: Int32?
        /// Refused when all conditions of one of these hold.
        var deny: [(when: [SeccompCondition], answer: Int32)] = []
        /// Refused unless all conditions of one of these hold.
        var only: [[SeccompCondition]]?
        var answer: Int32 = EPERM

        static func == (left: Verdict, right: Verdict) -> Bool {
            left.refused == right.refused && left.only == right.only && left.answer == right.answer
                && left.deny.elementsEqual(right.deny) {
                    $0.when == $1.when && $0.answer == $1.answer
                }
        }
    }

    /// What calls without a verdict answer; nil: they are allowed.
    private(set) var general: Int32?
    private(set) var verdicts: [Int32: Verdict] = [:]
    /// Whether calls are let through that nobody knew when the profiles were written.
    private(set) var allowsUnknown: Bool

    /// The highest number that a call had when the profiles were written: set_mempolicy_home_node, Linux 5.17. From
    /// 424 on, numbers are the same on every architecture.
    static let newest: UInt32 = 450

    /// Without these no program starts, or ends.
    static let needed = ["execve", "exit_group"]

    init(_ policy: SeccompPolicy) throws(SandboxFault) {
        general = policy.base == .closed ? policy.errno : nil
        allowsUnknown = policy.base == .none
        let profile = SeccompProfile.of(policy.base)
        for part in profile.parts {
            for call in part.calls {
                if let number = Self.number(call) {
                    verdicts[number] = Verdict(refused: part.answer)
                }
            }
        }
        for judged in profile.judged {
            guard let number = Self.number(judged.call) else { continue }
            verdicts[number] = Verdict(
                deny: judged.deny.map { ($0, judged.answer) }, only: judged.only,
                answer: judged.answer)
        }
        try add(policy)
        for call in Self.needed {
            guard let number = Self.number(call) else { continue }
            let verdict = verdicts[number] ?? Verdict(refused: general)
            guard verdict.refused == nil else {
                throw .badPlan("'\(call)' is refused, without which no program runs")
            }
        }
    }

    /// Of one entry: what the jumps of `SeccompArguments` reach over.
    static let mostConditions = 32

    private mutating func add(_ policy: SeccompPolicy) throws(SandboxFault) {
        for entry in policy.allow + policy.deny where entry.when.count > Self.mostConditions {
            throw .badPlan(
                "'\(entry.call)' has more than \(Self.mostConditions) conditions at once")
        }
        var allowed: [Int32: Verdict] = [:]
        for entry in policy.allow {
            guard let number = try Self.known(entry.call) else { continue }
            var verdict = allowed[number] ?? Verdict(only: [], answer: policy.errno)
            if entry.when.isEmpty { verdict.only = nil } else { verdict.only?.append(entry.when) }
            allowed[number] = verdict
        }
        verdicts.merge(allowed) { $1 }
        for entry in policy.deny {
            guard let number = try Self.known(entry.call) else { continue }
            var verdict = verdicts[number] ?? Verdict(refused: general)
            let answer = entry.errno ?? policy.errno
            if entry.when.isEmpty {
                verdict.refused = answer
            } else {
                verdict.deny.append((entry.when, answer))
            }
            verdicts[number] = verdict
        }
    }

    // MARK: names

    /// The number of a call here; nil when it is another architecture's, a fault when it is nobody's.
    private static func known(_ name: String) throws(SandboxFault) -> Int32? {
        guard isCall(name) else { throw .badPlan("there is no system call '\(name)'") }
        return number(name)
    }

    static func number(_ name: String) -> Int32? {
        let number = seccomp_syscall_resolve_name(name)
        return number >= 0 ? number : nil
    }

    /// Whether some architecture has it.
    package static func isCall(_ name: String) -> Bool {
        seccomp_syscall_resolve_name(name) != __NR_SCMP_ERROR
    }

    static func name(_ number: Int32) -> String? {
        guard let text = seccomp_syscall_resolve_num_arch(seccomp_arch_native(), number) else {
            return nil
        }
        defer { free(text) }
        return String(cString: text)
    }

    static func nearest(to name: String) -> String? {
        Spelling.nearest(to: name, among: (0...Int32(newest)).compactMap(Self.name))
    }
}
