/// Where the body of a message ends (RFC 9112, 6): counts the bytes as they pass and changes none.
package struct HTTPBody {
    package enum Framing: Equatable {
        case none
        case length(Int)
        case chunked
        case untilEnd
    }

    package let framing: Framing
    package private(set) var isDone: Bool
    private var left = 0
    private var state = State.size
    private var digits = 0
    private var count = 0
    private let isStrict: Bool

    private enum State {
        case size, extensions, sizeEnd, data, dataEnd, dataLineEnd, trailer, trailerLine,
            trailerEnd, last
    }

    /// Strict, for requests: nothing behind a chunk's size, and no trailers, which nobody needs and servers
    /// read differently.
    package init(_ framing: Framing, strict: Bool) {
        self.framing = framing
        isStrict = strict
        switch framing {
        case .none: isDone = true
        case .length(let length):
            left = length
            isDone = length == 0
        case .chunked, .untilEnd: isDone = false
        }
    }

    /// How many of these bytes belong to the body; nil when it is broken.
    package mutating func take(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard !isDone else { return 0 }
        switch framing {
        case .none: return 0
        case .untilEnd: return bytes.count
        case .length:
            let taken = min(left, bytes.count)
            left -= taken
            isDone = left == 0
            return taken
        case .chunked: return takeChunks(bytes)
        }
    }

    package mutating func take(_ bytes: [UInt8]) -> Int? { bytes.withUnsafeBytes { take($0) } }

    private mutating func takeChunks(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var at = 0
        while at < bytes.count, !isDone {
            if state == .data {
                let taken = min(left, bytes.count - at)
                left -= taken
                at += taken
                if left == 0 { state = .dataEnd }
                continue
            }
            guard step(bytes[at]) else { return nil }
            at += 1
        }
        return at
    }

    private mutating func step(_ byte: UInt8) -> Bool {
        switch state {
        case .size:
            if let digit = Self.digit(byte) {
                digits += 1
                left = left << 4 | digit
                return digits <= 12
            }
            guard digits > 0 else { return false }
            if byte == 13 {
                state = .sizeEnd
            } else {
                guard !isStrict, byte == UInt8(ascii: ";") else { return false }
                state = .extensions
            }
        case .extensions:
            count += 1
            guard count < 4096, byte >= 32 || byte == 9 || byte == 13 else { return false }
            if byte == 13 { state = .sizeEnd }
        case .sizeEnd:
            guard byte == 10 else { return false }
            state = left == 0 ? .trailer : .data
            (digits, count) = (0, 0)
        case .dataEnd:
            guard byte == 13 else { return false }
            state = .dataLineEnd
        case .dataLineEnd:
            guard byte == 10 else { return false }
            state = .size
        case .trailer:
            if byte == 13 {
                state = .last
            } else {
                guard !isStrict, HTTPHead.isToken(byte) else { return false }
                state = .trailerLine
            }
        case .trailerLine:
            count += 1
            guard count < 16_384, byte >= 32 || byte == 9 || byte == 13 else { return false }
            if byte == 13 { state = .trailerEnd }
        case .trailerEnd:
            guard byte == 10 else { return false }
            state = .trailer
        case .last:
            guard byte == 10 else { return false }
            isDone = true
        case .data: return false
        }
        return true
    }

    private static func digit(_ byte: UInt8) -> Int? {
        switch byte {
        case 48...57: Int(byte) - 48
        case 65...70: Int(byte) - 55
        case 97...102: Int(byte) - 87
        default: nil
        }
    }
}

extension HTTPHead {
    /// How long its body is. Nil where two readers could disagree: a length and chunks together, several
    /// lengths, other encodings, chunks in HTTP/1.0.
    ///
    /// Of an answer `method` is its request's.
    package func framing(answering method: String? = nil) -> HTTPBody.Framing? {
        let lengths = values("content-length")
        let encodings = values("transfer-encoding")
        guard lengths.count + encodings.count <= 1 else { return nil }
        var framing: HTTPBody.Framing = .none
        if case .answer = start { framing = .untilEnd }
        if let encoding = encodings.first {
            guard minor == 1, encoding.map(Self.lower).elementsEqual("chunked".utf8) else {
                return nil
            }
            framing = .chunked
        }
        if let length = lengths.first {
            guard (1...15).contains(length.count), length.allSatisfy({ (48...57).contains($0) }),
                let bytes = Int(String(decoding: length, as: UTF8.self))
            else { return nil }
            framing = .length(bytes)
        }
        if case .answer(let status) = start,
            method == "HEAD" || status < 200 || status == 204 || status == 304
        {
            return HTTPBody.Framing.none
        }
        return framing
    }
}
