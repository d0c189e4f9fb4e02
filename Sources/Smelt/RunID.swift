/// The name of a run: 26 lower-case characters of Crockford's base 32, the first ten of them the
/// time in milliseconds, so that names sort by time (the layout of a ULID).
package struct RunID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// A new one; 80 random bits keep runs of the same millisecond apart.
    package static func make(at time: Timestamp = .now) -> RunID {
        var bytes = [UInt8](repeating: 0, count: 26)
        var stamp = UInt64(max(0, time.milliseconds))
        for index in (0..<10).reversed() {
            bytes[index] = alphabet[Int(stamp & 31)]
            stamp >>= 5
        }
        // Two calls of the kernel's generator, not one a character.
        for start in [10, 18] {
            var random = UInt64.random(in: 0 ... .max)
            for index in start..<start + 8 {
                bytes[index] = alphabet[Int(random & 31)]
                random >>= 5
            }
        }
        return RunID(unchecked: String(decoding: bytes, as: UTF8.self))
    }

    /// Nil unless `text` is exactly such a name: it becomes part of paths and references.
    package init?(_ text: String) {
        guard text.utf8.count == 26, text.utf8.allSatisfy(Self.alphabet.contains),
            let first = text.utf8.first, (48...55).contains(first)
        else { return nil }
        description = text
    }

    private init(unchecked text: String) {
        description = text
    }

    /// When it was made, in Unix milliseconds.
    package var milliseconds: Int64 {
        description.utf8.prefix(10).reduce(0) { sum, letter in
            sum << 5 | Int64(Self.alphabet.firstIndex(of: letter) ?? 0)
        }
    }
}
