package import Records

extension JSONValue {
    /// JSON that every reader of YAML, too, reads as what it is.
    ///
    /// YAML 1.1 and 1.2 take JSON in but for these: a number is a fraction only with a point and, with an exponent, a
    /// sign; the line ends U+0085, U+2028 and U+2029 are folded into spaces inside quotes, and other characters may not
    /// stand in a file at all, so all of these are escaped; `\/` is not known to YAML 1.1, and two escapes do not make
    /// one character of the upper planes there, so such a character stands as it is.
    package var yaml: String {
        var text = ""
        write(to: &text, indent: "")
        return text + "\n"
    }

    private func write(to text: inout String, indent: String) {
        switch self {
        case .null: text += "null"
        case .bool(let flag): text += flag ? "true" : "false"
        case .integer(let number): text += "\(number)"
        case .number(let number): text += Self.fraction(number)
        case .string(let string): Self.quote(string, to: &text)
        case .array(let elements):
            Self.write(elements.map { ("", $0) }, "[", "]", to: &text, indent)
        case .object(let members):
            let sorted = members.sorted { $0.key < $1.key }
            Self.write(
                sorted.map { key, value in
                    var name = ""
                    Self.quote(key, to: &name)
                    return (name + ": ", value)
                }, "{", "}", to: &text, indent)
        }
    }

    private static func write(
        _ parts: [(name: String, value: JSONValue)], _ opening: String, _ closing: String,
        to text: inout String, _ indent: String
    ) {
        guard !parts.isEmpty else { return text += opening + closing }
        text += opening
        for (index, part) in parts.enumerated() {
            text += (index == 0 ? "\n" : ",\n") + indent + "  " + part.name
            part.value.write(to: &text, indent: indent + "  ")
        }
        text += "\n\(indent)\(closing)"
    }

    private static func fraction(_ number: Double) -> String {
        guard number.isFinite else { return number.isNaN ? ".nan" : number < 0 ? "-.inf" : ".inf" }
        let text = "\(number)"
        guard !text.contains("."), let exponent = text.firstIndex(of: "e") else { return text }
        return text[..<exponent] + ".0" + text[exponent...]
    }

    private static func quote(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\r": text += "\\r"
            default:
                if mustBeEscaped(scalar.value) {
                    let digits = String(scalar.value, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    text.unicodeScalars.append(scalar)
                }
            }
        }
        text += "\""
    }

    private static func mustBeEscaped(_ value: UInt32) -> Bool {
        switch value {
        case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029, 0xfeff, 0xfffe, 0xffff: true
        default: false
        }
    }
}
