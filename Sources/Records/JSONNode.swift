/// A JSON value that knows where it stands, so that what is wrong with it can be pointed at. Numbers stay text: 64-bit
/// ones would not survive a Double.
package struct JSONNode: Equatable, Sendable {
    package enum Value: Equatable, Sendable {
        case null
        case bool(Bool)
        case number(String)
        case string(String)
        case array([JSONNode])
        case object([Member])
    }

    /// In the order of the text, those of the same name included.
    package struct Member: Equatable, Sendable {
        package let name: String
        package let offset: Int
        package let value: JSONNode
    }

    package let value: Value
    /// In bytes from the start of the text.
    package let offset: Int

    /// In a sentence about something else that should stand there.
    package var article: String {
        switch value {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .number: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// Why a text is no JSON, and where that shows.
package struct JSONProblem: Error, Equatable {
    package let offset: Int
    package let sentence: String
}
