// What the books need of their module.
package enum RuntimeFault: Error { case badAnswer }
enum InsideFrame {
    static func number(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    static func number(in bytes: ArraySlice<UInt8>, at offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[bytes.startIndex + offset + $1]) << (8 * $1) }
    }
}

/// Whatever is said of connections, between what is done here, in any order: no more is held than the window allows, and
/// nothing comes of one that is not there. Each entry is a kind, a length, and so many bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var rest = Array(UnsafeBufferPointer(start: start, count: count))[...]
    var book = RelayBook(listeners: 3)
    // Connections and the bytes of each that were not passed on.
    var held: [UInt32: Int] = [:]
    while rest.count >= 2, let kind = rest.popFirst(), let length = rest.popFirst() {
        let body = rest.prefix(Int(length))
        rest = rest.dropFirst(Int(length))
        if let word = InsideRelay(kind: kind, body) {
            precondition(word.body == Array(body), "it is written otherwise than it was read")
            guard let news = try? book.take(many(word)) else { return 0 }
            switch news {
            case .nothing: break
            case .open(let id, let listener):
                precondition(held[id] == nil && listener < 3, "opened twice")
                held[id] = 0
            case .refuse(let id): precondition(held[id] == nil && held.count == RelayBook.most)
            case .pass(let id, let bytes):
                guard let before = held[id] else { preconditionFailure("of nobody") }
                held[id] = before + bytes.count
                precondition(before + bytes.count <= RelayBook.window, "more than the window")
            case .end(let id): precondition(held[id] != nil && book.ended(id).inside)
            case .drop(let id): precondition(held.removeValue(forKey: id) != nil)
            }
        } else if let id = body.first.map({ UInt32($0) }), let before = held[id] {
            switch kind % 4 {
            case 0:
                book.forget(id)
                held[id] = nil
            case 1: book.end(id)
            case 2: book.say(id, book.room(id) / 2)
            default:
                if case .room(let same, let sum)? = book.pass(id, before) {
                    precondition(same == id && (1...RelayBook.window).contains(sum))
                }
                held[id] = 0
            }
            precondition((0...RelayBook.window).contains(book.room(id)), "no room is like that")
        }
        precondition(book.count == held.count && held.count <= RelayBook.most, "miscounted")
    }
    return 0
}

/// A short input stands for much data.
private func many(_ word: InsideRelay) -> InsideRelay {
    guard case .data(let id, let bytes) = word, let last = bytes.last else { return word }
    return .data(id, ArraySlice(repeating: last, count: bytes.count * (1 + Int(last))))
}
