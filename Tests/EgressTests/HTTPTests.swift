import Records
import Testing

@testable import Egress

@Suite struct HTTPTests {
    static func read(_ text: String, request: Bool = true) -> HTTPHead.Finding {
        var reader = HTTPHeadReader(request: request)
        return reader.find(Array(text.utf8))
    }

    static func head(_ text: String, request: Bool = true) -> HTTPHead? {
        if case .head(let head) = read(text, request: request) { return head }
        return nil
    }

    @Test func `a head is read whole, also when it comes byte by byte`() throws {
        let text = "GET /x?y HTTP/1.1\r\nHost: a.example\r\nEmpty:\r\nX: \t b c \r\n\r\n"
        var reader = HTTPHeadReader(request: true)
        for count in 1..<text.utf8.count {
            guard case .more = reader.find(Array(text.utf8.prefix(count))) else {
                Issue.record("\(count)")
                return
            }
        }
        guard case .head(let head) = reader.find(Array(text.utf8) + [65]) else {
            Issue.record("no head")
            return
        }
        #expect(
            head.start == .request(method: "GET") && head.minor == 1
                && head.bytes.count == text.utf8.count)
        #expect(head.values("x").map { String(decoding: $0, as: UTF8.self) } == ["b c"])
        #expect(head.values("empty").map(\.count) == [0])
        let target = try #require(HTTPTarget(head))
        #expect(target.host == .name("a.example") && target.port == 80 && target.path == "/x?y")
    }

    @Test(arguments: [
        "GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\nHost: a\n\r\n",
        "\r\nGET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "GET / HTTP/1.1\r\n: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost\r\n\r\n",
        "GET / HTTP/1.1\r\nHo\0st: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n",
        "GET / HTTP/1.1\r\nX: a\rb\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n", "GET / x HTTP/1.1\r\n\r\n",
        "GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.2\r\n\r\n", "GET / http/1.1\r\n\r\n",
        "GET /\r\n\r\n",
        "get / HTTP/1.1\r\n\r\n", "G\u{e9}T / HTTP/1.1\r\n\r\n", "GET /\u{e9} HTTP/1.1\r\n\r\n",
        "GET /\t HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}",
        "GET / HTTP/1.1\r\n"
            + String(repeating: "a: b\r\n", count: 129) + "\r\n",
        "GET /" + String(repeating: "a", count: 20_000) + " HTTP/1.1\r\n\r\n",
        String(repeating: "A", count: 70_000),
    ])
    func `what could be read in two ways is not read`(text: String) {
        if case .wrong = Self.read(text) { return }
        Issue.record("it was read")
    }

    @Test(
        arguments: [
            ("Content-Length: 5", .length(5)), ("Transfer-Encoding: chunked", .chunked),
            ("Transfer-Encoding: Chunked", .chunked), ("X: y", HTTPBody.Framing.none),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked", nil),
            ("Content-Length: 5\r\nContent-Length: 5", nil), ("Content-Length: 5, 5", nil),
            ("Content-Length: +5", nil), ("Content-Length: -1", nil), ("Content-Length: 0x5", nil),
            ("Content-Length:", nil), ("Content-Length: 9999999999999999", nil),
            ("Transfer-Encoding: gzip, chunked", nil), ("Transfer-Encoding: chunked, chunked", nil),
            ("Transfer-Encoding: xchunked", nil), ("Transfer-Encoding:\u{b}chunked", nil),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", nil),
        ] as [(String, HTTPBody.Framing?)])
    func `where a request ends is said once`(field: String, framing: HTTPBody.Framing?) {
        #expect(Self.head("POST / HTTP/1.1\r\n\(field)\r\n\r\n")?.framing() == framing)
    }

    @Test func `chunks are none of HTTP 1.0's`() {
        #expect(
            Self.head("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n")?.framing() == nil)
    }

    @Test(
        arguments: [
            ("200 OK", "", "GET", .untilEnd), ("204 No", "", "GET", HTTPBody.Framing.none),
            ("200 OK", "Content-Length: 3\r\n", "HEAD", HTTPBody.Framing.none),
            ("200 OK", "Content-Length: 3\r\n", "GET", .length(3)),
            ("304 Not", "Content-Length: 3\r\n", "GET", HTTPBody.Framing.none),
            ("200 OK", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "GET", nil),
        ] as [(String, String, String, HTTPBody.Framing?)])
    func `where an answer ends depends on what was asked`(
        status: String, field: String, method: String, framing: HTTPBody.Framing?
    ) {
        let head = Self.head("HTTP/1.1 \(status)\r\n\(field)\r\n", request: false)
        #expect(head?.framing(answering: method) == framing)
    }

    @Test(
        arguments: [
            ("GET http://a.example/x HTTP/1.1\r\nHost: a.example", "a.example", 80, "/x"),
            (
                "GET http://A.example:8080?q HTTP/1.1\r\nHost: a.example:8080", "a.example", 8080,
                "/?q"
            ),
            ("GET http://a.example HTTP/1.0", "a.example", 80, "/"),
            (
                "GET http://[2001:db8::1]:81/ HTTP/1.1\r\nHost: [2001:db8::1]:81", "[2001:db8::1]",
                81, "/"
            ),
            ("GET /x HTTP/1.1\r\nHost: a.example.", "a.example", 80, "/x"),
        ] as [(String, String, Int, String)])
    func `a target says where`(lines: String, host: String, port: Int, path: String) throws {
        let head = try #require(Self.head("\(lines)\r\n\r\n"))
        let target = try #require(HTTPTarget(head))
        #expect("\(target.host)" == host && target.port == port && target.path == path)
    }

    @Test(arguments: [
        "GET http://a.example/ HTTP/1.1\r\nHost: b.example", "GET http://a.example/ HTTP/1.1",
        "GET http://a.example/ HTTP/1.1\r\nHost: a.example:81", "GET / HTTP/1.1",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a",
        "GET https://a.example/ HTTP/1.1\r\nHost: a.example",
        "GET http://u@a.example/ HTTP/1.1\r\nHost: a.example", "GET * HTTP/1.1\r\nHost: a",
        "GET http://a.example#x HTTP/1.1\r\nHost: a.example", "GET /#x HTTP/1.1\r\nHost: a",
        "GET http:///x HTTP/1.1\r\nHost: a", "GET / HTTP/1.1\r\nHost: a, b",
        "GET / HTTP/1.1\r\nHost:",
        "GET http://a.example%00.test/ HTTP/1.1\r\nHost: a.example",
        "GET / HTTP/1.1\r\nHost: a:080",
        "GET http://127.1/ HTTP/1.1\r\nHost: 127.1",
    ])
    func `two hosts, or none, are none`(lines: String) throws {
        let head = try #require(Self.head("\(lines)\r\n\r\n"))
        #expect(HTTPTarget(head) == nil)
    }

    @Test(
        arguments: [
            ("5\r\nhello\r\n0\r\n\r\n", 15), ("5\r\nhello\r\n0\r\n\r\nGET", 15), ("0\r\n\r\n", 5),
            ("A\r\n0123456789\r\n00\r\n\r\n", 21),
            ("5;x=y\r\nhello\r\n0\r\n\r\n", nil), ("5\nhello\n0\n\n", nil),
            ("5\r\nhelloX0\r\n\r\n", nil),
            ("\r\n", nil), ("-1\r\n", nil), ("0x5\r\n", nil), ("5 \r\n", nil), (" 5\r\n", nil),
            ("1234567890123\r\n", nil), ("0\r\nTrailer: x\r\n\r\n", nil), ("0\r\n\n", nil),
        ] as [(String, Int?)])
    func `chunks are counted strictly`(text: String, end: Int?) {
        var whole = HTTPBody(.chunked, strict: true)
        #expect(whole.take(Array(text.utf8)) == end)
        var single = HTTPBody(.chunked, strict: true)
        var taken = 0
        for byte in text.utf8 where !single.isDone {
            guard let count = single.take([byte]) else {
                #expect(end == nil)
                return
            }
            taken += count
        }
        #expect(end == nil || taken == end && single.isDone)
    }

    @Test func `an answer's chunks may have what servers add`() {
        var body = HTTPBody(.chunked, strict: false)
        let text = "5;x=y\r\nhello\r\n0\r\nTrailer: x\r\n\r\n"
        #expect(body.take(Array(text.utf8)) == text.utf8.count && body.isDone)
    }
}
