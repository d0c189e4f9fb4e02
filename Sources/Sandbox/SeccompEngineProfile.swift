internal import FoundationEssentials
internal import Glibc
internal import Smelt

/// A policy in the format that container engines take (`--security-opt seccomp=FILE`). The engine's own runtime makes
/// the filter, so it is built of what every runtime knows: calls that are allowed, by name, under masked comparisons.
/// What is refused under some arguments only answers like everything that nobody names, EPERM; calls that are younger
/// than the runtime's own list answer ENOSYS there, too.
package enum SeccompEngineProfile {
    package static func json(_ policy: SeccompPolicy) throws -> [UInt8] {
        let rules = try SeccompRules(policy)
        guard !rules.allowsUnknown else {
            throw SandboxFault.badPlan("an engine has no filter that refuses nothing")
        }
        var allowed: [String] = []
        var refused: [Int32: [String]] = [:]
        var partly: [Rule] = []
        for number in 0...Int32(SeccompRules.newest) {
            guard let name = SeccompRules.name(number) else { continue }
            guard let verdict = rules.verdicts[number] else {
                if rules.general == nil { allowed.append(name) }
                continue
            }
            if let errno = verdict.refused {
                refused[errno, default: []].append(name)
            } else {
                partly += try cubes(of: verdict, name).map { Rule([name], args: $0.arguments) }
            }
        }
        let refusals = refused.sorted { $0.key < $1.key }.filter { $0.key != EPERM }.map {
            Rule($0.value, action: "SCMP_ACT_ERRNO", errno: $0.key)
        }
        let profile = Profile(syscalls: [Rule(allowed)] + partly + refusals)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(profile))
    }

    private struct Profile: Encodable {
        var defaultAction = "SCMP_ACT_ERRNO"
        var defaultErrnoRet = EPERM
        var syscalls: [Rule]
    }

    private struct Rule: Encodable {
        struct Argument: Encodable {
            var index: UInt32
            /// The mask.
            var value: UInt64
            var valueTwo: UInt64
            var op = "SCMP_CMP_MASKED_EQ"
        }

        var names: [String]
        var action: String
        var errnoRet: Int32?
        var args: [Argument]

        init(
            _ names: [String], action: String = "SCMP_ACT_ALLOW", errno: Int32? = nil,
            args: [Argument] = []
        ) {
            self.names = names
            self.action = action
            errnoRet = errno
            self.args = args
        }
    }

    /// Arguments of which some bits are as they are said: everything that a runtime can compare at once.
    private struct Cube {
        /// By argument: which bits, and what they are.
        var bits: [UInt32: (mask: UInt64, value: UInt64)] = [:]

        var arguments: [Rule.Argument] {
            bits.sorted { $0.key < $1.key }.map {
                Rule.Argument(index: $0.key, value: $0.value.mask, valueTwo: $0.value.value)
            }
        }

        /// What both have; nil where that is nothing.
        func and(_ argument: UInt32, _ mask: UInt64, _ value: UInt64) -> Cube? {
            let own = bits[argument] ?? (0, 0)
            guard (own.value ^ value) & own.mask & mask == 0 else { return nil }
            var cube = self
            cube.bits[argument] = (own.mask | mask, own.value | value)
            return cube
        }
    }

    /// What of a call's arguments is allowed.
    private static func cubes(
        of verdict: SeccompRules.Verdict, _ call: String
    ) throws(SandboxFault) -> [Cube] {
        var cubes = [Cube()]
        if let only = verdict.only {
            cubes = []
            for group in only {
                // Conditions that exclude each other allow nothing.
                var cube: Cube? = Cube()
                for condition in group {
                    let (mask, value) = try masked(condition, call)
                    cube = cube?.and(condition.argument, mask, value)
                }
                if let cube { cubes.append(cube) }
            }
        }
        for (group, _) in verdict.deny {
            var left: [Cube] = []
            for cube in cubes {
                for condition in group { left += try without(condition, cube, call) }
            }
            cubes = left
            guard cubes.count <= 1000 else { throw .badPlan("'\(call)' has too many conditions") }
        }
        return cubes
    }

    /// What is in the cube and does not meet the condition: for each of its bits, what agrees above and differs there.
    private static func without(
        _ condition: SeccompCondition, _ cube: Cube, _ call: String
    ) throws(SandboxFault) -> [Cube] {
        let (mask, value) = try masked(condition, call)
        var left: [Cube] = []
        var above: UInt64 = 0
        for place in (0..<64).reversed() {
            let bit: UInt64 = 1 << place
            guard mask & bit != 0 else { continue }
            let differing = (value & above) | (~value & bit)
            if let one = cube.and(condition.argument, above | bit, differing) { left.append(one) }
            above |= bit
        }
        return left
    }

    private static func masked(
        _ condition: SeccompCondition, _ call: String
    ) throws(SandboxFault) -> (mask: UInt64, value: UInt64) {
        guard condition.comparison == .equal else {
            throw .badPlan("'\(call)' is judged by '\(condition.text)', which an engine cannot")
        }
        return (condition.mask ?? .max, condition.value)
    }
}
