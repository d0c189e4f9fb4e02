/// Who is meant by the host of a rule, a request or a query, in the one spelling that is compared, dialled and
/// recorded. Whatever could be read differently by two programs is no host.
package enum NetworkHost: Hashable, Sendable, CustomStringConvertible {
    /// Lower case, without a dot at the end, at most 253 bytes.
    case name(String)
    case address(NetworkAddress)

    /// From `name`, `name.`, `192.0.2.1` or `[2001:db8::1]`. Nil for everything else: control bytes, NUL, bytes
    /// beyond ASCII, percent-encoding, empty or long labels, numbers that are addresses only to some, zones.
    package init?(_ bytes: some BidirectionalCollection<UInt8>) {
        if bytes.first == UInt8(ascii: "[") {
            guard bytes.count > 2, bytes.count < 50,
                bytes.last == UInt8(ascii: "]"),
                let address = NetworkAddress(
                    String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)),
                address.isLong
            else { return nil }
            self = .address(address)
            return
        }
        var rest = bytes[...]
        if rest.last == UInt8(ascii: "."), rest.count > 1 { rest = rest.dropLast() }
        guard !rest.isEmpty, rest.count <= 253 else { return nil }
        var name: [UInt8] = []
        name.reserveCapacity(rest.count)
        var label = 0
        for byte in rest {
            switch byte {
            case UInt8(ascii: "."):
                guard label > 0, name.last != UInt8(ascii: "-") else { return nil }
                label = 0
                name.append(byte)
                continue
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"):
                name.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): name.append(byte | 0x20)
            case UInt8(ascii: "-"):
                guard label > 0 else { return nil }
                name.append(byte)
            default: return nil
            }
            label += 1
            guard label <= 63 else { return nil }
        }
        guard label > 0, name.last != UInt8(ascii: "-") else { return nil }
        let text = String(decoding: name, as: UTF8.self)
        if Self.endsInNumber(name) {
            // Only with the dot that was taken off it may have been a name; and then nobody knows.
            guard let address = NetworkAddress(text), rest.count == bytes.count else { return nil }
            self = .address(address)
        } else {
            self = .name(text)
        }
    }

    package init?(_ text: String) { self.init(text.utf8) }

    /// As the URL standard has it: then it is an address or nothing.
    private static func endsInNumber(_ name: [UInt8]) -> Bool {
        let last = name.split(separator: UInt8(ascii: ".")).last ?? []
        if last.allSatisfy({ (48...57).contains($0) }) { return true }
        return last.starts(with: "0x".utf8)
            && last.dropFirst(2).allSatisfy {
                (48...57).contains($0) || (97...102).contains($0)
            }
    }

    /// As it stands in front of a port.
    package var description: String {
        switch self {
        case .name(let name): name
        case .address(let address): address.isLong ? "[\(address)]" : "\(address)"
        }
    }
}
