/// A query as DNS has it (RFC 1035), of which only plain questions are understood: one name, no compression.
package struct NameQuery: Equatable {
    package enum Kind: Equatable {
        case address
        /// Of IPv6, which there is none of inside.
        case longAddress
        case pointer
        /// Nothing else is ever answered with data.
        case other
    }

    package let identity: UInt16
    package let recursionDesired: Bool
    /// The labels joined by dots; may hold any byte but a dot within a label is refused.
    package let name: [UInt8]
    package let kind: Kind
    let question: [UInt8]
    let hasExtension: Bool

    package enum Failure: UInt8, Error, Equatable {
        case format = 1
        case notImplemented = 4
        case refused = 5
    }

    /// A query that cannot be read, or nothing when it is not worth an answer: no header, or an answer itself, which
    /// could be sent to and fro for ever.
    package static func read(_ bytes: ArraySlice<UInt8>) -> Result<NameQuery, Failure>? {
        guard bytes.count >= 12 else { return nil }
        let at = bytes.startIndex
        func word(_ index: Int) -> Int { Int(bytes[at + index]) << 8 | Int(bytes[at + index + 1]) }
        let flags = word(2)
        guard flags & 0x8000 == 0 else { return nil }
        guard flags & 0x7800 == 0 else { return .failure(.notImplemented) }
        guard word(4) == 1, word(6) == 0, word(8) == 0, word(10) <= 1, bytes.count <= 512 else {
            return .failure(.format)
        }
        var name: [UInt8] = []
        var next = at + 12
        while true {
            guard next < bytes.endIndex else { return .failure(.format) }
            let length = Int(bytes[next])
            next += 1
            if length == 0 { break }
            guard length < 64, next + length <= bytes.endIndex else { return .failure(.format) }
            let label = bytes[next..<next + length]
            guard !label.contains(UInt8(ascii: ".")) else { return .failure(.format) }
            if !name.isEmpty { name.append(UInt8(ascii: ".")) }
            name += label
            next += length
            guard name.count <= 253 else { return .failure(.format) }
        }
        guard next + 4 <= bytes.endIndex else { return .failure(.format) }
        let type = Int(bytes[next]) << 8 | Int(bytes[next + 1])
        let group = Int(bytes[next + 2]) << 8 | Int(bytes[next + 3])
        guard group == 1 else { return .failure(.refused) }
        let kinds: [Int: Kind] = [1: .address, 12: .pointer, 28: .longAddress]
        let end = next + 4
        // The one record behind the question may say that its sender understands extensions (RFC 6891).
        let rest = bytes[end...]
        let hasExtension =
            rest.count >= 11 && rest[end] == 0 && rest[end + 1] == 0 && rest[end + 2] == 41
        return .success(
            NameQuery(
                identity: UInt16(word(0)), recursionDesired: flags & 0x0100 != 0, name: name,
                kind: kinds[type] ?? .other, question: Array(bytes[(at + 12)..<end]),
                hasExtension: hasExtension))
    }

    package enum Answer: Equatable {
        case address([UInt8])
        case pointer(String)
        /// There is such a name, but nothing of this kind.
        case nothing
        case noSuchName
        case overloaded
    }

    /// Seconds for which an answer may be kept; it never changes.
    static let lifetime: UInt8 = 60

    package func answered(_ answer: Answer) -> [UInt8] {
        var code: UInt8 = 0
        var record: [UInt8] = []
        switch answer {
        case .address(let bytes): record = Self.record(type: 1, bytes)
        case .pointer(let name):
            var data: [UInt8] = []
            for label in name.utf8.split(separator: UInt8(ascii: ".")) {
                data.append(UInt8(truncatingIfNeeded: label.count))
                data += label
            }
            record = Self.record(type: 12, data + [0])
        case .nothing: break
        case .noSuchName: code = 3
        case .overloaded: code = 2
        }
        var bytes = Self.head(
            identity, code, recursionDesired, questions: 1, answers: record.isEmpty ? 0 : 1,
            extensions: hasExtension ? 1 : 0)
        bytes += question
        bytes += record
        if hasExtension { bytes += [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0] }
        return bytes
    }

    /// The answer to what `read` could not read.
    package static func answered(_ failure: Failure, to bytes: ArraySlice<UInt8>) -> [UInt8] {
        let at = bytes.startIndex
        let identity = UInt16(bytes[at]) << 8 | UInt16(bytes[at + 1])
        return head(
            identity, failure.rawValue, bytes[at + 2] & 1 != 0, questions: 0, answers: 0,
            extensions: 0)
    }

    private static func head(
        _ identity: UInt16, _ code: UInt8, _ desired: Bool, questions: UInt8, answers: UInt8,
        extensions: UInt8
    ) -> [UInt8] {
        [
            UInt8(identity >> 8), UInt8(identity & 0xFF), desired ? 0x85 : 0x84, 0x80 | code, 0,
            questions, 0, answers, 0, 0, 0, extensions,
        ]
    }

    /// For the name of the question, which stands at 12.
    private static func record(type: UInt8, _ data: [UInt8]) -> [UInt8] {
        [0xC0, 12, 0, type, 0, 1, 0, 0, 0, lifetime]
            + [UInt8(data.count >> 8), UInt8(data.count & 0xFF)] + data
    }
}
