import Smelt
import Testing

struct SecretTests {
    static let value = "s3cr3t/Value+\"with\" <odd> \\ & é"

    private func found(_ text: String, _ values: String...) -> [String] {
        let bytes = Array(text.utf8)
        var matcher = SecretMatcher(SecretPatterns(values.map { Array($0.utf8) }))
        var ranges: [Range<Int>] = []
        matcher.feed(bytes) { ranges.append($0.bytes) }
        return ranges.map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    @Test(arguments: [
        value,
        "s3cr3t%2FValue%2B%22with%22%20%3Codd%3E%20%5C%20%26%20%C3%A9",
        "s3cr3t%2fValue%2b%22with%22+%3codd%3e+%5c+%26+%c3%a9",
        "s3cr3t/Value%2B%22with%22%20%3Codd%3E%20%5C%20%26%20%C3%A9",
        #"s3cr3t/Value+\"with\" <odd> \\ & é"#,
        #"s3cr3t\/Value+\"with\" <odd> \\ & \u00e9"#,
        #"s3cr3t/Value+\"with\" \u003codd\u003e \\ \u0026 é"#,
        "7333637233742f56616c75652b227769746822203c6f64643e205c202620c3a9",
    ])
    func `a value is found however it is written`(spelling: String) {
        #expect(found("before \(spelling) behind", Self.value) == [spelling])
    }

    @Test(arguments: 0..<6, [true, false])
    func `base 64 is found at every alignment and across lines`(before: Int, wrapped: Bool) throws {
        let text = String(repeating: "x", count: before) + Self.value + " and more"
        var encoded = Array(base64(Array(text.utf8)).utf8)
        if wrapped {
            for at in [30, 17, 9] { encoded.insert(contentsOf: "\r\n".utf8, at: at + before) }
        }
        let line = String(decoding: encoded, as: UTF8.self)
        #expect(found(line, Self.value).count == 1)
        #expect(found(line, "another value").isEmpty)
        let url = line.replacing("+", with: "-").replacing("/", with: "_")
        #expect(found(url, Self.value).count == 1)
    }

    @Test(arguments: 1...40)
    func `pieces of any size make no difference`(size: Int) {
        let text = Array("aaab abababac s3s3s3cret-1 s3cret-1s3cret-1 s3cret-".utf8)
        let patterns = SecretPatterns([Array("s3cret-1".utf8), Array("abababac".utf8)])
        var matcher = SecretMatcher(patterns)
        var ranges: [Range<Int>] = []
        for start in stride(from: 0, to: text.count, by: size) {
            matcher.feed(Array(text[start..<min(start + size, text.count)])) {
                ranges.append($0.bytes)
            }
        }
        #expect(ranges == [5..<13, 18..<26, 27..<35, 35..<43])
        #expect(matcher.heldBytes == 7)
    }

    @Test func `an encoded value that is broken off at a line end is held`() {
        var matcher = SecretMatcher(SecretPatterns([Array("0123456789abcdef".utf8)]))
        let encoded = base64(Array("0123456789abcdef".utf8))
        matcher.feed(Array(encoded.utf8.prefix(10)) + [13, 10]) { _ in }
        #expect(matcher.heldBytes == 12)
        matcher.feed(Array("no".utf8)) { _ in }
        #expect(matcher.heldBytes == 0)
    }

    @Test func `which of several secrets it was is told`() {
        var matcher = SecretMatcher(SecretPatterns([[1], Array("first-secret".utf8)]))
        var secrets: [Int] = []
        matcher.feed(Array("a first-secret".utf8)) { secrets.append($0.secret) }
        #expect(secrets == [1])
    }

    @Test func `short values and nothing match nothing`() {
        #expect(found("1234567 1234567", "1234567", "").isEmpty)
        #expect(SecretPatterns([Array("1234567".utf8)]).isEmpty)
    }

    @Test func `white space around a value does not count, inside it does`() {
        #expect(found("x line one\r\nline two x", "line one\nline two\n").count == 1)
    }

    private func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            var word = 0
            for index in 0..<3 {
                word = word << 8 | (start + index < bytes.count ? Int(bytes[start + index]) : 0)
            }
            for shift in [18, 12, 6, 0] { text.append(alphabet[word >> shift & 63]) }
        }
        return text
    }
}
