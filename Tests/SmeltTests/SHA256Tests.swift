import Smelt
import Testing

struct SHA256Tests {
    /// From FIPS 180-4's examples and the NIST test vectors.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `known texts have their known digests`(text: String, digest: String) {
        #expect(SHA256.digest(Array(text.utf8)) == digest)
    }

    @Test func `a million letters have their known digest`() {
        #expect(
            SHA256.digest([UInt8](repeating: 0x61, count: 1_000_000))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test(arguments: [1, 7, 55, 56, 63, 64, 65, 119, 128])
    func `pieces of any size make the same digest`(size: Int) {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var sum = SHA256()
        for start in stride(from: 0, to: bytes.count, by: size) {
            sum.update(bytes[start..<min(bytes.count, start + size)])
        }
        #expect(sum.finish() == SHA256.digest(bytes))
    }

    @Test(arguments: 0..<130)
    func `the padding is right at every length`(length: Int) throws {
        let bytes = [UInt8](repeating: 0x61, count: length)
        var program = Command("sha256sum")
        program.input = .bytes(bytes)
        #expect(try program.run().text.hasPrefix(SHA256.digest(bytes)))
    }
}
