package import Smelt

/// A piece of what a session printed, with secrets masked.
package struct Output: Record {
    package static let type = "output"

    package enum Stream: String, Codable, Sendable { case stdout, stderr }

    package var session: String
    package var attempt: Int
    package var stream: Stream
    /// Where the piece begins in its stream, after masking.
    package var offsetBytes: Int
    /// The piece when it is UTF-8, else `base64`.
    package var text: String?
    package var base64: String?

    package init(
        session: String, attempt: Int, stream: Stream, offsetBytes: Int, text: String? = nil,
        base64: String? = nil
    ) {
        self.session = session
        self.attempt = attempt
        self.stream = stream
        self.offsetBytes = offsetBytes
        self.text = text
        self.base64 = base64
    }

    /// The bytes that were printed.
    package var bytes: [UInt8]? { text.map { Array($0.utf8) } ?? base64.flatMap(Base64.decode) }
}

/// Makes `output` lines without `JSONEncoder`, which is far slower than programs print.
package struct OutputLine: Sendable {
    private let run: RunID
    private let middle: [String: [UInt8]]

    /// For the pieces of one session's attempt.
    package init(run: RunID, session: String, attempt: Int) {
        self.run = run
        var quoted: [UInt8] = []
        JSONText.appendQuoted(Array(session.utf8)[...], to: &quoted)
        self.middle = [
            "attempt": Array("\"attempt\":\(attempt)".utf8),
            "session": Array("\"session\":".utf8) + quoted,
        ]
    }

    /// Appends the whole line; `bytes` are at most `longestOutput`.
    package func append(
        _ bytes: ArraySlice<UInt8>, stream: Output.Stream, offset: Int, at time: Timestamp = .now,
        to line: inout [UInt8]
    ) {
        line.append(contentsOf: RecordJSON.head(Output.type, run: run, at: time))
        line.append(UInt8(ascii: ","))
        line.append(contentsOf: middle["attempt", default: []])
        let isText = JSONText.isUTF8(bytes)
        if !isText {
            line.append(contentsOf: ",\"base64\":\"".utf8)
            line.append(contentsOf: Base64.encode(bytes).utf8)
            line.append(UInt8(ascii: "\""))
        }
        line.append(contentsOf: ",\"offsetBytes\":\(offset),".utf8)
        line.append(contentsOf: middle["session", default: []])
        line.append(contentsOf: ",\"stream\":\"\(stream.rawValue)\"".utf8)
        if isText {
            line.append(contentsOf: ",\"text\":".utf8)
            JSONText.appendQuoted(bytes, to: &line)
        }
        line.append(contentsOf: "}\n".utf8)
    }
}
