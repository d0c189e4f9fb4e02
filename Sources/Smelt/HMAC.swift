/// HMAC-SHA256 (RFC 2104): a digest that nobody can make, or try values against, who has not the key.
package enum HMAC {
    /// As 64 lower-case hexadecimal digits.
    package static func digest(_ bytes: [UInt8], key: [UInt8]) -> String {
        var key = key.count > 64 ? raw(SHA256.digest(key)) : key
        key += [UInt8](repeating: 0, count: 64 - key.count)
        let inner = SHA256.digest(key.map { $0 ^ 0x36 } + bytes)
        return SHA256.digest(key.map { $0 ^ 0x5c } + raw(inner))
    }

    /// The bytes that hexadecimal digits stand for.
    private static func raw(_ digits: String) -> [UInt8] {
        let values = digits.utf8.map { $0 < 0x3a ? $0 - 0x30 : $0 - 0x57 }
        return stride(from: 0, to: values.count - 1, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }
}
