internal import Glibc

/// An IP address: 4 bytes, or 16.
package struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    /// Nil for any other number of bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Only the plain forms: four decimal numbers, or hexadecimal groups without a zone. What other
    /// programs read as addresses, too (`127.1`, `0x7f.1`, `2130706433`), is none.
    package init?(_ text: String) {
        guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
        var found = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &found) == 1 {
            bytes = Array(found[..<4])
        } else if inet_pton(AF_INET6, text, &found) == 1 {
            bytes = found
        } else {
            return nil
        }
    }

    package var isLong: Bool { bytes.count == 16 }

    package var description: String {
        var text = [CChar](repeating: 0, count: 64)
        let family = isLong ? AF_INET6 : AF_INET
        guard inet_ntop(family, bytes, &text, 64) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// What it is when it is not an address that anybody on the internet may have: `loopback`, `private`,
    /// `link-local`, …; nil when it is. From the IANA registries of special-purpose addresses (RFC 6890 and its
    /// successors), and addresses of cloud hosts' metadata that lie outside of them.
    package var special: String? { isLong ? special6 : special4 }

    private var special4: String? {
        let (a, b, c) = (bytes[0], bytes[1], bytes[2])
        switch a {
        case 0: return "unspecified"
        case 10: return "private"
        case 127: return "loopback"
        case 100 where b & 0xC0 == 64: return "shared"
        case 169 where b == 254: return "link-local"
        case 168 where bytes == [168, 63, 129, 16]: return "metadata"
        case 172 where b & 0xF0 == 16: return "private"
        case 192 where b == 168: return "private"
        case 192 where b == 0 && (c == 0 || c == 2): return "reserved"
        case 192 where b == 88 && c == 99: return "reserved"
        case 198 where b & 0xFE == 18: return "reserved"
        case 198 where b == 51 && c == 100: return "reserved"
        case 203 where b == 0 && c == 113: return "reserved"
        case 224...239: return "multicast"
        case 240...: return "reserved"
        default: return nil
        }
    }

    /// All unicast addresses of the internet begin with 001 (RFC 4291); of them, those that carry an IPv4
    /// address would be a way around the list above.
    private var special6: String? {
        let zeros = bytes.prefix { $0 == 0 }.count
        if zeros == 16 { return "unspecified" }
        if zeros == 15, bytes[15] == 1 { return "loopback" }
        if zeros == 10, bytes[10] == 0xFF, bytes[11] == 0xFF { return "v4-mapped" }
        if bytes.starts(with: [0x00, 0x64, 0xFF, 0x9B]) { return "NAT64" }
        if bytes[0] & 0xFE == 0xFC { return "private" }
        if bytes[0] == 0xFE, bytes[1] & 0xC0 == 0x80 { return "link-local" }
        if bytes[0] == 0xFF { return "multicast" }
        if bytes[0] & 0xE0 != 0x20 { return "reserved" }
        if bytes.starts(with: [0x20, 0x01]), bytes[2] < 2 { return "reserved" }
        if bytes.starts(with: [0x20, 0x01, 0x0D, 0xB8]) { return "reserved" }
        if bytes.starts(with: [0x20, 0x02]) { return "6to4" }
        if bytes.starts(with: [0x3F, 0xFF]), bytes[2] < 16 { return "reserved" }
        return nil
    }
}
