/// Reads just enough of a line to know what to do with it, and checks on the way that it is one
/// JSON object in UTF-8. Nothing is decoded or copied but the head's words.
package struct LineScan {
    package private(set) var type: String?
    package private(set) var run: String?
    package private(set) var session: String?

    private let bytes: UnsafeRawBufferPointer
    private var at = 0

    /// As deep as `JSONDecoder` reads.
    private static let deepest = 512

    /// Nil when the line is anything but one JSON object.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        skipSpace()
        guard peek() == UInt8(ascii: "{"), object(depth: 0) else { return nil }
        skipSpace()
        guard at == bytes.count else { return nil }
    }

    private func peek() -> UInt8 { at < bytes.count ? bytes[at] : 0 }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte, at < bytes.count else { return false }
        at += 1
        return true
    }

    private mutating func skipSpace() {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x09, 0x0A, 0x0D: at += 1
            default: return
            }
        }
    }

    private mutating func object(depth: Int) -> Bool {
        guard depth < Self.deepest, take(UInt8(ascii: "{")) else { return false }
        skipSpace()
        if take(UInt8(ascii: "}")) { return true }
        while true {
            skipSpace()
            let name = at + 1
            guard string() else { return false }
            let nameEnd = at - 1
            skipSpace()
            guard take(UInt8(ascii: ":")) else { return false }
            skipSpace()
            let value = at
            guard self.value(depth: depth + 1) else { return false }
            if depth == 0 { note(name..<nameEnd, value..<at) }
            skipSpace()
            if take(UInt8(ascii: "}")) { return true }
            guard take(UInt8(ascii: ",")) else { return false }
        }
    }

    private mutating func note(_ name: Range<Int>, _ value: Range<Int>) {
        func isNamed(_ word: StaticString) -> Bool {
            word.utf8CodeUnitCount == name.count
                && (0..<name.count).allSatisfy { word.utf8Start[$0] == bytes[name.lowerBound + $0] }
        }
        guard value.count >= 2, bytes[value.lowerBound] == 0x22 else { return }
        let text = { [bytes] in
            String(decoding: bytes[value.lowerBound + 1..<value.upperBound - 1], as: UTF8.self)
        }
        if isNamed("type") {
            type = text()
        } else if isNamed("run") {
            run = text()
        } else if isNamed("session") {
            session = text()
        }
    }

    private mutating func array(depth: Int) -> Bool {
        guard depth < Self.deepest, take(UInt8(ascii: "[")) else { return false }
        skipSpace()
        if take(UInt8(ascii: "]")) { return true }
        while true {
            skipSpace()
            guard value(depth: depth + 1) else { return false }
            skipSpace()
            if take(UInt8(ascii: "]")) { return true }
            guard take(UInt8(ascii: ",")) else { return false }
        }
    }

    private mutating func value(depth: Int) -> Bool {
        switch peek() {
        case 0x22: string()
        case UInt8(ascii: "{"): object(depth: depth)
        case UInt8(ascii: "["): array(depth: depth)
        case UInt8(ascii: "t"): word("true")
        case UInt8(ascii: "f"): word("false")
        case UInt8(ascii: "n"): word("null")
        default: number()
        }
    }

    private mutating func word(_ word: StaticString) -> Bool {
        for index in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[index]) else { return false }
        }
        return true
    }

    private mutating func digits() -> Bool {
        let start = at
        while at < bytes.count, (48...57).contains(bytes[at]) { at += 1 }
        return at > start
    }

    private mutating func number() -> Bool {
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { guard digits() else { return false } }
        if take(UInt8(ascii: ".")) { guard digits() else { return false } }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() else { return false }
        }
        return true
    }

    private mutating func string() -> Bool {
        guard take(0x22) else { return false }
        while true {
            at += JSONText.plainRun(bytes, from: at)
            guard at < bytes.count else { return false }
            switch bytes[at] {
            case 0x22:
                at += 1
                return true
            case 0x5C:
                guard escape() else { return false }
            case 0x80...:
                let length = JSONText.sequenceLength(bytes, at: at)
                guard length > 0 else { return false }
                at += length
            default: return false
            }
        }
    }

    private mutating func escape() -> Bool {
        at += 1
        let byte = peek()
        at += 1
        switch byte {
        case 0x22, 0x5C, 0x2F, UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            return true
        case UInt8(ascii: "u"):
            for _ in 0..<4 {
                switch peek() {
                case 48...57, 65...70, 97...102: at += 1
                default: return false
                }
            }
            return true
        default: return false
        }
    }
}
