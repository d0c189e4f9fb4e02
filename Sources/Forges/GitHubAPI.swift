internal import FoundationEssentials
internal import Glibc
internal import Smelt

/// Calls of GitHub's REST interface with all that its documentation asks of clients: one after the
/// other, conditional where the answer is known, patient where it says so, and with the token for
/// one host only.
final class GitHubAPI {
    let root: Address
    let token: Token
    private let patience: Double
    private let fence: Fence
    /// Answers by URL, to be asked for with `If-None-Match`; an unchanged one costs no quota.
    private var known: [String: (tag: String, answer: HTTPResponse)] = [:]

    static let version = "2022-11-28"
    private static let mostRedirects = 5

    init(root: Address, token: Token, patience: Double, fence: @escaping Fence = {}) {
        self.root = root
        self.token = token
        self.patience = patience
        self.fence = fence
    }

    func url(_ path: String) -> String { "\(root.origin)\(root.path)\(path)" }

    /// `what` completes the sentence "could not …". Statuses in `accepting` are the caller's to
    /// judge, as are those below 300.
    func call(
        _ method: String = "GET", _ url: String, body: (some Encodable)? = String?.none,
        accepting: Set<Int> = [], what: String
    ) throws -> HTTPResponse {
        let bytes: [UInt8]? = try body.map { Array(try JSONEncoder().encode($0)) }
        let deadline = monotonicSeconds() + patience
        var tries = 0
        while true {
            tries += 1
            var pause: Double?
            let fault: ForgeFault
            // Each time: what is tried again comes after a pause.
            if method != "GET" { try fence() }
            do {
                let answer = try exchange(method, url, bytes)
                if (200..<300).contains(answer.status) || accepting.contains(answer.status) {
                    return answer
                }
                (fault, pause) = try verdict(answer, what: what)
            } catch let error as HTTPFault {
                fault = .unavailable(host: root.host, reason: token.masked(error.reason))
                guard error.isPassing else { throw fault }
            }
            // Longer each time also where a forge says "at once" again and again.
            let wait = max(pause ?? 0, Pause.backOff(tries))
            guard monotonicSeconds() + wait <= deadline else { throw fault }
            try Pause.wait(wait)
        }
    }

    /// Decodes an answer.
    func read<Value: Decodable>(
        _ type: Value.Type, _ answer: HTTPResponse, what: String
    ) throws(ForgeFault) -> Value {
        do { return try JSONDecoder().decode(type, from: Data(answer.body)) } catch {
            throw .badAnswer(what: what, reason: "it is no such JSON as GitHub documents")
        }
    }

    /// All pages of a list; `items` finds the entries in one.
    func pages<Page: Decodable, Item>(
        _ type: Page.Type, _ url: String, what: String, items: (Page) -> [Item]
    ) throws -> [Item] {
        var all: [Item] = []
        var next: String? = url
        for _ in 0..<50 {
            guard let here = next else { break }
            let answer = try call("GET", here, what: what)
            all += items(try read(type, answer, what: what))
            next = try answer.headers["link"].flatMap(Self.nextPage).map { try sameHost($0, here) }
        }
        return all
    }

    private func exchange(_ method: String, _ url: String, _ body: [UInt8]?) throws -> HTTPResponse
    {
        var url = url
        for _ in 0...Self.mostRedirects {
            var request = HTTPRequest(method: method, url: url)
            request.body = body
            request.timeout = max(0.1, min(30, patience))
            request.allowsPlain = root.scheme == "http"
            request.headers = [
                "Accept: application/vnd.github+json", "User-Agent: smelt/\(smeltVersion)",
                "X-GitHub-Api-Version: \(Self.version)", "Authorization: Bearer \(token.value)",
                // curl waits a second for a "100 Continue" that GitHub does not send.
                "Expect:",
            ]
            if body != nil { request.headers.append("Content-Type: application/json") }
            let earlier = method == "GET" ? known[url] : nil
            if let earlier { request.headers.append("If-None-Match: \(earlier.tag)") }
            let answer = try request.send()
            if answer.status == 304, let earlier { return earlier.answer }
            if [301, 302, 307, 308].contains(answer.status), let place = answer.headers["location"]
            {
                // A renamed repository; GitHub asks to repeat the request as it was.
                url = try sameHost(place, url)
                continue
            }
            if method == "GET", answer.status == 200, let tag = answer.headers["etag"] {
                known[url] = (tag, answer)
            }
            return answer
        }
        throw ForgeFault.badAnswer(what: "ask '\(root.host)'", reason: "it redirects without end")
    }

