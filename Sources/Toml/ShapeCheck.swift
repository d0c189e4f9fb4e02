internal import Smelt

/// Holds a value against the shape that its key wants and reports what does not fit, once.
struct ShapeCheck {
    let findings: Findings

    func fits(_ toml: Toml, _ shape: Shape, _ path: String) -> Bool {
        switch shape {
        case .text: return isText(toml, path, mayBeEmpty: false)
        case .emptyText: return isText(toml, path, mayBeEmpty: true)
        case .flag: return wants(toml.flag != nil, toml, path, "true or false")
        case .integer(let range): return isInteger(toml, range, path)
        case .number(let range): return isIn(range, toml.anyNumber, toml, path, "a number")
        case .duration(let range): return isDuration(toml, range, path)
        case .size(let range): return isSize(toml, range, path)
        case .choice(let words): return isChoice(toml, words, path)
        case .list(let element): return isList(toml, element, path)
        case .map: return isMap(toml, path)
        case .table: return wants(toml.isTable, toml, path, "a table")
        case .tables:
            guard case .array(let elements) = toml.value, elements.allSatisfy(\.isTable) else {
                return wants(false, toml, path, "an array of tables, [[\(path)]]")
            }
            return true
        case .either(let shapes): return isEither(toml, shapes, path)
        case .any: return hasJSON(toml, path)
        }
    }

    private func wants(_ holds: Bool, _ toml: Toml, _ path: String, _ what: String) -> Bool {
        if !holds { findings.complain(toml.place, "\(path) must be \(what), not \(toml.kind)") }
        return holds
    }

    private func isText(_ toml: Toml, _ path: String, mayBeEmpty: Bool) -> Bool {
        guard let text = toml.text else { return wants(false, toml, path, "text") }
        if text.utf8.contains(0) {
            findings.complain(toml.place, "\(path) holds a null character: remove it")
            return false
        }
        if !mayBeEmpty, text.allSatisfy(\.isWhitespace) {
            findings.complain(toml.place, "\(path) is empty: fill it in")
            return false
        }
        return true
    }

    private func isInteger(_ toml: Toml, _ range: ClosedRange<Int>, _ path: String) -> Bool {
        let what =
            range.lowerBound == range.upperBound
            ? "\(range.lowerBound)"
            : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let value = toml.integer else { return wants(false, toml, path, what) }
        if range.contains(value) { return true }
        findings.complain(toml.place, "\(path) must be \(what), not \(value)")
        return false
    }

    private func isIn(
        _ range: ClosedRange<Double>, _ value: Double?, _ toml: Toml, _ path: String,
        _ what: String
    ) -> Bool {
        guard let value else { return wants(false, toml, path, what) }
        if range.contains(value) { return true }
        let bounds = "\(Self.plain(range.lowerBound)) to \(Self.plain(range.upperBound))"
        findings.complain(toml.place, "\(path) must be \(what) from \(bounds)")
        return false
    }

    private func isDuration(_ toml: Toml, _ range: ClosedRange<Double>, _ path: String) -> Bool {
        let what = "seconds, or text such as \"90s\" or \"1h30m\""
        guard let value = toml.seconds else { return wants(false, toml, path, what) }
        if value <= 0 {
            findings.complain(toml.place, "\(path) must be more than 0 seconds")
        } else if !range.contains(value) {
            findings.complain(
                toml.place,
                "\(path) must be from \(Self.plain(range.lowerBound)) s to 365 days")
        }
        return range.contains(value)
    }

    private func isSize(_ toml: Toml, _ range: ClosedRange<Int>, _ path: String) -> Bool {
        let what = "bytes, or text such as \"512M\" or \"4GiB\""
        guard let value = toml.bytes else { return wants(false, toml, path, what) }
        if range.contains(value) { return true }
        findings.complain(toml.place, "\(path) must be from 1 byte to 1 PiB")
        return false
    }

    private func isChoice(_ toml: Toml, _ words: [String], _ path: String) -> Bool {
        let what = "one of \(words.joined(separator: ", "))"
        guard let word = toml.text else { return wants(false, toml, path, what) }
        if words.contains(word) { return true }
        let near = Spelling.nearest(to: word.lowercased(), among: words)
        let remedy = near.map { "; did you mean '\($0)'?" } ?? ""
        findings.complain(toml.place, "\(path) must be \(what), not '\(word)'\(remedy)")
        return false
    }

    private func isList(_ toml: Toml, _ element: Shape, _ path: String) -> Bool {
        guard case .array(let elements) = toml.value else {
            return wants(false, toml, path, "a list")
        }
        // Every element is looked at, so that all problems are found in one go.
        return elements.enumerated().map { fits($1, element, "\(path)[\($0)]") }
            .allSatisfy { $0 }
    }

    private func isMap(_ toml: Toml, _ path: String) -> Bool {
        guard case .table(let members) = toml.value else {
            return wants(false, toml, path, "a table of texts")
        }
        return members.map { isText($0.value, "\(path).\($0.key)", mayBeEmpty: true) }
            .allSatisfy { $0 }
    }

    private func isEither(_ toml: Toml, _ shapes: [Shape], _ path: String) -> Bool {
        if let shape = shapes.first(where: { Self.mayBe(toml, $0) }) {
            return fits(toml, shape, path)
        }
        let isList = shapes.contains { if case .list = $0 { true } else { false } }
        return wants(false, toml, path, isList ? "text or a list" : "text or a table")
    }

    private static func mayBe(_ toml: Toml, _ shape: Shape) -> Bool {
        switch shape {
        case .text, .choice: toml.text != nil
        case .table, .any: toml.isTable
        case .list: if case .array = toml.value { true } else { false }
        default: false
        }
    }

    private func hasJSON(_ toml: Toml, _ path: String) -> Bool {
        if toml.json != nil { return true }
        findings.complain(
            toml.place, "\(path) holds an infinite number or none at all: records cannot carry it")
        return false
    }

    private static func plain(_ number: Double) -> String {
        number.rounded() == number ? "\(Int(number))" : "\(number)"
    }
}
