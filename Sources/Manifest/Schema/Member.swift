/// What a member of a record holds.
indirect enum MemberShape: Sendable {
    case text
    case flag
    /// Whole numbers from `least` on.
    case integer(least: Int)
    case number(least: Double)
    /// RFC 3339, UTC, milliseconds.
    case time
    /// A full object name of git, 40 or 64 hexadecimal digits.
    case commit
    case sha256
    case base64
    case choice([String])
    case list(MemberShape)
    case map(MemberShape)
    /// One of `JobTables` or `RecordTables.parts`.
    case object(String)
    case any
}

/// One member of a record or of an object in it.
struct Member: Sendable {
    let name: String
    let shape: MemberShape
    let isOptional: Bool
    let meaning: String

    init(_ name: String, _ shape: MemberShape, optional: Bool = false, _ meaning: String) {
        (self.name, self.shape, self.isOptional, self.meaning) = (name, shape, optional, meaning)
    }
}

/// A record type, or a kind of object in records.
struct MemberTable: Sendable {
    /// The record's `type`, or the object's name in the schema.
    let name: String
    let meaning: String
    let members: [Member]

    init(_ name: String, _ meaning: String, _ members: [Member]) {
        (self.name, self.meaning, self.members) = (name, meaning, members)
    }
}
