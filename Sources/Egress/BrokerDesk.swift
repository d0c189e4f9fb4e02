internal import CEgress
internal import Glibc
internal import Records
internal import Smelt

/// A broker at work: where its requests go, and the secret that they get on the way.
final class BrokerDesk {
    let broker: Broker
    let upstream: Broker.Upstream
    /// For the dialler: the upstream itself, and nothing that its name may be made to stand for.
    let rule: NetworkRule
    private let allowed: Policy?
    /// `Header: scheme secret` with its line end.
    let field: [UInt8]
    /// Every spelling of the secret.
    let patterns: SecretPatterns
    private let trust: OpaquePointer?

    /// The host's certificates, by the name that Debian gives them.
    static let certificates = "/etc/ssl/certs/ca-certificates.crt"

    /// Reads the certificates, and the secret from its descriptor; before there are no files any more.
    init(_ broker: Broker, secret number: Int32) throws(ServeFault) {
        self.broker = broker
        guard let upstream = Broker.Upstream(broker.upstream) else {
            throw .badOrder("the broker '\(broker.name)' has no upstream")
        }
        let place = "\(upstream.host):\(upstream.port)"
        guard let rule = NetworkRule(place) else { throw .badRule(place) }
        self.upstream = upstream
        self.rule = rule
        if let texts = broker.allow {
            var rules: [NetworkRule] = []
            for text in texts {
                guard let one = Self.rule(text, place) else { throw .badRule(text) }
                rules.append(one)
            }
            allowed = Policy(rules)
        } else {
            allowed = nil
        }
        let secret = try Self.read(number, broker.name)
        let scheme = broker.scheme.map { Array("\($0) ".utf8) } ?? []
        field = Array("\(broker.header): ".utf8) + scheme + secret + [13, 10]
        patterns = SecretPatterns([secret])
        if upstream.isTLS {
            let file = broker.caFile ?? Self.certificates
            var reason = [CChar](repeating: 0, count: 256)
            trust = egress_trust_make(file, &reason, reason.count)
            guard trust != nil else {
                throw .noCertificates(
                    file: file,
                    reason: String(
                        decoding: reason.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
                        as: UTF8.self))
            }
        } else {
            trust = nil
        }
    }

