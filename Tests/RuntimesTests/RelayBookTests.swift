import Testing

@testable import Runtimes

/// The books of connections that are carried, against whatever may be said inside.
@Suite struct RelayBookTests {
    private static let full = ArraySlice([UInt8](repeating: 7, count: RelayBook.window))

    /// With one connection.
    private func opened() throws -> RelayBook {
        var book = RelayBook(listeners: 2)
        #expect(try book.take(.accepted(1, listener: 1)) == .open(1, listener: 1))
        return book
    }

    @Test func `bytes pass as they come and are credited when they were passed on`() throws {
        var book = try opened()
        #expect(try book.take(.data(1, Self.full)) == .pass(1, Self.full))
        #expect(throws: RuntimeFault.badAnswer) { try book.take(.data(1, [1])) }
        #expect(book.pass(1, 1000) == nil)
        #expect(book.pass(1, 40_000) == .room(1, 41_000))
        #expect(try book.take(.data(1, Self.full.prefix(41_000))) != .nothing)
        #expect(throws: RuntimeFault.badAnswer) { try book.take(.data(1, [1])) }
    }

    @Test func `no more is said than inside has room for`() throws {
        var book = try opened()
        #expect(book.room(1) == RelayBook.window)
        book.say(1, RelayBook.window)
        #expect(book.room(1) == 0)
        #expect(try book.take(.room(1, 5)) == .nothing)
        #expect(book.room(1) == 5)
        book.end(1)
        #expect(book.room(1) == 0)
    }

    @Test(
        arguments: [
            [.accepted(0, listener: 0)], [.accepted(2, listener: 0)], [.accepted(1, listener: 2)],
            [.accepted(1, listener: 0), .accepted(1, listener: 0)],
            [.data(1, [1])], [.over(1, isBroken: true)], [.room(0, 1)],
            [.accepted(1, listener: 0), .data(2, [1])],
            [.accepted(1, listener: 0), .room(1, 1)],
            [.accepted(1, listener: 0), .over(1, isBroken: false), .over(1, isBroken: false)],
            [.accepted(1, listener: 0), .over(1, isBroken: false), .data(1, [1])],
        ] as [[InsideRelay]])
    func `what smelt-inside never says is a fault`(_ words: [InsideRelay]) throws {
        var book = RelayBook(listeners: 2)
        for word in words.dropLast() { _ = try book.take(word) }
        let last = try #require(words.last)
        #expect(throws: RuntimeFault.badAnswer) { try book.take(last) }
    }

    @Test func `what is said of one that is over is about nothing`() throws {
        var book = try opened()
        #expect(try book.take(.over(1, isBroken: true)) == .drop(1))
        for late in [.data(1, Self.full), .over(1, isBroken: false), .room(1, 9)] as [InsideRelay] {
            #expect(try book.take(late) == .nothing)
        }
        #expect(book.room(1) == 0)
        #expect(book.pass(1, RelayBook.window) == nil)
        #expect(book.count == 0)
    }

    @Test func `each side ends for itself`() throws {
        var book = try opened()
        #expect(try book.take(.over(1, isBroken: false)) == .end(1))
        #expect(book.ended(1) == (false, true))
        #expect(book.room(1) == RelayBook.window)
        book.end(1)
        #expect(book.ended(1) == (true, true))
    }

    @Test func `there are no more at once than there is room for`() throws {
        var book = RelayBook(listeners: 1)
        for id in 1...UInt32(RelayBook.most) {
            #expect(try book.take(.accepted(id, listener: 0)) == .open(id, listener: 0))
        }
        let next = UInt32(RelayBook.most) + 1
        #expect(try book.take(.accepted(next, listener: 0)) == .refuse(next))
        book.forget(7)
        #expect(try book.take(.accepted(next + 1, listener: 0)) == .open(next + 1, listener: 0))
        #expect(book.count == RelayBook.most)
    }

    @Test(
        arguments: [
            (.accepted(1, listener: 2), "a"), (.data(3, [9, 8]), "d"),
            (.over(1, isBroken: true), "c"),
            (.over(.max, isBroken: false), "c"), (.room(5, 65_536), "w"),
        ] as [(InsideRelay, Unicode.Scalar)])
    func `a word is read as it was written`(_ word: InsideRelay, kind: Unicode.Scalar) {
        #expect(word.kind == kind)
        #expect(InsideRelay(kind: UInt8(ascii: kind), word.body[...]) == word)
        for count in 0..<word.body.count where kind != "d" {
            #expect(InsideRelay(kind: UInt8(ascii: kind), word.body.prefix(count)) == nil)
        }
    }

    @Test(
        arguments: [
            ("d", [1, 0, 0, 0]), ("c", [1, 0, 0, 0, 2, 0, 0, 0]), ("w", []),
        ] as [(Unicode.Scalar, [UInt8])])
    func `what is no word is none`(_ kind: Unicode.Scalar, body: [UInt8]) {
        #expect(InsideRelay(kind: UInt8(ascii: kind), body[...]) == nil)
    }
}
