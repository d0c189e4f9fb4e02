internal import FoundationEssentials
package import Records

/// The formats that smelt describes in JSON Schema (draft 2020-12).
package enum Schema: String, CaseIterable, Sendable {
    case manifest, records

    /// The whole schema as text.
    package func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }

    package var value: JSONValue {
        switch self {
        case .manifest: ManifestSchema.value
        case .records: RecordSchema.value
        }
    }
}

/// Pieces that both schemas are made of.
enum SchemaPiece {
    static let dialect = JSONValue.string("https://json-schema.org/draft/2020-12/schema")

    static func type(_ name: String, _ more: [String: JSONValue] = [:]) -> [String: JSONValue] {
        more.merging(["type": .string(name)]) { first, _ in first }
    }

    static func reference(_ name: String) -> [String: JSONValue] {
        ["$ref": .string("#/$defs/\(name)")]
    }

    static func words(_ words: [String]) -> JSONValue { .array(words.map(JSONValue.string)) }

    static func bound(_ number: Double) -> JSONValue {
        number.rounded() == number ? .integer(Int(number)) : .number(number)
    }
}
