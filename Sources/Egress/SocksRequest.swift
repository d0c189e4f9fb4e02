package import Records

/// What a SOCKS5 client says (RFC 1928): its methods, then where it wants to go. Read from bytes that may be fewer or
/// more than that; `length` is what belongs to it.
package enum SocksRequest {
    package enum Greeting: Equatable {
        case more
        case wrong
        /// Whether it would talk without a password.
        case methods(open: Bool, length: Int)
    }

    package static func greeting(_ bytes: ArraySlice<UInt8>) -> Greeting {
        let at = bytes.startIndex
        guard let version = bytes.first else { return .more }
        guard version == 5 else { return .wrong }
        guard bytes.count >= 2 else { return .more }
        let count = Int(bytes[at + 1])
        guard count > 0 else { return .wrong }
        guard bytes.count >= 2 + count else { return .more }
        return .methods(open: bytes[(at + 2)..<(at + 2 + count)].contains(0), length: 2 + count)
    }

    package enum Target: Equatable {
        case more
        /// Answered with this reply.
        case wrong(reply: UInt8)
        /// Somewhere that cannot be asked for.
        case nowhere(shown: String, port: Int)
        case connect(NetworkHost, port: Int, length: Int)
    }

    package static let succeeded: UInt8 = 0
    package static let failure: UInt8 = 1
    package static let notAllowed: UInt8 = 2
    package static let unreachable: UInt8 = 4
    static let unknownCommand: UInt8 = 7
    static let unknownAddress: UInt8 = 8

    package static func target(_ bytes: ArraySlice<UInt8>) -> Target {
        let at = bytes.startIndex
        guard bytes.count >= 5 else { return .more }
        guard bytes[at] == 5, bytes[at + 2] == 0 else { return .wrong(reply: failure) }
        guard bytes[at + 1] == 1 else { return .wrong(reply: unknownCommand) }
        let size: Int
        var start = at + 4
        switch bytes[at + 3] {
        case 1: size = 4
        case 4: size = 16
        case 3:
            size = Int(bytes[at + 4])
            start += 1
        default: return .wrong(reply: unknownAddress)
        }
        let end = start + size
        guard end + 2 <= bytes.endIndex else { return .more }
        let port = Int(bytes[end]) << 8 | Int(bytes[end + 1])
        let text = bytes[start..<end]
        let host: NetworkHost? =
            bytes[at + 3] == 3
            ? NetworkHost(text) : NetworkAddress(bytes: Array(text)).map(NetworkHost.address)
        guard let host, port > 0 else {
            return .nowhere(shown: String(decoding: text, as: UTF8.self), port: port)
        }
        return .connect(host, port: port, length: end + 2 - at)
    }

    /// The address in it means nothing to anybody.
    package static func reply(_ code: UInt8) -> [UInt8] { [5, code, 0, 1, 0, 0, 0, 0, 0, 0] }
}
