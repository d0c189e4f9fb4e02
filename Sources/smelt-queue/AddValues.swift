import Records
import Smelt

/// What is wrong with a line of `add -`.
enum AddFault: Fault {
    case line(Int, String)
    case wrong(String)

    var exit: Exit { .invalid }

    var description: String {
        switch self {
        case .line(let number, let what):
            "line \(number) of standard input: \(what); nothing was added"
        case .wrong(let what): what
        }
    }
}

/// The values of such a line, by what they must be.
extension [JSONNode.Member] {
    func named(_ name: String) -> JSONNode? { last { $0.name == name }?.value }
}

extension [UInt8] {
    /// The value that begins there; what follows it is of the object around it.
    func value(at offset: Int) -> [UInt8] {
        var depth = 0
        var isText = false
        var index = offset
        while index < count {
            let byte = self[index]
            if isText {
                if byte == UInt8(ascii: "\\") { index += 1 }
                if byte == UInt8(ascii: "\"") { isText = false }
            } else if byte == UInt8(ascii: "\"") {
                isText = true
            } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                depth += 1
            } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                depth -= 1
                if depth <= 0 { return Array(self[offset...index]) }
            }
            index += 1
        }
        return Array(self[offset...])
    }
}

extension JSONNode {
    func isNo(_ kind: String, _ name: String) -> AddFault {
        .wrong("'\(name)' must be \(kind), not \(article)")
    }

    func text(_ name: String) throws(AddFault) -> String {
        guard case .string(let text) = value else { throw isNo("a text", name) }
        return text
    }

    func texts(_ name: String) throws(AddFault) -> [String] {
        guard case .array(let elements) = value else { throw isNo("a list of texts", name) }
        var texts: [String] = []
        for element in elements { texts.append(try element.text(name)) }
        return texts
    }

    func flag(_ name: String) throws(AddFault) -> Bool {
        guard case .bool(let flag) = value else { throw isNo("true or false", name) }
        return flag
    }

    func whole(_ name: String) throws(AddFault) -> Int64 {
        guard case .number(let text) = value, let number = Int64(text) else {
            throw isNo("a whole number", name)
        }
        return number
    }

    func number(_ name: String) throws(AddFault) -> Double {
        guard case .number(let text) = value, let number = Double(text), number >= 0 else {
            throw isNo("a number that is not negative", name)
        }
        return number
    }
}
