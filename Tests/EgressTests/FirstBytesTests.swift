import Records
import Smelt
import Testing

@testable import Egress

/// What clients say first: SOCKS, TLS; and what upstreams must not say.
@Suite struct FirstBytesTests {
    static func hello(_ name: String?, extra: [UInt8] = []) -> [UInt8] {
        func block(_ size: Int, _ bytes: [UInt8]) -> [UInt8] {
            (0..<size).reversed().map { UInt8(truncatingIfNeeded: bytes.count >> ($0 * 8)) } + bytes
        }
        var extensions: [UInt8] = [0, 10] + block(2, [0, 2, 0, 29])
        if let name {
            extensions += [0, 0] + block(2, block(2, [0] + block(2, Array(name.utf8))))
        }
        extensions += extra
        let body =
            [3, 3] + [UInt8](repeating: 7, count: 32) + block(1, []) + block(2, [0x13, 1])
            + block(1, [0]) + block(2, extensions)
        return [22, 3, 1] + block(2, [1] + block(3, body))
    }

    @Test func `the name of a hello is found at its last byte and not before`() {
        let bytes = Self.hello("a.example")
        for count in 0..<bytes.count {
            #expect(ClientHello.find(bytes[..<count]) == .more, "\(count)")
        }
        #expect(ClientHello.find(bytes[...]) == .name(Array("a.example".utf8)))
        #expect(ClientHello.find((bytes + [22, 3, 3])[...]) == .name(Array("a.example".utf8)))
        #expect(ClientHello.find(Self.hello(nil)[...]) == .name(nil))
    }

    @Test func `a hello in several records is one`() {
        let bytes = Self.hello("a.example")
        let message = Array(bytes.dropFirst(5))
        var cut: [UInt8] = []
        for byte in message { cut += [22, 3, 1, 0, 1, byte] }
        #expect(ClientHello.find(cut[...]) == .name(Array("a.example".utf8)))
    }

    @Test(
        arguments: [
            (Array("SSH-2.0".utf8), .notTLS), (Array("GET / HTTP".utf8), .notTLS),
            ([22, 2], .broken),
            ([22, 3, 1, 0, 0], .broken), ([22, 3, 1, 0xFF, 0xFF], .broken),
            ([22, 3, 1, 0, 4, 2, 0, 0, 0], .broken), ([22, 3, 1, 0, 4, 1, 0, 0, 0], .broken),
            ([22, 3, 1, 0, 4, 1, 0xFF, 0, 0], .broken), ([22, 3, 1, 0, 1, 1, 23], .broken),
        ] as [([UInt8], ClientHello.Finding)])
    func `what is no hello is told`(bytes: [UInt8], finding: ClientHello.Finding) {
        #expect(ClientHello.find(bytes[...]) == finding)
    }

    @Test(
        arguments: [
            ("GET /", true), ("POST http://", true), ("GET", nil), ("GET ", nil), ("", nil),
            ("EHLO x", false),
            ("PING\r\n", false), ("PRI * HTTP/2.0", false), ("get /", false), ("\0", false),
            (String(repeating: "A", count: 21), false),
        ] as [(String, Bool?)])
    func `a tunnel tells HTTP by its first bytes`(text: String, begins: Bool?) {
        #expect(HTTPHead.begins(Array(text.utf8)) == begins)
    }

    @Test func `two names are none`() {
        let second: [UInt8] = [0, 0, 0, 6, 0, 4, 0, 0, 1, 98]
        #expect(ClientHello.find(Self.hello("a", extra: second)[...]) == .broken)
        let empty: [UInt8] = [0, 0, 0, 5, 0, 3, 0, 0, 0]
        #expect(ClientHello.find(Self.hello(nil, extra: empty)[...]) == .broken)
    }

    @Test func `a SOCKS client is greeted when it may come without a password`() {
        #expect(SocksRequest.greeting([5, 2, 0]) == .more)
        #expect(SocksRequest.greeting([5, 2, 2, 0, 9]) == .methods(open: true, length: 4))
        #expect(SocksRequest.greeting([5, 1, 2]) == .methods(open: false, length: 3))
        #expect(SocksRequest.greeting([4, 1, 0]) == .wrong)
        #expect(SocksRequest.greeting([5, 0]) == .wrong)
    }

    @Test(
        arguments: [
            ([5, 1, 0, 3, 1, 97, 0, 80], .connect(.name("a"), port: 80, length: 8)),
            ([5, 1, 0, 3, 1, 97, 0, 80, 9], .connect(.name("a"), port: 80, length: 8)),
            ([5, 1, 0, 3, 1, 97, 0], .more), ([5, 1, 0, 3], .more),
            ([5, 1, 0, 3, 3, 97, 0, 98, 0, 80], .nowhere(shown: "a\0b", port: 80)),
            ([5, 1, 0, 3, 0, 0, 80], .nowhere(shown: "", port: 80)),
            ([5, 1, 0, 3, 1, 97, 0, 0], .nowhere(shown: "a", port: 0)),
            ([5, 2, 0, 1, 1, 1, 1, 1, 0, 80], .wrong(reply: 7)),
            ([5, 3, 0, 1, 1, 1, 1, 1, 0, 80], .wrong(reply: 7)),
            ([5, 1, 0, 2, 1, 1, 1, 1, 0, 80], .wrong(reply: 8)),
            ([4, 1, 0, 1, 1, 1, 1, 1, 0, 80], .wrong(reply: 1)),
            ([5, 1, 1, 1, 1, 1, 1, 1, 0, 80], .wrong(reply: 1)),
        ] as [([UInt8], SocksRequest.Target)])
    func `a SOCKS request names a host and a port`(bytes: [UInt8], target: SocksRequest.Target) {
        #expect(SocksRequest.target(bytes[...]) == target)
    }

    @Test func `an address is one, however it is written`() throws {
        let address = try #require(NetworkAddress("10.0.0.1"))
        #expect(
            SocksRequest.target([5, 1, 0, 1, 10, 0, 0, 1, 0, 80])
                == .connect(.address(address), port: 80, length: 10))
        #expect(
            SocksRequest.target(([5, 1, 0, 3, 8] + Array("10.0.0.1".utf8) + [0, 80])[...])
                == .connect(.address(address), port: 80, length: 15))
    }

    @Test func `what may begin a secret waits, and what is flushed is not sent twice`() {
        var mask = Mask(SecretPatterns([Array("s3cret-value".utf8)]))
        #expect(mask.pass(Array("data: s3c".utf8)) == Array("data: ".utf8) && mask.isHolding)
        #expect(mask.finish() == Array("s3c".utf8) && !mask.isHolding)
        #expect(mask.pass(Array("ret-value!".utf8)) == Array("*********!".utf8))
    }

    @Test func `a secret is masked wherever the bytes are cut`() {
        let secret = Array("s3cret-value".utf8)
        let text = Array("x-key: ".utf8) + secret + Array("\r\ns3cret no s3cret-valu".utf8)
        let wanted = Array("x-key: ************\r\ns3cret no s3cret-valu".utf8)
        for cut in 0...text.count {
            var mask = Mask(SecretPatterns([secret]))
            let got =
                mask.pass(Array(text[..<cut])) + mask.pass(Array(text[cut...])) + mask.finish()
            #expect(got == wanted, "\(cut)")
        }
    }
}
