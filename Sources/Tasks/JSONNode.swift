/// A JSON value that knows where it stands, so that what is wrong with it can be pointed at. Numbers stay text: 64-bit
/// ones would not survive a Double.
struct JSONNode: Equatable, Sendable {
    enum Value: Equatable, Sendable {
        case null
        case bool(Bool)
        case number(String)
        case string(String)
        case array([JSONNode])
        case object([Member])
    }

    /// In the order of the text, those of the same name included.
    struct Member: Equatable, Sendable {
        let name: String
        let offset: Int
        let value: JSONNode
    }

    let value: Value
    /// In bytes from the start of the text.
    let offset: Int

    /// In a sentence about something else that should stand there.
    var article: String {
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
struct JSONProblem: Error, Equatable {
    let offset: Int
    let sentence: String
}
