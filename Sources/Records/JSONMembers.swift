/// An object of JSON, member after member. Who adds them does so in the order of their names; what is nil is left out.
struct JSONMembers {
    private var bytes = [UInt8(ascii: "{")]

    var object: [UInt8] { bytes + [UInt8(ascii: "}")] }

    mutating func add(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        begin(name)
        JSONText.appendQuoted(Array(text.utf8)[...], to: &bytes)
    }

    mutating func add(_ name: StaticString, _ number: Int?) {
        guard let number else { return }
        begin(name)
        bytes += String(number).utf8
    }

    /// The fault is a number that JSON has none for.
    mutating func add(_ name: StaticString, _ number: Double?) throws(NotFinite) {
        guard let number else { return }
        guard number.isFinite else { throw NotFinite(number: number) }
        begin(name)
        let text = number.description
        bytes += text.hasSuffix(".0") ? text.dropLast(2).utf8 : text[...].utf8
    }

    mutating func add(_ name: StaticString, _ flag: Bool?) {
        guard let flag else { return }
        begin(name)
        bytes += (flag ? "true" : "false").utf8
    }

    mutating func add(_ name: StaticString, _ members: JSONMembers?) {
        guard let members else { return }
        begin(name)
        bytes += members.object
    }

    private mutating func begin(_ name: StaticString) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        bytes += UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        bytes += "\":".utf8
    }
}

struct NotFinite: Error, CustomStringConvertible {
    let number: Double
    var description: String { "\(number) is no number of JSON" }
}
