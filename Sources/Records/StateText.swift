/// Writes and reads the flat TOML of state files: keys with strings, whole numbers and arrays of
/// strings. Manifests have the whole language and a parser of their own.
struct StateText {
    private(set) var lines = ""

    enum Value: Equatable {
        case text(String)
        case number(Int)
        case list([String])
        /// Anything else that TOML allows: read over.
        case other

        var text: String? { if case .text(let text) = self { text } else { nil } }
        var number: Int? { if case .number(let number) = self { number } else { nil } }
        var list: [String]? { if case .list(let list) = self { list } else { nil } }
    }

    mutating func add(_ key: String, _ text: String?) {
        if let text { lines += "\(key) = \(Self.quoted(text))\n" }
    }

    mutating func add(_ key: String, _ number: Int?) {
        if let number { lines += "\(key) = \(number)\n" }
    }

    mutating func add(_ key: String, _ list: [String]) {
        lines += "\(key) = [\(list.map(Self.quoted).joined(separator: ", "))]\n"
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where scalar.value < 32 || scalar.value == 127:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// The keys before the first table; nil when the text is not of this kind.
    static func values(of text: String) -> [String: Value]? {
        var reader = Reader(rest: Substring(text).unicodeScalars)
        return reader.values()
    }
}

private struct Reader {
    var rest: Substring.UnicodeScalarView

    mutating func values() -> [String: StateText.Value]? {
        var found: [String: StateText.Value] = [:]
        while true {
            skip(lines: true)
            guard let first = rest.first, first != "[" else { return found }
            let key = word()
            skip(lines: false)
            guard !key.isEmpty, take("=") else { return nil }
            skip(lines: false)
            guard let value = value() else { return nil }
            skip(lines: false)
            guard rest.isEmpty || take("\n") || take("\r") else { return nil }
            found[key] = value
        }
    }

    private mutating func value() -> StateText.Value? {
        if take("[") { return list() }
        if rest.first == "\"" || rest.first == "'" { return string().map { .text($0) } }
        let word = word()
        return word.isEmpty ? nil : Int(word).map { .number($0) } ?? .other
    }

    private mutating func list() -> StateText.Value? {
        var items: [String] = []
        while true {
            skip(lines: true)
            if take("]") { return .list(items) }
            guard let item = value() else { return nil }
            if case .text(let text) = item { items.append(text) }
            skip(lines: true)
            guard take(",") || rest.first == "]" else { return nil }
        }
    }

    private mutating func string() -> String? {
        let quote = rest.removeFirst()
        var text = String.UnicodeScalarView()
        while let next = rest.popFirst(), next != "\n" {
            if next == quote { return String(text) }
            guard next == "\\", quote == "\"" else {
                text.append(next)
                continue
            }
            guard let scalar = escaped() else { return nil }
            text.append(scalar)
        }
        return nil
    }

    private mutating func escaped() -> Unicode.Scalar? {
        switch rest.popFirst() {
        case "n": "\n"
        case "t": "\t"
        case "r": "\r"
        case "b": "\u{8}"
        case "f": "\u{c}"
        case "\"": "\""
        case "\\": "\\"
        case "u": code(digits: 4)
        case "U": code(digits: 8)
        default: nil
        }
    }

    private mutating func code(digits: Int) -> Unicode.Scalar? {
        let text = String(String.UnicodeScalarView(rest.prefix(digits)))
        rest = rest.dropFirst(digits)
        return UInt32(text, radix: 16).flatMap(Unicode.Scalar.init)
    }

    private mutating func word() -> String {
        let word = rest.prefix { scalar in
            scalar.isASCII && scalar.value > 32 && !"=,#[]\"'".unicodeScalars.contains(scalar)
        }
        rest = rest.dropFirst(word.count)
        return String(String.UnicodeScalarView(word))
    }

    private mutating func skip(lines: Bool) {
        while let next = rest.first {
            if next == "#" {
                rest = rest.drop { $0 != "\n" }
            } else if next == " " || next == "\t" || lines && (next == "\n" || next == "\r") {
                rest.removeFirst()
            } else {
                return
            }
        }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard rest.first == scalar else { return false }
        rest.removeFirst()
        return true
    }
}
