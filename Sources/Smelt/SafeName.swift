/// A session's or a job's name as one part of a path or of a git reference.
package enum SafeName {
    /// `name` itself where it is plain (letters, digits, `.`, `_`, `-`); anything else becomes
    /// `%xx`, so that two names never meet, nothing leaves its directory and git takes it.
    package static func of(_ name: String) -> String {
        var result = ""
        let bytes = Array(name.utf8)
        for (index, byte) in bytes.enumerated() {
            if isPlain(byte, at: index, in: bytes) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16)
                result += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return result.isEmpty ? "%" : result
    }

    /// The name that `of` was given.
    package static func meant(by safe: String) -> String {
        var bytes: [UInt8] = []
        var rest = Array(safe.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(code)
                rest.removeFirst(2)
            } else if byte != UInt8(ascii: "%") || safe != "%" {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether it is itself as a part of a path, and short enough for one.
    package static func isPlain(_ name: String) -> Bool {
        name.utf8.count <= 255 && of(name) == name
    }

    private static func isPlain(_ byte: UInt8, at index: Int, in bytes: [UInt8]) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        case UInt8(ascii: "-"): index > 0
        // Not first, last, twice in a row, nor before "lock": git refuses these in references.
        case UInt8(ascii: "."):
            index > 0 && index + 1 < bytes.count && bytes[index + 1] != byte
                && !bytes[(index + 1)...].elementsEqual("lock".utf8)
        default: false
        }
    }
}
