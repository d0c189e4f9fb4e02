internal import Records

/// The schema of every record: one of the known types, or an unknown one with a good head, which
/// readers pass on.
enum RecordSchema {
    static var value: JSONValue {
        var definitions: [String: JSONValue] = [:]
        for table in JobTables.all + RecordTables.parts {
            definitions[table.name] = .object(object(table))
        }
        var choices: [JSONValue] = []
        for table in RecordTables.all {
            definitions[table.name] = .object(record(table))
            choices.append(
                .object([
                    "if": .object([
                        "properties": .object(["type": .object(["const": .string(table.name)])])
                    ]),
                    "then": .object(SchemaPiece.reference(table.name)),
                ]))
        }
        return .object([
            "$schema": SchemaPiece.dialect,
            "title": .string("smelt records"),
            "description": .string(
                "One line of a smelt pipe. Members may be added within a version."),
            "type": .string("object"),
            "properties": .object(head),
            "required": SchemaPiece.words(["v", "type", "time", "run"]),
            "allOf": .array(choices),
            "$defs": .object(definitions),
        ])
    }

    private static let head: [String: JSONValue] = [
        "v": .object(["const": .integer(recordVersion), "description": .string("the version")]),
        "type": .object(SchemaPiece.type("string", ["description": .string("what it says")])),
        "time": .object(
            shape(.time).merging(["description": .string("when it was written")]) { $1 }),
        "run": .object(
            SchemaPiece.type(
                "string",
                [
                    "pattern": .string("^[0-7][0-9a-hjkmnp-tv-z]{25}$"),
                    "description": .string("the run's id"),
                ])),
    ]

    private static func record(_ table: MemberTable) -> [String: JSONValue] {
        var piece = object(table)
        if case .object(let members)? = piece["properties"] {
            piece["properties"] = .object(members.merging(head) { $1 })
        }
        return piece
    }

    private static func object(_ table: MemberTable) -> [String: JSONValue] {
        var properties: [String: JSONValue] = [:]
        for member in table.members {
            var piece = shape(member.shape)
            piece["description"] = .string(member.meaning)
            properties[member.name] = .object(piece)
        }
        let required = table.members.filter { !$0.isOptional }.map(\.name).sorted()
        return SchemaPiece.type(
            "object",
            [
                "description": .string(table.meaning),
                "properties": .object(properties),
                "required": SchemaPiece.words(required),
            ])
    }

    private static func shape(_ shape: MemberShape) -> [String: JSONValue] {
        func pattern(_ text: String) -> [String: JSONValue] {
            SchemaPiece.type("string", ["pattern": .string(text)])
        }
        switch shape {
        case .text: return SchemaPiece.type("string")
        case .flag: return SchemaPiece.type("boolean")
        case .integer(let least): return SchemaPiece.type("integer", ["minimum": .integer(least)])
        case .number(let least):
            return SchemaPiece.type("number", ["minimum": SchemaPiece.bound(least)])
        case .time:
            return pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$")
        case .commit: return pattern("^([0-9a-f]{40}|[0-9a-f]{64})$")
        case .sha256: return pattern("^[0-9a-f]{64}$")
        case .base64: return pattern("^[A-Za-z0-9+/]*={0,2}$")
        case .choice(let words): return ["enum": SchemaPiece.words(words)]
        case .list(let element):
            return SchemaPiece.type("array", ["items": .object(self.shape(element))])
        case .map(let element):
            return SchemaPiece.type(
                "object", ["additionalProperties": .object(self.shape(element))])
        case .object(let name): return SchemaPiece.reference(name)
        case .any: return [:]
        }
    }
}
