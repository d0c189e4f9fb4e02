/// The name in the first message of a TLS client (RFC 8446, 6066), as far as it has to be read to know it.
package enum ClientHello {
    package enum Finding: Equatable {
        case more
        /// Something else is spoken.
        case notTLS
        /// It begins as TLS does and goes on as it must not.
        case broken
        /// Without a name, or with this one.
        case name([UInt8]?)
    }

    /// No honest one is longer.
    static let longest = 65_536

    package static func find(_ bytes: ArraySlice<UInt8>) -> Finding {
        guard let first = bytes.first else { return .more }
        guard first == 22 else { return .notTLS }
        var message: [UInt8] = []
        var at = bytes.startIndex
        // A message may lie in several records.
        while true {
            guard at + 5 <= bytes.endIndex else { return isShort(bytes, at) }
            guard bytes[at] == 22, bytes[at + 1] == 3 else { return .broken }
            let size = Int(bytes[at + 3]) << 8 | Int(bytes[at + 4])
            guard (1...16_384).contains(size) else { return .broken }
            let end = min(at + 5 + size, bytes.endIndex)
            message += bytes[(at + 5)..<end]
            if message.count >= 4 {
                let length = Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3])
                guard message[0] == 1, length <= longest else { return .broken }
                if message.count >= 4 + length { return name(message[4..<(4 + length)]) }
            }
            if end == bytes.endIndex { return bytes.count > longest ? .broken : .more }
            at = end
        }
    }

    /// The head of a record is not whole: wrong already, or still to come.
    private static func isShort(_ bytes: ArraySlice<UInt8>, _ at: Int) -> Finding {
        if at < bytes.endIndex, bytes[at] != 22 { return .broken }
        if at + 1 < bytes.endIndex, bytes[at + 1] != 3 { return .broken }
        return .more
    }

    private static func name(_ hello: ArraySlice<UInt8>) -> Finding {
        var rest = Fields(hello)
        // Version and random, session, cipher suites, compression.
        guard rest.skip(34), rest.block(1) != nil, rest.block(2) != nil, rest.block(1) != nil else {
            return .broken
        }
        guard !rest.isEmpty else { return .name(nil) }
        guard let extensions = rest.block(2), rest.isEmpty else { return .broken }
        var found: [UInt8]?
        var all = Fields(extensions)
        while !all.isEmpty {
            guard let kind = all.number(2), let data = all.block(2) else { return .broken }
            guard kind == 0 else { continue }
            var inner = Fields(data)
            guard found == nil, var list = inner.block(2).map(Fields.init), inner.isEmpty,
                list.number(1) == 0, let text = list.block(2), list.isEmpty, !text.isEmpty
            else { return .broken }
            found = Array(text)
        }
        return .name(found)
    }

    private struct Fields {
        var rest: ArraySlice<UInt8>

        init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

        var isEmpty: Bool { rest.isEmpty }

        mutating func skip(_ count: Int) -> Bool {
            guard rest.count >= count else { return false }
            rest = rest.dropFirst(count)
            return true
        }

        mutating func number(_ size: Int) -> Int? {
            guard rest.count >= size else { return nil }
            defer { rest = rest.dropFirst(size) }
            return rest.prefix(size).reduce(0) { $0 << 8 | Int($1) }
        }

        /// Bytes behind their length, which is a number of so many bytes.
        mutating func block(_ size: Int) -> ArraySlice<UInt8>? {
            guard let count = number(size), rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
    }
}
