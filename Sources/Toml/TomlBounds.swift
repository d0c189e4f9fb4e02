/// Looks through TOML text before the parser does. The parser calls itself for each part of a
/// dotted key, so that a hundred thousand dots would overflow its stack; this walks the text in one
/// loop. It need not understand TOML, only never see less of a key than the parser would.
enum TomlBounds {
    /// Where the first key with more than `mostParts` parts passes the bound.
    static func firstLongKey(in text: [UInt8], mostParts: Int) -> Place? {
        var (line, column, dots, at) = (1, 1, 0, 0)
        while at < text.count {
            let byte = text[at]
            var length = 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"): length = quoted(text, from: at)
            case UInt8(ascii: "#"): length = comment(text, from: at)
            case UInt8(ascii: "."):
                dots += 1
                if dots >= mostParts { return Place(line: line, column: column) }
            case UInt8(ascii: "="), UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"),
                UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "\n"):
                dots = 0
            default: break
            }
            for passed in text[at..<at + length] {
                if passed == UInt8(ascii: "\n") {
                    (line, column) = (line + 1, 1)
                } else if passed & 0xC0 != 0x80 {
                    column += 1
                }
            }
            at += length
        }
        return nil
    }

    private static func comment(_ text: [UInt8], from start: Int) -> Int {
        let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
        return end - start
    }

    /// How long the string is that begins at `start`, quotes included. A string that is not closed
    /// ends with its line, or with the text when it may have several lines: there the parser stops.
    private static func quoted(_ text: [UInt8], from start: Int) -> Int {
        let quote = text[start]
        let escapes = quote == UInt8(ascii: "\"")
        let isLong = text[start...].prefix(3).elementsEqual([quote, quote, quote])
        var at = start + (isLong ? 3 : 1)
        while at < text.count {
            if escapes, text[at] == UInt8(ascii: "\\") {
                at += 2
            } else if text[at] == UInt8(ascii: "\n"), !isLong {
                return at - start
            } else if text[at] == quote {
                guard isLong else { return at + 1 - start }
                let run = text[at...].prefix(5).prefix { $0 == quote }.count
                if run >= 3 { return at + run - start }
                at += run
            } else {
                at += 1
            }
        }
        return text.count - start
    }
}
