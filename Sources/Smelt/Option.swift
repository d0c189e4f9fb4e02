/// What an option's argument may be: the word for the usage line, the words for a complaint, and
/// how the text becomes a value.
package struct Kind<Value: Sendable>: Sendable {
    package let placeholder: String
    package let wants: String
    package let parse: @Sendable (String) -> Value?

    package init(
        _ placeholder: String, wants: String, parse: @escaping @Sendable (String) -> Value?
    ) {
        self.placeholder = placeholder
        self.wants = wants
        self.parse = parse
    }
}

extension Kind where Value == Bool {
    /// Takes no argument.
    package static var flag: Kind { Kind("", wants: "nothing") { _ in true } }
}

extension Kind where Value == String {
    package static var text: Kind { text("TEXT") }
    package static var file: Kind { text("FILE") }
    package static var directory: Kind { text("DIR") }

    package static func text(_ placeholder: String) -> Kind {
        Kind(placeholder, wants: "a value") { $0.isEmpty ? nil : $0 }
    }

    package static func choice(_ words: [String]) -> Kind {
        Kind(list(words, "|"), wants: "one of \(list(words, ", "))") {
            words.contains($0) ? $0 : nil
        }
    }

    /// `joined(separator:)` looks up conformances, which costs a command a tenth of its start.
    private static func list(_ words: [String], _ separator: String) -> String {
        words.dropFirst().reduce(words.first ?? "") { "\($0)\(separator)\($1)" }
    }
}

extension Kind where Value == Double {
    /// Seconds, from `90s`, `1h30m` or a plain number.
    package static var duration: Kind {
        Kind("DURATION", wants: "a duration such as 90s or 1h", parse: Quantity.seconds)
    }
}

extension Kind where Value == Int {
    package static var size: Kind {
        Kind("SIZE", wants: "a size such as 512M or 4GiB", parse: Quantity.bytes)
    }

    package static func number(_ range: ClosedRange<Int>) -> Kind {
        Kind("N", wants: "a number from \(range.lowerBound) to \(range.upperBound)") {
            Int($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension Kind where Value == RunID {
    package static var run: Kind {
        Kind("RUN", wants: "a run id of 26 characters") { RunID($0) }
    }
}

/// What every option has, whatever its value's type.
package protocol Declared: Sendable {
    var name: String { get }
    var short: Character? { get }
    /// Empty for a flag.
    var placeholder: String { get }
    var wants: String { get }
    var help: String { get }
    func accepts(_ text: String) -> Bool
}

/// One row of a command's table. The same table makes the parser, `--help`, the completions and
/// the check of the page.
package struct Option<Value: Sendable>: Declared {
    package let name: String
    package let short: Character?
    package let kind: Kind<Value>
    package let help: String

    package init(_ name: String, _ short: Character? = nil, _ kind: Kind<Value>, _ help: String) {
        self.name = name
        self.short = short
        self.kind = kind
        self.help = help
    }

    package var placeholder: String { kind.placeholder }
    package var wants: String { kind.wants }
    package func accepts(_ text: String) -> Bool { kind.parse(text) != nil }
}

/// The words of one call, checked against the table: every lookup is of a value that parsed.
package struct Words: Sendable {
    package let operands: [String]
    let given: [(name: String, text: String)]
    /// How many of the operands, the last ones, stood behind `--`.
    package let behindDashes: Int

    /// The last value given, nil when there was none.
    package subscript<Value>(_ option: Option<Value>) -> Value? {
        all(option).last
    }

    package subscript(_ flag: Option<Bool>) -> Bool {
        given.contains { $0.name == flag.name }
    }

    package var hasNoOptions: Bool { given.isEmpty }

    /// Whether the option of that name was given at all.
    package func has(_ name: String) -> Bool { given.contains { $0.name == name } }

    /// Every value given, in order, for options that may be repeated.
    package func all<Value>(_ option: Option<Value>) -> [Value] {
        // A loop, since a chain of generics costs each start a tenth of a millisecond.
        var values: [Value] = []
        for one in given where one.name == option.name {
            if let value = option.kind.parse(one.text) { values.append(value) }
        }
        return values
    }
}
