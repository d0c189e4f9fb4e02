package import Records
internal import Smelt

/// A value as one of the types that keys have; nil when it is another.
extension Toml {
    package var text: String? {
        if case .string(let text) = value { text } else { nil }
    }

    package var flag: Bool? {
        if case .bool(let flag) = value { flag } else { nil }
    }

    package var integer: Int? {
        if case .integer(let number) = value { number } else { nil }
    }

    /// Also from text that is a plain number.
    package var anyNumber: Double? {
        switch value {
        case .integer(let number): Double(number)
        case .number(let number): number.isFinite ? number : nil
        case .string(let text): text.allSatisfy { "0123456789.".contains($0) } ? Double(text) : nil
        default: nil
        }
    }

    package var seconds: Double? {
        switch value {
        case .integer(let number): Double(number)
        case .number(let number): number.isFinite ? number : nil
        case .string(let text): Quantity.seconds(text)
        default: nil
        }
    }

    package var bytes: Int? {
        switch value {
        case .integer(let number): number
        case .string(let text): Quantity.bytes(text)
        default: nil
        }
    }

    package var isTable: Bool {
        if case .table = value { true } else { false }
    }

    /// The word for a complaint.
    package var kind: String {
        switch value {
        case .string(let text): text.count <= 40 ? "'\(text)'" : "a long text"
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .bool(let flag): "\(flag)"
        case .moment(let text): "the date \(text)"
        case .array: "a list"
        case .table: "a table"
        }
    }

    /// For what is passed through; dates become text. Nil when a number has no JSON form.
    package var json: JSONValue? {
        switch value {
        case .string(let text): return .string(text)
        case .integer(let number): return .integer(number)
        case .number(let number): return number.isFinite ? .number(number) : nil
        case .bool(let flag): return .bool(flag)
        case .moment(let text): return .string(text)
        case .array(let elements):
            let values = elements.compactMap(\.json)
            return values.count == elements.count ? .array(values) : nil
        case .table(let members):
            var object: [String: JSONValue] = [:]
            for member in members {
                guard let value = member.value.json else { return nil }
                object[member.key] = value
            }
            return .object(object)
        }
    }
}
