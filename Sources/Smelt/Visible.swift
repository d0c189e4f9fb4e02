/// Text from agents, repositories and forges, made safe to show to people.
package enum Visible {
    /// One line without anything that a terminal would obey: control and escape characters, line
    /// ends, and the characters that reorder or hide text are written as `\u{…}`.
    package static func line(_ text: String) -> String { made(text, keeping: []) }

    /// The same, but with line ends and tabs as they are.
    package static func block(_ text: String) -> String { made(text, keeping: ["\n", "\t"]) }

    private static func made(_ text: String, keeping: Set<Unicode.Scalar>) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if keeping.contains(scalar) || !isTreacherous(scalar) {
                result.append(scalar)
            } else {
                result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            }
        }
        return String(result)
    }

    /// Controls (Cc), format characters (Cf: bidirectional overrides, zero-width, tags, soft
    /// hyphen), line and paragraph separators, surrogates' stand-ins, private use.
    private static func isTreacherous(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 32 || scalar.value == 127 }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
            return true
        default:
            return false
        }
    }
}
