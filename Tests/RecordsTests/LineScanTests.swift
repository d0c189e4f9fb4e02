import Records
import Testing

struct LineScanTests {
    func scan(_ text: String) -> LineScan? {
        Array(text.utf8).withUnsafeBytes { LineScan($0) }
    }

    @Test func `the head is read wherever its members are`() throws {
        let found = try #require(
            scan(#"{"a":[1,{"type":"no"}],"session":"s","run":"r","type":"t"}"#))
        #expect(found.type == "t")
        #expect(found.run == "r")
        #expect(found.session == "s")
    }

    @Test(arguments: [
        "{}", "{\"a\":1}\n", " {\"a\" : [ 1 , -0.5e+3 , null ] } ", "{\"a\":\"\\u00e9\\n é 日本 😀\"}",
        "{\"a\":{\"b\":{}},\"c\":[[],[[]]]}",
    ])
    func `an object is an object`(text: String) {
        #expect(scan(text) != nil)
    }

    @Test(arguments: [
        "", "[]", "1", "null", "{", "{}}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}",
        "{\"a\":01}", "{\"a\":+1}", "{\"a\":.5}", "{\"a\":1.}", "{\"a\":tru}", "{\"a\":\"\u{1}\"}",
        "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"x}", "{} {}", "\u{FEFF}{}",
        "{\"a\":NaN}",
    ])
    func `anything else is none`(text: String) {
        #expect(scan(text) == nil)
    }

    @Test(
        arguments: [
            [0xFF], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80],
            [0xC3],
            [0xF4, 0x90, 0x80, 0x80],
        ] as [[UInt8]])
    func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
        let line = Array("{\"a\":\"12345678".utf8) + bytes + Array("\"}".utf8)
        #expect(line.withUnsafeBytes { LineScan($0) } == nil)
    }

    @Test func `depth is bounded`() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(scan("{\"a\":" + deep) == nil)
    }
}
