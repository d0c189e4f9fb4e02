/// What is said, both ways, of a connection that was made inside to a listener of ours and is carried over the connection
/// to `smelt-inside`. Each has a number, from 1 on since the listeners were opened.
package enum InsideRelay: Equatable, Sendable {
    /// Only from inside. Listeners are counted from 0.
    case accepted(UInt32, listener: Int)
    /// At most as many bytes as the window has room for.
    case data(UInt32, ArraySlice<UInt8>)
    /// Nothing more comes; or it is broken, in both directions.
    case over(UInt32, isBroken: Bool)
    /// There is room for so many more bytes.
    case room(UInt32, Int)

    var kind: Unicode.Scalar {
        switch self {
        case .accepted: "a"
        case .data: "d"
        case .over: "c"
        case .room: "w"
        }
    }

    var body: [UInt8] {
        switch self {
        case .accepted(let id, let listener):
            InsideFrame.number(id) + InsideFrame.number(UInt32(listener))
        case .data(let id, let bytes): InsideFrame.number(id) + bytes
        case .over(let id, let isBroken):
            InsideFrame.number(id) + InsideFrame.number(isBroken ? 1 : 0)
        case .room(let id, let count):
            InsideFrame.number(id) + InsideFrame.number(UInt32(count))
        }
    }

    /// Nil for what is none.
    init?(kind: UInt8, _ body: ArraySlice<UInt8>) {
        guard body.count >= 4 else { return nil }
        let id = InsideFrame.number(in: body, at: 0)
        if kind == UInt8(ascii: "d") {
            guard body.count > 4 else { return nil }
            self = .data(id, body.dropFirst(4))
            return
        }
        guard body.count == 8 else { return nil }
        let value = InsideFrame.number(in: body, at: 4)
        switch (kind, value) {
        case (UInt8(ascii: "a"), _): self = .accepted(id, listener: Int(value))
        case (UInt8(ascii: "c"), 0...1): self = .over(id, isBroken: value == 1)
        case (UInt8(ascii: "w"), _): self = .room(id, Int(value))
        default: return nil
        }
    }
}
