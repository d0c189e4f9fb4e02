internal import CToml
internal import Smelt

/// Where something stands in a file: both from 1, columns in characters.
package struct Place: Comparable, Sendable {
    package let line: Int
    package let column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static let start = Place(line: 1, column: 1)

    package static func < (left: Place, right: Place) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A TOML value and where it stands.
package struct Toml: Sendable {
    package enum Value: Sendable {
        case string(String)
        case integer(Int)
        case number(Double)
        case bool(Bool)
        /// A date, a time or both.
        case moment(String)
        case array([Toml])
        case table([Member])
    }

    package struct Member: Sendable {
        package let key: String
        package let keyPlace: Place
        package let value: Toml
    }

    package let value: Value
    package let place: Place
}

extension Toml {
    /// Largest file that is read: 1 MiB.
    package static let longest = 1 << 20
    /// Tables and arrays inside each other; `run.planned` must stay readable for JSON decoders.
    package static let deepest = 64
    /// Parts of one dotted key: the parser recurses for each.
    package static let mostParts = 32

    package static let tooLong = Problem(
        .start, "the file is longer than \(longest) bytes: put long texts elsewhere")

    /// The root table.
    package static func read(_ text: [UInt8]) throws(Problem) -> Toml {
        guard text.count <= longest else {
            throw tooLong
        }
        if let place = TomlBounds.firstLongKey(in: text, mostParts: mostParts) {
            throw Problem(place, "the key has more than \(mostParts) parts: use fewer dots")
        }
        let document = text.withUnsafeBytes { raw in
            toml_read(raw.baseAddress?.assumingMemoryBound(to: CChar.self), raw.count, deepest)
        }
        defer { toml_free(document) }
        var place = toml_place()
        if let error = toml_error(document, &place) {
            throw Problem(Place(place), sentence(String(cString: error)))
        }
        var count = 0
        guard let nodes = toml_nodes(document, &count) else {
            throw Problem(.start, "the file could not be read")
        }
        var at = 0
        return make(UnsafeBufferPointer(start: nodes, count: count), &at)
    }

    private static func make(_ nodes: UnsafeBufferPointer<toml_node>, _ at: inout Int) -> Toml {
        let node = nodes[at]
        at += 1
        let value: Value
        switch node.kind {
        case TOML_STRING: value = .string(text(node.text, node.text_length))
        case TOML_INTEGER: value = .integer(Int(node.integer))
        case TOML_NUMBER: value = .number(node.number)
        case TOML_BOOLEAN: value = .bool(node.integer != 0)
        case TOML_MOMENT: value = .moment(text(node.text, node.text_length))
        case TOML_ARRAY:
            value = .array((0..<node.children).map { _ in make(nodes, &at) })
        default:
            value = .table(
                (0..<node.children).map { _ in
                    let child = nodes[at]
                    return Member(
                        key: text(child.key, child.key_length), keyPlace: Place(child.key_place),
                        value: make(nodes, &at))
                })
        }
        return Toml(value: value, place: Place(node.place))
    }

    private static func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
        guard let start else { return "" }
        return String(
            decoding: UnsafeRawBufferPointer(start: UnsafeRawPointer(start), count: count),
            as: UTF8.self)
    }

    /// The parser's words as one of our sentences.
    private static func sentence(_ words: String) -> String {
        if words.contains("TOML_MAX_NESTED_VALUES") || words.contains("nested too deeply") {
            return "values are nested more than \(deepest) deep: flatten them"
        }
        let start = "Error while parsing "
        let rest = words.hasPrefix(start) ? "could not read " + words.dropFirst(start.count) : words
        return Visible.line(rest.prefix(1).lowercased() + rest.dropFirst())
    }
}

extension Place {
    fileprivate init(_ place: toml_place) {
        self.init(line: max(1, Int(place.line)), column: max(1, Int(place.column)))
    }
}