    /// `POST /v1/messages`, or only a path.
    static func rule(_ text: String, _ place: String) -> NetworkRule? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard (1...2).contains(words.count), words.last?.hasPrefix("/") == true else { return nil }
        let method = words.count == 2 ? "\(words[0]) " : ""
        return NetworkRule("\(method)\(place)\(words[words.count - 1])")
    }

    private static func read(_ number: Int32, _ name: String) throws(ServeFault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_537)
        let count = retrying { pread(number, &bytes, bytes.count, 0) }
        close(number)
        guard count >= 0 else {
            throw .noSecret(broker: name, reason: String(cString: strerror(errno)))
        }
        var secret = bytes[..<count]
        // Files end with a line end.
        while let last = secret.last, [10, 13, 32, 9].contains(last) { secret = secret.dropLast() }
        guard !secret.isEmpty, secret.count <= 16_384,
            secret.allSatisfy({ (32...126).contains($0) })
        else {
            throw .noSecret(broker: name, reason: "it is empty, or cannot stand in a header")
        }
        guard secret.count >= SecretVariants.shortest else {
            throw .noSecret(
                broker: name, reason: "it is shorter than \(SecretVariants.shortest) bytes")
        }
        return Array(secret)
    }

    func decide(method: String, path: String) -> Policy.Verdict {
        guard let allowed else { return .allowed(rule) }
        return allowed.decide(upstream.host, upstream.port, method: method, path: path)
    }

    /// Whether a part of the path is `.` or `..` to any server, however it is written.
    static func climbs(_ path: String) -> Bool {
        var text = ""
        var rest = path.lowercased()[...]
        let meant: [(String, Character)] = [
            ("%2e", "."), ("%2f", "/"), ("%5c", "/"), ("%25", "%"), ("\\", "/"),
        ]
        // What is encoded twice is decoded twice by some.
        for _ in 0..<2 {
            text = ""
            while let first = rest.first {
                if let (code, letter) = meant.first(where: { rest.hasPrefix($0.0) }) {
                    text.append(letter)
                    rest = rest.dropFirst(code.count)
                } else {
                    text.append(first)
                    rest = rest.dropFirst()
                }
            }
            rest = text[...]
        }
        // Behind a ';' some servers look for parameters of the part.
        return text.split(separator: "/").contains {
            let part = $0.prefix { $0 != ";" }
            return part == "." || part == ".."
        }
    }

    /// As it stands in a Host field.
    var authority: String {
        upstream.port == (upstream.isTLS ? 443 : 80)
            ? "\(upstream.host)" : "\(upstream.host):\(upstream.port)"
    }

    /// A place that the upstream names, as it is found from inside; nil where it is somewhere else.
    func inside(_ location: String, port: Int) -> String? {
        let origin = "\(upstream.isTLS ? "https" : "http")://\(authority)\(upstream.path)"
        guard location.hasPrefix(origin) else { return nil }
        let rest = location.dropFirst(origin.count)
        guard rest.isEmpty || rest.hasPrefix("/") || rest.hasPrefix("?") else { return nil }
        return "http://127.0.0.1:\(port)\(rest)"
    }

    /// A connected socket, in TLS where that is the upstream's way.
    func connect(
        _ service: Service, _ then: @escaping (Result<Wire, Service.Refusal>) -> Void
    ) {
        service.dialer.dial(upstream.host, upstream.port, rule) { [self] outcome in
            switch outcome {
            case .refused(let reason): then(.failure(.policy(reason)))
            case .failed(let reason): then(.failure(.network(reason)))
            case .connected(let number):
                guard let trust else {
                    return then(.success(Wire(number, service.loop, known: true)))
                }
                var name: String?
                var address: String?
                switch upstream.host {
                case .name(let text): name = text
                case .address(let one): address = "\(one)"
                }
                guard let tls = egress_tls_make(trust, number, name, address) else {
                    close(number)
                    return then(.failure(.network("no TLS")))
                }
                Handshake(number, tls, service.loop, then).begin()
            }
        }
    }
}

/// TLS on its way.
private final class Handshake: Watcher, Timed {
    private let number: Int32
    private let tls: OpaquePointer
    private let loop: Loop
    private let then: (Result<Wire, Service.Refusal>) -> Void
    private var mark: UInt64 = 0
    let deadline: Double

    init(
        _ number: Int32, _ tls: OpaquePointer, _ loop: Loop,
        _ then: @escaping (Result<Wire, Service.Refusal>) -> Void
    ) {
        self.number = number
        self.tls = tls
        self.loop = loop
        self.then = then
        deadline = loop.now + 15
    }

    func begin() {
        mark = loop.watch(number, reading: false, writing: true, self, known: true)
        loop.time(self)
    }

    func ready(reading: Bool, writing: Bool) {
        var reason = [CChar](repeating: 0, count: 256)
        switch egress_tls_shake(tls, &reason, reason.count) {
        case 0:
            leave()
            let wire = Wire(number, loop, known: true)
            wire.encrypt(tls)
            then(.success(wire))
        case Int32(EGRESS_TLS_READ): loop.change(number, mark, reading: true, writing: false)
        case Int32(EGRESS_TLS_WRITE): loop.change(number, mark, reading: false, writing: true)
        default:
            fail(
                String(
                    decoding: reason.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
                    as: UTF8.self))
        }
    }

    func expire() { fail("it took too long") }

    private func fail(_ reason: String) {
        leave()
        egress_tls_end(tls)
        close(number)
        then(.failure(.network("no TLS: \(reason)")))
    }

    private func leave() {
        loop.forget(mark)
        loop.untime(self)
    }
}
