/// What an argument of a system call is compared with: `arg1 == TIOCSTI`, `arg0 & CLONE_NEWUSER|CLONE_NEWNS != 0`.
/// Arguments are the numbers that the call is given, never what a pointer points at: that could change meanwhile.
package struct SeccompCondition: Equatable, Sendable {
    package enum Comparison: String, Sendable, CaseIterable {
        // In the order in which a text is searched for them.
        case equal = "=="
        case different = "!="
        case atMost = "<="
        case atLeast = ">="
        case below = "<"
        case above = ">"
    }

    /// From 0 to 5.
    package let argument: UInt32
    /// Only these bits are looked at; with `equal` and `different` alone.
    package let mask: UInt64?
    package let comparison: Comparison
    package let value: UInt64

    init(_ argument: UInt32, mask: UInt64? = nil, _ comparison: Comparison, _ value: UInt64) {
        self.argument = argument
        self.mask = mask
        self.comparison = comparison
        self.value = value
    }

    /// The argument is an `int` of that value; the kernel does not look at its upper half.
    package static func int(_ argument: UInt32, _ value: UInt64) -> SeccompCondition {
        SeccompCondition(argument, mask: 0xffff_ffff, .equal, value)
    }

    static func lacks(_ argument: UInt32, _ bits: UInt64) -> SeccompCondition {
        SeccompCondition(argument, mask: bits, .equal, 0)
    }

    static func has(_ argument: UInt32, _ bits: UInt64) -> SeccompCondition {
        SeccompCondition(argument, mask: bits, .equal, bits)
    }

    /// With plain numbers.
    var text: String {
        "arg\(argument)\(mask.map { " & \($0)" } ?? "") \(comparison.rawValue) \(value)"
    }
}

extension SeccompCondition: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        do throws(Misread) { try self.init(text) } catch {
            throw SandboxFault.badPlan("'\(text)' \(error.reason)")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension SeccompCondition {
    /// Goes on a sentence that begins with the text.
    package struct Misread: Error {
        package let reason: String
    }

    package static let form = "argN == VALUE, with N from 0 to 5, as in 'arg0 & CLONE_NEWUSER != 0'"

    package init(_ text: String) throws(Misread) {
        for comparison in Comparison.allCases {
            guard let place = text.firstIndex(of: comparison.rawValue) else { continue }
            let end = text.utf8.index(place, offsetBy: comparison.rawValue.utf8.count)
            let left = text[..<place].split(separator: "&", omittingEmptySubsequences: false)
            guard (1...2).contains(left.count), let argument = Self.argument(left[0].trimmed)
            else { break }
            self.argument = argument
            self.comparison = comparison
            value = try Self.number(text[end...].trimmed)
            mask = left.count == 2 ? try Self.number(left[1].trimmed) : nil
            if mask != nil, comparison != .equal, comparison != .different {
                throw Misread(reason: "has a mask: that goes with == and != only")
            }
            if let mask, value & ~mask != 0 {
                throw Misread(reason: "can never hold: the value has bits that the mask has not")
            }
            return
        }
        throw Misread(reason: "is no condition: write \(Self.form)")
    }

    private static func argument(_ text: Substring) -> UInt32? {
        guard text.hasPrefix("arg"), text.utf8.count == 4, let number = UInt32(text.dropFirst(3)),
            number < 6
        else { return nil }
        return number
    }

    /// `7`, `0x1f`, `AF_UNIX`, or several of them joined by `|`.
    private static func number(_ text: Substring) throws(Misread) -> UInt64 {
        var sum: UInt64 = 0
        for part in text.split(separator: "|", omittingEmptySubsequences: false) {
            let word = String(part.trimmed)
            if let number = word.hasPrefix("0x")
                ? UInt64(word.dropFirst(2), radix: 16) : UInt64(word)
            {
                sum |= number
            } else if let number = SeccompNames.value(of: word) {
                sum |= number
            } else {
                let near = SeccompNames.near(word).map { ": did you mean \($0)?" } ?? ""
                throw Misread(reason: "has no number in '\(word)'\(near)")
            }
        }
        return sum
    }
}

extension StringProtocol {
    fileprivate var trimmed: SubSequence {
        var rest = self[...]
        while rest.first == " " { rest = rest.dropFirst() }
        while rest.last == " " { rest = rest.dropLast() }
        return rest
    }

    fileprivate func firstIndex(of word: String) -> Index? {
        indices.first { self[$0...].hasPrefix(word) }
    }
}
