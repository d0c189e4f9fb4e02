import Records

/// The part of JSON Schema that our schemas use; a word that it does not know is a failure, so that
/// nothing is passed over.
struct SchemaCheck {
    let root: JSONValue
    private(set) var problems: [String] = []

    init(_ root: JSONValue) {
        self.root = root
    }

    static func problems(_ value: JSONValue, against schema: JSONValue) -> [String] {
        var check = SchemaCheck(schema)
        check.check(value, schema, "$")
        return check.problems
    }

    private mutating func check(_ value: JSONValue, _ schema: JSONValue, _ path: String) {
        guard case .object(let words) = schema else {
            if case .bool(false) = schema { problems.append("\(path) must not be") }
            return
        }
        for (word, wanted) in words.sorted(by: { $0.key < $1.key }) {
            apply(word, wanted, words, value, path)
        }
    }

    private func holds(_ value: JSONValue, _ schema: JSONValue) -> Bool {
        var inner = SchemaCheck(root)
        inner.check(value, schema, "")
        return inner.problems.isEmpty
    }

    private mutating func apply(
        _ word: String, _ wanted: JSONValue, _ words: [String: JSONValue], _ value: JSONValue,
        _ path: String
    ) {
        func fail(_ what: String) { problems.append("\(path) \(what)") }
        switch (word, wanted, value) {
        case ("$schema", _, _), ("$defs", _, _), ("title", _, _), ("description", _, _),
            ("then", _, _):
            break
        case ("$ref", .string(let name), _):
            guard let target = definition(name) else { return fail("refers to \(name)") }
            check(value, target, path)
        case ("type", .string(let type), _):
            if !Self.isType(type, value) { fail("is no \(type)") }
        case ("const", _, _):
            if value != wanted { fail("is not \(wanted)") }
        case ("enum", .array(let choices), _):
            if !choices.contains(value) { fail("is none of the choices") }
        case ("properties", .object(let members), .object(let object)):
            for (name, schema) in members {
                if let inner = object[name] { check(inner, schema, "\(path).\(name)") }
            }
        case ("required", .array(let names), .object(let object)):
            for case .string(let name) in names where object[name] == nil {
                fail("lacks \(name)")
            }
        case ("additionalProperties", _, .object(let object)):
            var known: [String: JSONValue] = [:]
            if case .object(let members)? = words["properties"] { known = members }
            for (name, inner) in object where known[name] == nil {
                check(inner, wanted, "\(path).\(name)")
            }
        case ("items", _, .array(let elements)):
            for (index, element) in elements.enumerated() {
                check(element, wanted, "\(path)[\(index)]")
            }
        case ("minItems", .integer(let least), .array(let elements)):
            if elements.count < least { fail("has too few elements") }
        case ("minimum", _, _):
            if let number = value.number, let least = wanted.number, number < least {
                fail("is below \(least)")
            }
        case ("maximum", _, _):
            if let number = value.number, let most = wanted.number, number > most {
                fail("is above \(most)")
            }
        case ("pattern", .string(let pattern), .string(let text)):
            guard let regex = try? Regex(pattern) else { return fail("has a bad pattern") }
            if text.firstMatch(of: regex) == nil { fail("does not match \(pattern)") }
        case ("anyOf", .array(let schemas), _):
            if !schemas.contains(where: { holds(value, $0) }) { fail("fits none of the shapes") }
        case ("allOf", .array(let schemas), _):
            for schema in schemas { check(value, schema, path) }
        case ("if", _, _):
            if holds(value, wanted), let then = words["then"] { check(value, then, path) }
        case ("properties", _, _), ("required", _, _), ("additionalProperties", _, _),
            ("items", _, _), ("minItems", _, _), ("pattern", _, _):
            break
        default: fail("meets the unknown word \(word)")
        }
    }

    private func definition(_ reference: String) -> JSONValue? {
        guard case .object(let words) = root, case .object(let all)? = words["$defs"],
            reference.hasPrefix("#/$defs/")
        else { return nil }
        return all[String(reference.dropFirst("#/$defs/".count))]
    }

    private static func isType(_ type: String, _ value: JSONValue) -> Bool {
        switch (type, value) {
        case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool),
            ("integer", .integer), ("number", .integer), ("number", .number):
            true
        default: false
        }
    }
}

extension JSONValue {
    fileprivate var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
}
