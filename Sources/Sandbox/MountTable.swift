internal import Smelt

/// What is mounted where on the host.
enum MountTable {
    static func points() -> [String] {
        lines().compactMap { line in
            let fields = fields(of: line)
            return fields.count > 4 ? unescape(fields[4]) : nil
        }
    }

    /// Where file systems of a type are mounted, each with the directory of theirs that is seen there.
    static func all(ofType type: String) -> [(point: String, root: String)] {
        lines().compactMap { line in
            guard has(line, type) else { return nil }
            let fields = fields(of: line)
            return fields.count > 4 ? (unescape(fields[4]), unescape(fields[3])) : nil
        }
    }

    // Bytes: every sandbox begins with a look at the table, which can be long.
    private static func lines() -> [ArraySlice<UInt8>] {
        let bytes = (try? Files.read("/proc/self/mountinfo", upTo: 16 << 20)) ?? []
        return bytes.split(separator: UInt8(ascii: "\n"))
    }

    private static func fields(of line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        line.split(separator: UInt8(ascii: " "))
    }

    /// The type stands behind the one field that is a hyphen.
    private static func has(_ line: ArraySlice<UInt8>, _ type: String) -> Bool {
        let hyphen = UInt8(ascii: "-"), blank = UInt8(ascii: " ")
        var rest = line
        while let place = rest.firstIndex(of: hyphen) {
            rest = rest[(place + 1)...]
            guard place > line.startIndex, line[place - 1] == blank, rest.first == blank else {
                continue
            }
            return rest.dropFirst().prefix { $0 != blank }.elementsEqual(type.utf8)
        }
        return false
    }

    /// Blanks and backslashes are octal there.
    private static func unescape(_ field: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        var rest = field
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
