/// What a key's value may be.
package indirect enum Shape: Sendable {
    case text
    /// Text that may be empty.
    case emptyText
    case flag
    /// Whole numbers.
    case integer(ClosedRange<Int>)
    /// Numbers, or the same as text.
    case number(ClosedRange<Double>)
    /// Seconds, or text such as `"1h30m"`.
    case duration(ClosedRange<Double>)
    /// Bytes, or text such as `"512M"`.
    case size(ClosedRange<Int>)
    case choice([String])
    case list(Shape)
    /// Names to texts.
    case map
    case table(Section)
    case tables(Section)
    /// One of several shapes; the reader tells them apart.
    case either([Shape])
    /// Anything that has a JSON form.
    case any
}

/// One key of a section, as the reader, the schema and the pages know it.
package struct Key: Sendable {
    package let name: String
    package let shape: Shape
    package let isRequired: Bool
    /// Shown in the schema; the value itself is filled in by the reader.
    package let normally: String?
    package let meaning: String

    package init(
        _ name: String, _ shape: Shape, required: Bool = false, normally: String? = nil,
        _ meaning: String
    ) {
        self.name = name
        self.shape = shape
        self.isRequired = required
        self.normally = normally
        self.meaning = meaning
    }
}

/// A table of a file: its keys, in the order in which people write them.
package struct Section: Sendable {
    package let name: String
    package let keys: [Key]
    /// Whether keys that are not listed are passed through.
    package let isOpen: Bool
    package let meaning: String

    package init(_ name: String, _ meaning: String, open: Bool = false, _ keys: [Key]) {
        self.name = name
        self.keys = keys
        self.isOpen = open
        self.meaning = meaning
    }

    func key(_ name: String) -> Key? { keys.first { $0.name == name } }
}
