import Testing

@testable import Records

@Suite struct JSONParserTests {
    @Test func `values are read with their places`() throws {
        let text = "\n{\"a\": [1, -2.5e+3, \"x\"], \"b\" : {}, \"a\":null, \"c\":[true,false,[]]}  "
        let node = try JSONParser.parse(Array(text.utf8))
        #expect(node.offset == 1)
        guard case .object(let members) = node.value else {
            Issue.record("no object")
            return
        }
        #expect(
            members.map(\.name) == ["a", "b", "a", "c"] && members.map(\.offset) == [2, 26, 36, 46])
        let list: [JSONNode] = [
            .init(value: .number("1"), offset: 8), .init(value: .number("-2.5e+3"), offset: 11),
            .init(value: .string("x"), offset: 20),
        ]
        #expect(members.first?.value == JSONNode(value: .array(list), offset: 7))
    }

    @Test(arguments: [
        (#""plain""#, "plain"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#""\u00e9\u20AC""#, "é€"), (#""\ud83d\ude00""#, "😀"), ("\"é😀\"", "é😀"), ("\"\"", ""),
        (#""\u0000""#, "\0"),
    ])
    func `strings mean what RFC 8259 says`(text: String, value: String) throws {
        #expect(try JSONParser.parse(Array(text.utf8)).value == .string(value))
    }

    @Test(arguments: [
        ("", 0), ("  ", 2), ("{", 1), ("[1,]", 3), ("{\"a\":1,}", 7), ("{a:1}", 1), ("01", 1),
        ("-", 1), ("1.", 2), ("1e", 2), ("+1", 0), (".5", 0), ("tru", 0), ("nul", 0), ("[1 2]", 3),
        ("{\"a\" 1}", 5), ("\"a", 2), ("\"\t\"", 1), (#""\x""#, 2), (#""\u12g4""#, 3),
        (#""\ud800""#, 3), (#""\ud800\u0041""#, 3), (#""\udc00""#, 3), (#""\u+123""#, 3),
        ("1 2", 2),
        ("\u{FEFF}1", 0), ("'a'", 0), ("NaN", 0), ("// x\n1", 0),
    ])
    func `anything else is refused at its place`(text: String, offset: Int) {
        let problem = #expect(throws: JSONProblem.self) { try JSONParser.parse(Array(text.utf8)) }
        #expect(problem?.offset == offset, "\(problem?.sentence ?? "")")
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        for bytes in [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
        ] as [[UInt8]] {
            #expect(throws: JSONProblem.self) { try JSONParser.parse(bytes) }
        }
    }

    @Test func `depth is bounded`() throws {
        let deep = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        _ = try JSONParser.parse(Array(deep.utf8))
        let deeper = String(repeating: "[", count: 100_000)
        #expect(throws: JSONProblem(offset: 32, sentence: "this is nested too deep")) {
            try JSONParser.parse(Array(deeper.utf8))
        }
    }
}
