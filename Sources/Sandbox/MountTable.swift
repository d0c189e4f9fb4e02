internal import Smelt

/// What is mounted where on the host.
enum MountTable {
    static func points() -> [String] {
        lines().compactMap { $0.count > 4 ? unescape($0[4]) : nil }
    }

    /// Where file systems of a type are mounted, each with the directory of theirs that is seen there.
    static func all(ofType type: String) -> [(point: String, root: String)] {
        lines().compactMap { fields in
            guard let dash = fields.firstIndex(of: "-"), dash > 4, fields.count > dash + 1,
                fields[dash + 1] == type
            else { return nil }
            return (unescape(fields[4]), unescape(fields[3]))
        }
    }

    private static func lines() -> [[Substring]] {
        let text = (try? Files.readText("/proc/self/mountinfo", upTo: 16 << 20)) ?? ""
        return text.split(separator: "\n").map { $0.split(separator: " ") }
    }

    /// Blanks and backslashes are octal there.
    private static func unescape(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
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
