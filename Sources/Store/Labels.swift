internal import Records

/// Labels in one text: `key=value`, a line each, with lines that are in them escaped.
enum Labels {
    static func write(_ labels: [NewJob.Label]) -> String {
        labels.map { "\(escaped($0.key))=\(escaped($0.value))" }.joined(separator: "\n")
    }

    static func read(_ text: String) -> [NewJob.Label] {
        // By scalars: a character may be a line's end and more.
        text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return NewJob.Label(meant(parts[0]), parts.count > 1 ? meant(parts[1]) : "")
        }
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "=": result += "\\e"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    private static func meant(_ text: Substring.UnicodeScalarView) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                result += character == "n" ? "\n" : character == "e" ? "=" : "\\"
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
