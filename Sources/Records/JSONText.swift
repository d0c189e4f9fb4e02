/// JSON strings by hand, eight bytes at a time, for what is too much for a general encoder.
package enum JSONText {
    private static let low: UInt64 = 0x0101_0101_0101_0101
    private static let high: UInt64 = 0x8080_8080_8080_8080

    /// A set high bit for each byte (and perhaps for bytes above such a one) that is a quote, a
    /// backslash, a control character or not ASCII. Zero means that there is none.
    @inline(__always)
    static func special(_ word: UInt64) -> UInt64 {
        let quote = word ^ (low &* 0x22)
        let backslash = word ^ (low &* 0x5C)
        return
            ((word &- (low &* 0x20)) & ~word | (quote &- low) & ~quote
            | (backslash &- low) & ~backslash | word) & high
    }

    /// How many bytes from `start` on need no escape and are ASCII.
    @inline(__always)
    static func plainRun(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var at = start
        while at + 8 <= bytes.count {
            let found = special(
                bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self).littleEndian)
            if found != 0 { return at + found.trailingZeroBitCount / 8 - start }
            at += 8
        }
        while at < bytes.count {
            let byte = bytes[at]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C || byte >= 0x80 { break }
            at += 1
        }
        return at - start
    }

    /// Appends `bytes`, which must be UTF-8, in quotes and escaped as little as JSON allows.
    package static func appendQuoted(_ bytes: ArraySlice<UInt8>, to line: inout [UInt8]) {
        line.append(UInt8(ascii: "\""))
        bytes.withUnsafeBytes { raw in
            var at = 0
            while at < raw.count {
                let run = plainRun(raw, from: at)
                if run > 0 {
                    line.append(contentsOf: UnsafeRawBufferPointer(rebasing: raw[at..<at + run]))
                    at += run
                }
                guard at < raw.count else { break }
                appendEscaped(raw[at], to: &line)
                at += 1
            }
        }
        line.append(UInt8(ascii: "\""))
    }

    private static func appendEscaped(_ byte: UInt8, to line: inout [UInt8]) {
        switch byte {
        case 0x0A: line.append(contentsOf: [0x5C, UInt8(ascii: "n")])
        case 0x0D: line.append(contentsOf: [0x5C, UInt8(ascii: "r")])
        case 0x09: line.append(contentsOf: [0x5C, UInt8(ascii: "t")])
        case 0x22, 0x5C: line.append(contentsOf: [0x5C, byte])
        case 0..<0x20:
            let digits = Array("0123456789abcdef".utf8)
            line.append(contentsOf: "\\u00".utf8)
            line.append(digits[Int(byte >> 4)])
            line.append(digits[Int(byte & 15)])
        default: line.append(byte)
        }
    }

    /// Whether all of it is UTF-8.
    package static func isUTF8(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBytes { raw in
            var at = 0
            while at < raw.count {
                if at + 8 <= raw.count,
                    raw.loadUnaligned(fromByteOffset: at, as: UInt64.self) & high == 0
                {
                    at += 8
                    continue
                }
                let length = sequenceLength(raw, at: at)
                if length == 0 { return false }
                at += length
            }
            return true
        }
    }

    /// How many bytes the UTF-8 sequence at `at` has, 0 when there is none (RFC 3629).
    static func sequenceLength(_ raw: UnsafeRawBufferPointer, at: Int) -> Int {
        let first = raw[at]
        if first < 0x80 { return 1 }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard (0xC2...0xF4).contains(first), at + length <= raw.count else { return 0 }
        for index in 1..<length where raw[at + index] & 0xC0 != 0x80 { return 0 }
        let second = raw[at + 1]
        switch first {
        case 0xE0: return second >= 0xA0 ? 3 : 0
        case 0xED: return second < 0xA0 ? 3 : 0
        case 0xF0: return second >= 0x90 ? 4 : 0
        case 0xF4: return second < 0x90 ? 4 : 0
        default: return length
        }
    }
}
