import Records
import Testing

@testable import Egress

@Suite struct NameTests {
    static func query(_ labels: [String], type: UInt16 = 1, flags: UInt16 = 0x0100) -> [UInt8] {
        var bytes: [UInt8] = [
            0x12, 0x34, UInt8(flags >> 8), UInt8(flags & 255), 0, 1, 0, 0, 0, 0, 0, 0,
        ]
        for label in labels { bytes += [UInt8(label.utf8.count)] + Array(label.utf8) }
        return bytes + [0, UInt8(type >> 8), UInt8(type & 255), 0, 1]
    }

    static func server() -> NameServer {
        NameServer(Policy([NetworkRule("*.example")].compactMap { $0 }))
    }

    @Test func `an allowed name gets an address of its own, and keeps it`() throws {
        var server = Self.server()
        let first = try #require(server.answer(Self.query(["A", "Example"])[...]).bytes)
        #expect(first[2...3] == [0x85, 0x80] && first.suffix(4) == [127, 100, 0, 1])
        #expect(
            server.answer(Self.query(["b", "example"])[...]).bytes?.suffix(4) == [127, 100, 0, 2])
        #expect(
            server.answer(Self.query(["a", "example"])[...]).bytes?.suffix(4) == [127, 100, 0, 1])
        #expect(NetworkAddress("127.100.0.1").map(server.name) == .some("a.example"))
        #expect(NetworkAddress("127.100.0.3").map(server.name) == .some(nil))
        #expect(NetworkAddress("127.0.0.1").map(server.name) == .some(nil))
        #expect(NetworkAddress("127.100.0.0").map(server.name) == .some(nil))
    }

    @Test(
        arguments: [
            (["a", "test"], 1, 3, "a.test"), (["a", "example"], 28, 0, nil),
            (["a", "example"], 16, 0, nil),
            (["a", "test"], 16, 3, "a.test"), (["a\0", "example"], 1, 3, "a\0.example"),
            (["1", "2", "3", "4"], 1, 3, "1.2.3.4"), (["localhost"], 1, 0, nil),
        ] as [([String], UInt16, UInt8, String?)])
    func `nothing else is answered with data`(
        labels: [String], type: UInt16, code: UInt8, refused: String?
    ) throws {
        var server = Self.server()
        let (bytes, name) = server.answer(Self.query(labels, type: type)[...])
        let answer = try #require(bytes)
        #expect(answer[3] & 15 == code && name == refused)
        #expect(answer[7] == (labels == ["localhost"] ? 1 : 0))
    }

    @Test func `an address is asked for its name`() throws {
        var server = Self.server()
        _ = server.answer(Self.query(["a", "example"])[...])
        let known = Self.query(["1", "0", "100", "127", "in-addr", "arpa"], type: 12)
        let answer = try #require(server.answer(known[...]).bytes)
        #expect(
            answer.suffix(11) == [1, 97, 7]
                + Array("example".utf8) + [0])
        let other = Self.query(["1", "0", "0", "10", "in-addr", "arpa"], type: 12)
        let none = try #require(server.answer(other[...]).bytes)
        #expect(none[3] & 15 == 3)
    }

    @Test(
        arguments: [
            (Array(query(["a"]).prefix(11)), nil), (query(["a"], flags: 0x8000), nil),
            (query(["a"], flags: 0x2000), 4), (Array(query(["a"]).dropLast()), 1),
            ([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0, 0x0C, 0, 1, 0, 1], 1),
            ([0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1], 1),
            (query(["a.b"]), 1), (Array(query(["a"]).dropLast()) + [3], 5),
            (query(Array(repeating: String(repeating: "a", count: 60), count: 5)), 1),
        ] as [([UInt8], UInt8?)])
    func `what is no plain question is answered with a code or not at all`(
        bytes: [UInt8], code: UInt8?
    ) {
        var server = Self.server()
        #expect(server.answer(bytes[...]).bytes.map { $0[3] & 15 } == code)
    }

    @Test func `there are only so many names`() throws {
        var table = NameTable()
        for number in 0..<NameTable.most { #expect(table.address(of: "\(number).example") != nil) }
        #expect(table.address(of: "more.example") == nil)
        #expect(NetworkAddress("127.100.64.0").map(table.name) == .some("16383.example"))
    }
}
