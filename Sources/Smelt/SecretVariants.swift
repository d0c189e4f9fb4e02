/// The ways in which programs write a secret down without meaning to hide it: as it is, in a URL, in
/// JSON, in base 64, in hexadecimal. Whoever wants to hide it finds another way; this catches
/// accidents and the lazy.
package enum SecretVariants {
    /// Values (and spellings) below so many bytes are not looked for: they would be found everywhere.
    package static let shortest = 8

    /// One spelling of a value.
    package struct Spelling: Hashable, Sendable {
        package let bytes: [UInt8]
        /// Encoders break it into lines, so a line end may stand anywhere in it.
        package let wraps: Bool
    }

    /// All spellings of `value`, each once. White space around a value does not belong to it.
    package static func spellings(of value: [UInt8]) -> Set<Spelling> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
        let start = value.firstIndex { !isSpace($0) } ?? value.endIndex
        let end = value.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start
        let core = Array(value[start..<end])
        guard core.count >= shortest else { return [] }

        var found: Set<Spelling> = []
        func add(_ texts: [[UInt8]], wraps: Bool = false) {
            for text in texts where text.count >= shortest {
                found.insert(Spelling(bytes: text, wraps: wraps))
            }
        }
        var plain = [core]
        if core.contains(10), !core.contains(13) {
            // Terminals end lines with CR LF, and so do many files.
            plain.append(core.flatMap { $0 == 10 ? [13, 10] : [$0] })
        }
        add(plain)
        for text in plain {
            add(urls(text))
            add(json(text))
            add(base64(text), wraps: true)
            add([hex(text, digits: lower), hex(text, digits: upper)], wraps: true)
        }
        return found
    }

    private static let lower = Array("0123456789abcdef".utf8)
    private static let upper = Array("0123456789ABCDEF".utf8)

    private static func hex(_ value: [UInt8], digits: [UInt8]) -> [UInt8] {
        value.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }

    // MARK: URLs

    /// What encoders leave alone besides letters and digits: RFC 3986, Python's `quote`, browsers'
    /// `encodeURIComponent` and `encodeURI`, HTML forms, and those that leave nothing.
    private static let unescaped = ["-._~", "-._~/", "-._~!'()*", "-._~!'()*;/?:@&=+$,#", "*-._"]

    private static func urls(_ value: [UInt8]) -> [[UInt8]] {
        var texts: [[UInt8]] = []
        for digits in [lower, upper] {
            texts.append(value.flatMap { escape($0, digits) })
            for safe in unescaped.map({ Set($0.utf8) }) {
                let text = value.flatMap { byte in
                    isAlphanumeric(byte) || safe.contains(byte) ? [byte] : escape(byte, digits)
                }
                texts.append(text)
                if value.contains(32) {
                    texts.append(
                        value.flatMap { byte in
                            byte == 32
                                ? [UInt8(ascii: "+")]
                                : isAlphanumeric(byte) || safe.contains(byte)
                                    ? [byte] : escape(byte, digits)
                        })
                }
            }
        }
        return texts
    }

    private static func escape(_ byte: UInt8, _ digits: [UInt8]) -> [UInt8] {
        [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }

    // MARK: JSON

    /// Escaped as little as possible; with `\/`; with `<`, `>` and `&` as numbers (Go); pure ASCII.
    private static func json(_ value: [UInt8]) -> [[UInt8]] {
        var texts: [[UInt8]] = []
        for digits in [lower, upper] {
            for slash in [false, true] {
                for markup in [false, true] {
                    for ascii in [false, true] {
                        texts.append(
                            json(value, digits, slash: slash, markup: markup, ascii: ascii))
                    }
                }
            }
        }
        return texts
    }

    private static func json(
        _ value: [UInt8], _ digits: [UInt8], slash: Bool, markup: Bool, ascii: Bool
    ) -> [UInt8] {
        func number(_ unit: UInt16) -> [UInt8] {
            Array("\\u".utf8) + [12, 8, 4, 0].map { digits[Int(unit >> UInt16($0) & 15)] }
        }
        let short: [UInt8: String] = [8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r"]
        var text: [UInt8] = []
        for scalar in String(decoding: value, as: UTF8.self).unicodeScalars {
            guard scalar.isASCII, let byte = UInt8(exactly: scalar.value) else {
                if ascii {
                    for unit in String(scalar).utf16 { text += number(unit) }
                } else {
                    text += Array(String(scalar).utf8)
                }
                continue
            }
            if let escaped = short[byte] {
                text += Array(escaped.utf8)
            } else if byte < 32 || (markup && "<>&'".utf8.contains(byte)) {
                text += number(UInt16(byte))
            } else {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
                    || (slash && byte == UInt8(ascii: "/"))
                {
                    text.append(UInt8(ascii: "\\"))
                }
                text.append(byte)
            }
        }
        return text
    }

    // MARK: Base 64

    /// What is certain to appear, whatever stands before and behind: at each of the three alignments
    /// those characters all of whose six bits are the value's own.
    private static func base64(_ value: [UInt8]) -> [[UInt8]] {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        return ["+/", "-_"].flatMap { last in
            let alphabet = Array((letters + last).utf8)
            return (0..<3).map { before in
                let bits = [UInt8](repeating: 0, count: before) + value + [0]
                let first = (before * 8 + 5) / 6
                let end = (before + value.count) * 8 / 6
                return (first..<end).map { index in
                    let bit = index * 6
                    let pair = UInt16(bits[bit / 8]) << 8 | UInt16(bits[bit / 8 + 1])
                    return alphabet[Int(pair >> UInt16(10 - bit % 8) & 63)]
                }
            }
        }
    }
}
