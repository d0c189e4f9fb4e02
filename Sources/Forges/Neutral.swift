internal import Smelt

/// Text of agents, repositories and sessions inside Markdown of ours. It is shown as code, so that no
/// HTML, image or link comes of it, and what a forge would act on all the same (`@name`, `#1`, the
/// reference behind "closes", a URL) is broken by a zero-width space. Foreign ones of these, and all
/// that reorders text, are made visible first.
package enum Neutral {
    private static let gap: Unicode.Scalar = "\u{200B}"

    /// One line as inline code.
    package static func code(_ text: String, most: Int = 300) -> String {
        let words = broken(Visible.line(shortened(text, most)))
        let fence = String(repeating: "`", count: longestRun(of: "`", in: words) + 1)
        // A table's cells end at "|" even inside code.
        let cell = words.split(separator: "|", omittingEmptySubsequences: false)
            .joined(separator: "\\|")
        let needsSpace = words.isEmpty || words.hasPrefix("`") || words.hasSuffix("`")
        return needsSpace ? "\(fence) \(cell) \(fence)" : "\(fence)\(cell)\(fence)"
    }

    /// One line as plain words, for titles and templates.
    package static func plain(_ text: String, most: Int = 300) -> String {
        var result = ""
        for character in broken(Visible.line(shortened(text, most))) {
            switch character {
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "`", "*", "_", "[", "]": result += "\\\(character)"
            default: result.append(character)
            }
        }
        return result
    }

    /// One line for a field that is no Markdown.
    package static func title(_ text: String, most: Int = 250) -> String {
        broken(Visible.line(shortened(text, most)))
    }

    private static func broken(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            result.append(scalar)
            guard index + 1 < scalars.count else { break }
            let next = scalars[index + 1]
            let isTrigger =
                switch scalar {
                case "@", "#": isWord(next)
                case "!": next == "["
                case ":": next == "/"
                // Our own marks are comments.
                case "<": next == "!"
                case "-": index >= 2 && isGH(scalars[index - 2], scalars[index - 1])
                default: false
                }
            if isTrigger { result.append(gap) }
        }
        return String(result)
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    /// `GH-12` is a reference as well.
    private static func isGH(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Bool {
        (first == "G" || first == "g") && (second == "H" || second == "h")
    }

    private static func shortened(_ text: String, _ most: Int) -> String {
        text.unicodeScalars.count <= most
            ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(most))) + "…"
    }

    private static func longestRun(of character: Character, in text: String) -> Int {
        var (longest, current) = (0, 0)
        for other in text {
            current = other == character ? current + 1 : 0
            longest = max(longest, current)
        }
        return longest
    }
}
