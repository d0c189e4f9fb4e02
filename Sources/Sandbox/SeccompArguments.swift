/// The part of a program that judges one call by its arguments: one alternative after the other, each a row of
/// comparisons that ends in an answer or goes on with the next. This is not left to libseccomp, which makes mistakes
/// where rules overlap (2.5.4, of `arg0 <= 8, arg1 < 3` and `arg0 >= 2, arg1 <= 9`: 0 and 3 are taken for a match).
struct SeccompArguments {
    typealias Instruction = SeccompProgram.Instruction

    private(set) var instructions: [Instruction] = []

    init(_ verdict: SeccompRules.Verdict) {
        for (when, errno) in verdict.deny {
            add(when, isDenial: true, SeccompProgram.refusal(errno))
        }
        if let only = verdict.only {
            for when in only { add(when, isDenial: false, SeccompProgram.allow) }
            answer(SeccompProgram.refusal(verdict.answer))
        } else {
            answer(SeccompProgram.allow)
        }
    }

    private mutating func answer(_ value: UInt32) {
        instructions.append(Instruction(code: SeccompProgram.answer, k: value))
    }

    /// Where a jump goes on: behind it, that many steps further, or with the next alternative.
    private enum Goal {
        case on
        case over(UInt8)
        case next
    }

    private mutating func add(_ conditions: [SeccompCondition], isDenial: Bool, _ value: UInt32) {
        var steps: [Step] = []
        for condition in conditions { steps += Self.steps(condition, isDenial: isDenial) }
        for (index, step) in steps.enumerated() {
            // Behind the last step comes the answer, and then the next alternative. A jump reaches 255 steps, and a
            // condition has seven at most.
            let rest = UInt8(steps.count - index)
            func distance(_ goal: Goal) -> UInt8 {
                switch goal {
                case .on: 0
                case .over(let count): count
                case .next: rest
                }
            }
            var one = step.instruction
            (one.jt, one.jf) = (distance(step.holds), distance(step.fails))
            instructions.append(one)
        }
        answer(value)
    }

    private struct Step {
        var instruction: Instruction
        var holds = Goal.on
        var fails = Goal.on

        init(_ code: UInt16, _ k: UInt32, holds: Goal = .on, fails: Goal = .on) {
            instruction = Instruction(code: code, k: k)
            self.holds = holds
            self.fails = fails
        }
    }

    /// The kernel takes most arguments as numbers of 32 bits and does not look at the rest, so that who denies
    /// `TIOCSTI` must deny it with anything in the upper half (CVE-2019-10063). In a denial, a comparison with a
    /// number that fits is therefore of the lower half, where more bits could make it fail.
    private static func looksAtLowerHalf(_ condition: SeccompCondition) -> Bool {
        let low: UInt64 = 0xffff_ffff
        return switch condition.comparison {
        case .equal, .below: condition.mask == nil && condition.value <= low
        case .atMost: condition.value < low
        case .different, .above, .atLeast: false
        }
    }

    private static func steps(_ condition: SeccompCondition, isDenial: Bool) -> [Step] {
        let mask = condition.mask ?? .max
        let low = half(condition, UInt32(truncatingIfNeeded: mask), offset: 0)
        let high = half(condition, UInt32(truncatingIfNeeded: mask >> 32), offset: 4)
        let value = UInt32(truncatingIfNeeded: condition.value)
        let above = UInt32(truncatingIfNeeded: condition.value >> 32)
        let last = low + [lower(condition.comparison, value)]
        if high.isEmpty || isDenial && looksAtLowerHalf(condition) { return last }
        return high + upper(condition.comparison, above, last.count) + last
    }

    /// Loads what of a half of the argument counts; nothing when nothing does.
    private static func half(_ condition: SeccompCondition, _ mask: UInt32, offset: UInt32)
        -> [Step]
    {
        if mask == 0, offset > 0 { return [] }
        let load = Step(SeccompProgram.load, 16 + 8 * condition.argument + offset)
        return mask == .max ? [load] : [load, Step(SeccompProgram.and, mask)]
    }

    /// The upper halves decide unless they are the same; `rest` steps look at the lower ones.
    private static func upper(
        _ comparison: SeccompCondition.Comparison, _ value: UInt32, _ rest: Int
    ) -> [Step] {
        let done = Goal.over(UInt8(rest))
        let isSame = { (otherwise: Goal) in
            Step(SeccompProgram.jumpEqual, value, fails: otherwise)
        }
        switch comparison {
        case .equal: return [isSame(.next)]
        case .different: return [isSame(done)]
        case .above, .atLeast:
            let isAbove = Step(SeccompProgram.jumpAbove, value, holds: .over(UInt8(rest + 1)))
            return [isAbove, isSame(.next)]
        case .below, .atMost:
            return [Step(SeccompProgram.jumpAbove, value, holds: .next), isSame(done)]
        }
    }

    private static func lower(_ comparison: SeccompCondition.Comparison, _ value: UInt32) -> Step {
        switch comparison {
        case .equal: Step(SeccompProgram.jumpEqual, value, fails: .next)
        case .different: Step(SeccompProgram.jumpEqual, value, holds: .next)
        case .above: Step(SeccompProgram.jumpAbove, value, fails: .next)
        case .atLeast: Step(SeccompProgram.jumpAtLeast, value, fails: .next)
        case .below: Step(SeccompProgram.jumpAtLeast, value, holds: .next)
        case .atMost: Step(SeccompProgram.jumpAbove, value, holds: .next)
        }
    }
}
