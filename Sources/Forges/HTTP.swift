internal import CCurl
internal import Glibc
internal import Smelt

/// One request and its answer, by libcurl. Redirects are the caller's to follow: it knows who may see
/// the token.
struct HTTPRequest {
    var method = "GET"
    var url: String
    /// `Name: value`.
    var headers: [String] = []
    var body: [UInt8]?
    /// Seconds for the whole exchange.
    var timeout = 30.0
    var allowsPlain = false

    /// More than this is no answer of an API.
    static let mostBody = 16 << 20
    static let mostHeaders = 256 << 10

    /// Waits for the answer; INT and TERM end the wait with `Cancelled`.
    func send() throws -> HTTPResponse {
        let words = headers.map { strdup($0) }
        defer { words.forEach { free($0) } }
        var answer = curl_answer()
        defer { curl_forget(&answer) }
        method.withCString { method in
            url.withCString { url in
                words.map { UnsafePointer($0) }.withUnsafeBufferPointer { list in
                    let bytes = body ?? []
                    bytes.withUnsafeBufferPointer { raw in
                        var exchange = curl_exchange(
                            method: method, url: url, headers: nil, header_count: list.count,
                            body: body == nil ? nil : raw.baseAddress, body_size: raw.count,
                            connect_milliseconds: min(10_000, Int(timeout * 1000)),
                            total_milliseconds: Int(timeout * 1000),
                            most_body: Self.mostBody, most_headers: Self.mostHeaders,
                            stop: Interruption.descriptor, plain: allowsPlain ? 1 : 0)
                        list.withMemoryRebound(to: UnsafePointer<CChar>.self) {
                            exchange.headers = $0.baseAddress
                            curl_exchange_run(&exchange, &answer)
                        }
                    }
                }
            }
        }
        return try response(answer)
    }

    private func response(_ answer: curl_answer) throws -> HTTPResponse {
        let reason = withUnsafeBytes(of: answer.reason) {
            Visible.line(String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self))
        }
        switch answer.outcome {
        case CURL_ANSWERED: break
        case CURL_STOPPED: throw Cancelled(Interruption.exit ?? .interrupted)
        case CURL_NO_LIBRARY: throw ForgeFault.noLibrary(reason)
        case CURL_UNREACHABLE: throw HTTPFault.unreachable(reason)
        case CURL_TIMED_OUT: throw HTTPFault.timedOut(seconds: timeout)
        case CURL_TRUNCATED: throw HTTPFault.truncated(reason)
        case CURL_TOO_LARGE: throw HTTPFault.tooLarge
        case CURL_UNTRUSTED: throw HTTPFault.untrusted(reason)
        default: throw HTTPFault.other(reason)
        }
        let head = UnsafeRawBufferPointer(start: answer.headers, count: answer.headers_size)
        let body = UnsafeRawBufferPointer(start: answer.body, count: answer.body_size)
        return HTTPResponse(status: answer.status, head: head, body: Array(body))
    }
}

/// Why there is no answer.
enum HTTPFault: Error {
    case unreachable(String)
    case timedOut(seconds: Double)
    case truncated(String)
    case tooLarge
    case untrusted(String)
    case other(String)

    /// Whether the same request may succeed a little later.
    var isPassing: Bool {
        switch self {
        case .unreachable, .timedOut, .truncated: true
        case .tooLarge, .untrusted, .other: false
        }
    }

    var reason: String {
        switch self {
        case .unreachable(let reason), .truncated(let reason), .untrusted(let reason),
            .other(let reason):
            reason
        case .timedOut(let seconds): "no answer within \(Quantity.describe(seconds: seconds))"
        case .tooLarge: "the answer is longer than \(HTTPRequest.mostBody) bytes"
        }
    }
}

struct HTTPResponse {
    let status: Int
    /// Names in lower case.
    let headers: [String: String]
    let body: [UInt8]

    init(status: Int, head: UnsafeRawBufferPointer, body: [UInt8]) {
        self.status = status
        self.body = body
        var headers: [String: String] = [:]
        for line in String(decoding: head, as: UTF8.self).split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            headers[line[..<colon].lowercased()] = String(value)
        }
        self.headers = headers
    }
}
