/// The head of an HTTP/1 message (RFC 9112), read so that nobody can read it differently: no bare line ends, no folded
/// lines, no blanks in front of a colon, no bytes that are controls, no field twice that decides where the message ends.
package struct HTTPHead {
    package enum Start: Equatable {
        case request(method: String)
        case answer(status: Int)
    }

    package struct Field {
        package let name: Range<Int>
        package let value: Range<Int>
    }

    package enum Finding {
        case more
        case wrong(String)
        case head(HTTPHead)
    }

    package let bytes: [UInt8]
    package let start: Start
    /// Of a request; in `bytes`.
    let targetRange: Range<Int>
    /// Of an answer.
    let reasonRange: Range<Int>
    /// HTTP/1.0 or 1.1.
    package let minor: Int
    package let fields: [Field]

    /// The most that a head may have, bytes and fields.
    package static let longest = 65_536
    static let mostFields = 128

    package var target: ArraySlice<UInt8> { bytes[targetRange] }
    package var reason: ArraySlice<UInt8> { bytes[reasonRange] }

    package func has(_ field: Field, _ name: StaticString) -> Bool {
        guard field.name.count == name.utf8CodeUnitCount else { return false }
        let wanted = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return zip(bytes[field.name], wanted).allSatisfy { Self.lower($0) == $1 }
    }

    /// All values under a name in lower case.
    package func values(_ name: StaticString) -> [ArraySlice<UInt8>] {
        fields.filter { has($0, name) }.map { bytes[$0.value] }
    }

    /// The words of lists such as `Connection: a, b`, in lower case.
    package func words(_ name: StaticString) -> [String] {
        values(name).flatMap { value in
            value.split(separator: UInt8(ascii: ",")).map { part in
                String(decoding: Self.trim(part).map(Self.lower), as: UTF8.self)
            }
        }.filter { !$0.isEmpty }
    }

    /// Whether bytes look like the beginning of a request; nil when there are too few to tell.
    package static func begins(_ bytes: [UInt8]) -> Bool? {
        let method = bytes.prefix { (65...90).contains($0) }
        guard (1...20).contains(method.count) else { return bytes.isEmpty ? nil : false }
        let rest = bytes.dropFirst(method.count)
        guard let blank = rest.first else { return nil }
        guard blank == 32 else { return false }
        guard let next = rest.dropFirst().first else { return nil }
        return next == UInt8(ascii: "/") || next == UInt8(ascii: "h")
    }

    @inline(__always)
    static func lower(_ byte: UInt8) -> UInt8 {
        (65...90).contains(byte) ? byte | 0x20 : byte
    }

    static func trim(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = bytes
        while rest.first == 32 || rest.first == 9 { rest = rest.dropFirst() }
        while rest.last == 32 || rest.last == 9 { rest = rest.dropLast() }
        return rest
    }
}

/// Finds the end of a head in bytes that come piece by piece, looking at each once.
package struct HTTPHeadReader {
    private var scanned = 0
    private let isRequest: Bool

    package init(request: Bool) { isRequest = request }

    /// `bytes` begin with the head and may go on behind it.
    package mutating func find(_ bytes: [UInt8]) -> HTTPHead.Finding {
        while let line = bytes[scanned...].firstIndex(of: 10) {
            guard line > 0, bytes[line - 1] == 13 else { return .wrong("a line ends without CR") }
            scanned = line + 1
            if line >= 3, bytes[line - 2] == 10 {
                guard scanned <= HTTPHead.longest else { break }
                return HTTPHead.read(Array(bytes[..<scanned]), request: isRequest)
            }
            if line == 1 { return .wrong("it begins with an empty line") }
        }
        if bytes.count > HTTPHead.longest { return .wrong("its head is too long") }
        // What is no HTTP at all is not waited for.
        if isRequest, let first = bytes.first, !HTTPHead.isToken(first) {
            return .wrong("it does not begin with a method")
        }
        return .more
    }
}

extension HTTPHead {
    /// `bytes` are a whole head, empty line included.
    static func read(_ bytes: [UInt8], request: Bool) -> Finding {
        var lines: [Range<Int>] = []
        var at = 0
        while at < bytes.count {
            guard let end = bytes[at...].firstIndex(of: 10), end > at, bytes[end - 1] == 13 else {
                return .wrong("a line ends without CR")
            }
            if end - 1 > at { lines.append(at..<(end - 1)) }
            at = end + 1
        }
        guard let first = lines.first, lines.count <= mostFields + 1 else {
            return .wrong("it has too many fields")
        }
        for range in lines where !bytes[range].allSatisfy(isText) {
            return .wrong("it has a control character")
        }
        var fields: [Field] = []
        fields.reserveCapacity(lines.count)
        for range in lines.dropFirst() {
            guard let colon = bytes[range].firstIndex(of: UInt8(ascii: ":")),
                colon > range.lowerBound,
                bytes[range.lowerBound..<colon].allSatisfy(isToken)
            else { return .wrong("a field has no proper name") }
            let value = trim(bytes[(colon + 1)..<range.upperBound])
            fields.append(
                Field(
                    name: range.lowerBound..<colon,
                    value: value.isEmpty ? colon..<colon : value.startIndex..<value.endIndex))
        }
        return request ? readRequest(bytes, first, fields) : readAnswer(bytes, first, fields)
    }

    private static func readRequest(
        _ bytes: [UInt8], _ line: Range<Int>, _ fields: [Field]
    ) -> Finding {
        let parts = bytes[line].split(separator: 32, omittingEmptySubsequences: false)
        guard parts.count == 3, let minor = minor(parts[2]) else {
            return .wrong("its first line is none of HTTP/1.1")
        }
        let method = String(decoding: parts[0], as: UTF8.self)
        guard (1...32).contains(parts[0].count), parts[0].allSatisfy({ (65...90).contains($0) })
        else { return .wrong("its method is none") }
        guard (1...16_384).contains(parts[1].count),
            parts[1].allSatisfy({ (33...126).contains($0) })
        else { return .wrong("its target is no URL") }
        let head = HTTPHead(
            bytes: bytes, start: .request(method: method),
            targetRange: parts[1].startIndex..<parts[1].endIndex, reasonRange: 0..<0, minor: minor,
            fields: fields)
        return .head(head)
    }

    private static func readAnswer(
        _ bytes: [UInt8], _ line: Range<Int>, _ fields: [Field]
    ) -> Finding {
        let text = bytes[line]
        guard text.count >= 12, let minor = minor(text.prefix(8)), text[line.lowerBound + 8] == 32,
            let status = Int(String(decoding: text.dropFirst(9).prefix(3), as: UTF8.self)),
            (100...599).contains(status), text.count == 12 || text[line.lowerBound + 12] == 32
        else { return .wrong("its first line is none of HTTP/1.1") }
        let head = HTTPHead(
            bytes: bytes, start: .answer(status: status), targetRange: 0..<0,
            reasonRange: min(line.lowerBound + 13, line.upperBound)..<line.upperBound, minor: minor,
            fields: fields)
        return .head(head)
    }

    private static func minor(_ version: ArraySlice<UInt8>) -> Int? {
        if version.elementsEqual("HTTP/1.1".utf8) { return 1 }
        return version.elementsEqual("HTTP/1.0".utf8) ? 0 : nil
    }

    private static func isText(_ byte: UInt8) -> Bool { byte >= 32 && byte != 127 || byte == 9 }

    /// What names and methods are made of (RFC 9110, 5.6.2).
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 65...90, 97...122, 48...57: true
        case 33, 35...39, 42, 43, 45, 46, 94...96, 124, 126: true
        default: false
        }
    }
}
