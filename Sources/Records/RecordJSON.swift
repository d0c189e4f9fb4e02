internal import FoundationEssentials
package import Smelt

/// Records to lines and back. The head is written by hand in a fixed order; `JSONEncoder` sorts
/// the rest, for its own order changes from process to process.
package enum RecordJSON {
    /// The whole line, line end included.
    package static func line(
        _ record: some Record, run: RunID, at time: Timestamp = .now
    ) throws(RecordFault) -> [UInt8] {
        let body: [UInt8]
        do { body = try record.object() } catch {
            throw .notWritable(type: type(of: record).type, reason: "\(error)")
        }
        var line = head(type(of: record).type, run: run, at: time)
        if body.count > 2 {
            line.append(UInt8(ascii: ","))
            line.append(contentsOf: body.dropFirst())
        } else {
            line.append(UInt8(ascii: "}"))
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    /// `{"v":1,"type":…,"time":…,"run":…`, open for the members.
    package static func head(_ type: String, run: RunID, at time: Timestamp) -> [UInt8] {
        Array(
            "{\"v\":\(recordVersion),\"type\":\"\(type)\",\"time\":\"\(time)\",\"run\":\"\(run)\""
                .utf8)
    }

    package static func decode<R: Record>(
        _ type: R.Type, from line: some Collection<UInt8>
    ) throws(RecordFault) -> R {
        do { return try JSONDecoder().decode(type, from: Data(line)) } catch {
            throw .unreadable(type: R.type, reason: sentence(error))
        }
    }

    private static func sentence(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        func path(_ context: DecodingError.Context, _ last: String? = nil) -> String {
            (context.codingPath.map(\.stringValue) + (last.map { [$0] } ?? [])).joined(
                separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context):
            return "'\(path(context, key.stringValue))' is missing"
        case .typeMismatch(_, let context): return "'\(path(context))' has the wrong type"
        case .valueNotFound(_, let context): return "'\(path(context))' is null"
        case .dataCorrupted(let context): return "'\(path(context))' is not valid"
        @unknown default: return "\(error)"
        }
    }
}

extension Record {
    package func object() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }
}

/// A moment inside a record.
extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let time = Timestamp(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "no RFC 3339 time"))
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
