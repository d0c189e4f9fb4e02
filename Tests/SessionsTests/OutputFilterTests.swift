import Sessions
import Smelt
import Testing

struct OutputFilterTests {
    let secret = "s3cr3t/value+of=mine"

    /// Everything that leaves when `text` comes in pieces of `size` bytes.
    func filtered(_ text: [UInt8], pieces size: Int) -> String {
        var filter = OutputFilter(SecretPatterns([Array(secret.utf8)]))
        var out: [UInt8] = []
        var rest = text[...]
        while !rest.isEmpty {
            out += filter.feed(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        return String(decoding: out + filter.flush(), as: UTF8.self)
    }

    @Test(arguments: 1...40)
    func `a secret is masked wherever its bytes are cut`(size: Int) {
        let text = "before \(secret) between \(secret)\(secret) s3cr3t/valueX after"
        #expect(
            filtered(Array(text.utf8), pieces: size)
                == "before *** between ****** s3cr3t/valueX after")
    }

    @Test(arguments: 1...7)
    func `text without secrets comes out as it went in`(size: Int) {
        let text = String(repeating: "häßlich 日本 😀 s3cr3t s3cr3t/\n", count: 20)
        #expect(filtered(Array(text.utf8), pieces: size) == text)
    }

    @Test func `what cannot begin a secret does not wait`() {
        var filter = OutputFilter(SecretPatterns([Array(secret.utf8)]))
        #expect(filter.feed(Array("hello".utf8)[...]) == Array("hello".utf8))
        #expect(filter.waiting == nil)
        #expect(filter.feed(Array("and s3".utf8)[...]) == Array("and ".utf8))
        #expect(filter.waiting == .secret)
        #expect(filter.flush() == Array("s3".utf8))
        #expect(filter.feed(Array("cr3t/value+of=mine".utf8)[...]) == OutputFilter.mask)
    }

    @Test func `half a character waits a moment`() {
        var filter = OutputFilter(SecretPatterns([]))
        #expect(filter.feed([0x61, 0xE6, 0x97]) == [0x61])
        #expect(filter.waiting == .character)
        #expect(filter.feed([0xA5]) == [0xE6, 0x97, 0xA5])
    }
}