    /// The address `place` when it may have the token.
    private func sameHost(_ place: String, _ from: String) throws(ForgeFault) -> String {
        let whole = place.hasPrefix("/") ? root.origin + place : place
        guard let address = Address(whole), address.origin == root.origin else {
            throw .redirected(from: Visible.line(from), to: Visible.line(token.masked(place)))
        }
        return whole
    }

    /// `<https://…>; rel="next"` among the links.
    static func nextPage(_ links: String) -> String? {
        for link in links.split(separator: ",") {
            let parts = link.split(separator: ";").map { $0.drop { $0 == " " } }
            guard parts.dropFirst().contains(where: { $0 == "rel=\"next\"" }),
                let target = parts.first, target.hasPrefix("<"), target.hasSuffix(">")
            else { continue }
            return String(target.dropFirst().dropLast())
        }
        return nil
    }

    /// What an answer that is no success means, and how long it asks to wait where it says so;
    /// throws what no waiting helps against.
    private func verdict(
        _ answer: HTTPResponse, what: String
    ) throws(ForgeFault) -> (ForgeFault, pause: Double?) {
        let message = message(of: answer)
        switch answer.status {
        case 401: throw .tokenRefused(variable: token.variable, message: message)
        case 403, 429:
            guard let pause = limit(answer, message) else {
                throw .forbidden(what: what, message: message)
            }
            let until = Timestamp(
                milliseconds: Timestamp.now.milliseconds + Int64(min(pause, 1e9) * 1000))
            return (.limited(host: root.host, until: until), pause)
        case 404: throw .notFound(what: what, message: message)
        case 500...599:
            return (
                .unavailable(host: root.host, reason: "\(answer.status) \(message)"),
                answer.headers["retry-after"].flatMap(Double.init)
            )
        default: throw .notAccepted(what: what, message: "\(answer.status) \(message)")
        }
    }

    /// Seconds to wait when the refusal is about how often we ask; nil when it is about rights.
    private func limit(_ answer: HTTPResponse, _ message: String) -> Double? {
        if let after = answer.headers["retry-after"].flatMap(Double.init), after >= 0 {
            return after
        }
        if answer.headers["x-ratelimit-remaining"] == "0",
            let reset = answer.headers["x-ratelimit-reset"].flatMap(Double.init)
        {
            return max(0, reset - Timestamp.now.seconds) + Double.random(in: 0...1)
        }
        // Without a header the documentation says: at least a minute.
        let words = message.lowercased()
        return answer.status == 429 || words.contains("rate limit") || words.contains("abuse")
            ? 60 : nil
    }

    /// What the body says, for people.
    func message(of answer: HTTPResponse) -> String {
        struct Problem: Decodable {
            struct Detail: Decodable {
                var message: String?
                var code: String?
                var field: String?
                var words: String?

                enum CodingKeys: String, CodingKey { case message, code, field }

                init(from decoder: any Decoder) throws {
                    if let text = try? decoder.singleValueContainer().decode(String.self) {
                        words = text
                        return
                    }
                    let members = try decoder.container(keyedBy: CodingKeys.self)
                    message = try? members.decode(String.self, forKey: .message)
                    code = try? members.decode(String.self, forKey: .code)
                    field = try? members.decode(String.self, forKey: .field)
                }
            }
            var message: String?
            var errors: [Detail]?
        }
        guard let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.body)) else {
            return "status \(answer.status)"
        }
        var parts = [problem.message ?? "status \(answer.status)"]
        parts += (problem.errors ?? []).prefix(5).compactMap { detail in
            detail.words ?? detail.message
                ?? detail.code.map { "\(detail.field.map { "\($0) " } ?? "")\($0)" }
        }
        return Visible.line(token.masked(String(parts.joined(separator: ": ").prefix(500))))
    }
}
