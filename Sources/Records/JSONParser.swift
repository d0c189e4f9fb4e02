/// Reads exactly RFC 8259: no comments, no trailing commas, one value. Bounded in depth, so that no text can use up
/// the stack.
package struct JSONParser {
    private let bytes: [UInt8]
    private var at = 0

    package static let deepest = 32

    package static func parse(_ bytes: [UInt8]) throws(JSONProblem) -> JSONNode {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw JSONProblem(offset: 0, sentence: "this is not UTF-8")
        }
        var parser = JSONParser(bytes)
        let node = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.at == bytes.count else { throw parser.problem("there is more after the end") }
        return node
    }

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    private func problem(_ sentence: String) -> JSONProblem {
        JSONProblem(offset: min(at, bytes.count), sentence: sentence)
    }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        at += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { at += 1 }
    }

    private mutating func value(depth: Int) throws(JSONProblem) -> JSONNode {
        skipSpace()
        let offset = at
        let value: JSONNode.Value
        switch next {
        case UInt8(ascii: "{"): value = try object(depth: depth)
        case UInt8(ascii: "["): value = try array(depth: depth)
        case UInt8(ascii: "\""): value = .string(try string())
        case UInt8(ascii: "t"): value = try word("true", .bool(true))
        case UInt8(ascii: "f"): value = try word("false", .bool(false))
        case UInt8(ascii: "n"): value = try word("null", .null)
        case let byte? where byte == UInt8(ascii: "-") || (48...57).contains(byte):
            value = try number()
        case nil: throw problem("the text ends where a value should stand")
        default: throw problem("a value should stand here")
        }
        return JSONNode(value: value, offset: offset)
    }

    private mutating func word(
        _ word: String, _ value: JSONNode.Value
    ) throws(JSONProblem) -> JSONNode.Value {
        guard bytes[at...].starts(with: word.utf8) else {
            throw problem("a value should stand here")
        }
        at += word.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws(JSONProblem) -> JSONNode.Value {
        guard depth < Self.deepest else { throw problem("this is nested too deep") }
        at += 1
        var members: [JSONNode.Member] = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipSpace()
            let offset = at
            guard next == UInt8(ascii: "\"") else { throw problem("a name should stand here") }
            let name = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw problem("a ':' should stand here") }
            let value = try value(depth: depth + 1)
            members.append(JSONNode.Member(name: name, offset: offset, value: value))
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw problem("a ',' or '}' should stand here") }
        }
    }

    private mutating func array(depth: Int) throws(JSONProblem) -> JSONNode.Value {
        guard depth < Self.deepest else { throw problem("this is nested too deep") }
        at += 1
        var elements: [JSONNode] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw problem("a ',' or ']' should stand here") }
        }
    }

    private mutating func number() throws(JSONProblem) -> JSONNode.Value {
        let start = at
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return .number(String(decoding: bytes[start..<at], as: UTF8.self))
    }

    private mutating func digits() throws(JSONProblem) {
        let start = at
        while let byte = next, (48...57).contains(byte) { at += 1 }
        guard at > start else { throw problem("a digit should stand here") }
    }

    private mutating func string() throws(JSONProblem) -> String {
        at += 1
        var text: [UInt8] = []
        while true {
            let start = at
            while let byte = next, byte >= 0x20, byte != 0x22, byte != 0x5C { at += 1 }
            text.append(contentsOf: bytes[start..<at])
            switch next {
            case UInt8(ascii: "\""):
                at += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text.append(contentsOf: try escape().utf8)
            case nil: throw problem("the text ends inside of a string")
            default: throw problem("a control character must be written as an escape")
            }
        }
    }

    private mutating func escape() throws(JSONProblem) -> String {
        at += 1
        guard let byte = next else { throw problem("the text ends inside of a string") }
        at += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return String(try scalar())
        default:
            at -= 1
            throw problem("there is no such escape")
        }
    }

    /// Behind `\u`: one unit, or two that make a pair.
    private mutating func scalar() throws(JSONProblem) -> Unicode.Scalar {
        let start = at
        var code = UInt32(try unit())
        if (0xD800..<0xDC00).contains(code), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
            let low = UInt32(try unit())
            if (0xDC00..<0xE000).contains(low) {
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
        }
        guard let scalar = Unicode.Scalar(code) else {
            at = start
            throw problem("half of a surrogate pair is no character")
        }
        return scalar
    }

    private mutating func unit() throws(JSONProblem) -> UInt16 {
        let part = bytes[at..<min(at + 4, bytes.count)]
        // Not by the radix alone, which would take a sign.
        guard part.count == 4, part.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
        else { throw problem("four hexadecimal digits should stand here") }
        at += 4
        return unit
    }
}
