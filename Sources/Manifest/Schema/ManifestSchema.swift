internal import Records
internal import Toml

/// The schema of manifests, made from the table that the reader goes by.
enum ManifestSchema {
    static var value: JSONValue {
        var definitions: [String: JSONValue] = [:]
        var root = object(JobKeys.manifest, &definitions)
        root["$schema"] = SchemaPiece.dialect
        root["title"] = .string("smelt job manifest")
        root["$defs"] = .object(definitions)
        return .object(root)
    }

    private static func object(
        _ section: Section, _ definitions: inout [String: JSONValue]
    ) -> [String: JSONValue] {
        var properties: [String: JSONValue] = [:]
        for key in section.keys {
            var piece = shape(key.shape, &definitions)
            let usual = key.normally.map { "; normally \($0)" } ?? ""
            piece["description"] = .string(key.meaning + usual)
            properties[key.name] = .object(piece)
        }
        return SchemaPiece.type(
            "object",
            [
                "description": .string(section.meaning),
                "properties": .object(properties),
                "required": SchemaPiece.words(section.keys.filter(\.isRequired).map(\.name)),
                "additionalProperties": .bool(section.isOpen),
            ])
    }

    private static func shape(
        _ shape: Shape, _ definitions: inout [String: JSONValue]
    ) -> [String: JSONValue] {
        switch shape {
        case .text: return text
        case .emptyText: return SchemaPiece.type("string")
        case .flag: return SchemaPiece.type("boolean")
        case .integer(let range):
            return SchemaPiece.type(
                "integer",
                [
                    "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
                ])
        case .number(let range): return number(range, orText: "^[0-9]*\\.?[0-9]*$")
        case .duration(let range):
            return number(range, orText: "^([0-9.]+|([0-9.]+(ms|s|m|h|d))+)$")
        case .size(let range):
            return number(
                Double(range.lowerBound)...Double(range.upperBound),
                orText: "^[0-9.]+([bB]|[kKmMgGtT]([iI]?[bB]?))?$", type: "integer")
        case .choice(let words): return ["enum": SchemaPiece.words(words)]
        case .list(let element):
            return SchemaPiece.type(
                "array", ["items": .object(self.shape(element, &definitions))])
        case .map:
            return SchemaPiece.type(
                "object", ["additionalProperties": .object(SchemaPiece.type("string"))])
        case .table(let section): return define(section, &definitions)
        case .tables(let section):
            return SchemaPiece.type(
                "array",
                ["items": .object(define(section, &definitions)), "minItems": .integer(1)])
        case .either(let shapes):
            let pieces = shapes.map { JSONValue.object(self.shape($0, &definitions)) }
            return ["anyOf": .array(pieces)]
        case .any: return SchemaPiece.type("object")
        }
    }

    /// Text with something else than white space in it.
    private static let text = SchemaPiece.type("string", ["pattern": .string("\\S")])

    private static func number(
        _ range: ClosedRange<Double>, orText pattern: String, type: String = "number"
    ) -> [String: JSONValue] {
        [
            "anyOf": .array([
                .object(
                    SchemaPiece.type(
                        type,
                        [
                            "minimum": SchemaPiece.bound(range.lowerBound),
                            "maximum": SchemaPiece.bound(range.upperBound),
                        ])),
                .object(SchemaPiece.type("string", ["pattern": .string(pattern)])),
            ])
        ]
    }

    private static func define(
        _ section: Section, _ definitions: inout [String: JSONValue]
    ) -> [String: JSONValue] {
        if definitions[section.name] == nil {
            definitions[section.name] = .null
            definitions[section.name] = .object(object(section, &definitions))
        }
        return SchemaPiece.reference(section.name)
    }
}
