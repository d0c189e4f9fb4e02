package import Records

/// What is open on the loopback of a sandbox whose network is `allow`, and who answers there: `smelt-egress`, outside.
///
/// Names are answered with addresses of 127.100.0.0/16. The whole of 127/8 is local to any network without an address
/// or a route being set up; programs use its beginning for themselves; and an address that got out of the sandbox
/// would mean nothing anywhere.
package enum EgressPorts {
    package enum Kind: String, Codable, Sendable {
        case names, namesByStream, proxy, capture, broker
    }

    package struct Listener: Codable, Equatable, Sendable {
        package var kind: Kind
        package var port: Int
        /// Of brokers, which one.
        package var broker: Int?

        package init(_ kind: Kind, _ port: Int, broker: Int? = nil) {
            self.kind = kind
            self.port = port
            self.broker = broker
        }

        /// IPv4: captured ports are taken at every address, the others at 127.0.0.1.
        package var address: UInt32 { kind == .capture ? 0 : 0x7F00_0001 }
        package var datagrams: Bool { kind == .names }
        /// How programs are told of a proxy or a broker.
        package var url: String { "http://127.0.0.1:\(port)" }
    }

    /// Where programs send their queries; the usual port.
    static let resolverFile = "nameserver 127.0.0.1\noptions timeout:10 attempts:2\n"

    /// The first that the proxy and the brokers take, when it is not captured.
    static let firstOwn = 3128

    /// Ports that rules name are captured at every address, beside 80 and 443: also what is refused
    /// there can be told.
    package static func listeners(for reach: Network) throws(EgressFault) -> [Listener] {
        var captured: Set<Int> = [80, 443]
        for text in reach.allow {
            guard let rule = NetworkRule(text) else { throw .badRule(text) }
            captured.formUnion(rule.ports)
        }
        // Names are asked for there.
        captured.remove(53)
        var next = firstOwn
        func own() -> Int {
            while captured.contains(next) { next += 1 }
            defer { next += 1 }
            return next
        }
        var all = [Listener(.names, 53), Listener(.namesByStream, 53), Listener(.proxy, own())]
        for index in (reach.broker ?? []).indices {
            all.append(Listener(.broker, own(), broker: index))
        }
        all += captured.sorted().map { Listener(.capture, $0) }
        guard all.count <= 128, next < 65_000 else { throw .tooManyPorts(all.count) }
        return all
    }

    /// Those that programs are told of. They are what there is where the loopback is shared: there nobody has the ports
    /// for himself that programs look for by themselves.
    package static func told(for reach: Network) throws(EgressFault) -> [Listener] {
        try listeners(for: reach).filter { [.proxy, .broker].contains($0.kind) }
    }

    /// What tells programs inside of the proxy and the brokers. Captured programs need none of it.
    package static func variables(for reach: Network) throws(EgressFault) -> [String: String] {
        var variables: [String: String] = [:]
        for listener in try listeners(for: reach) {
            let url = listener.url
            switch listener.kind {
            case .proxy:
                // Both cases: some programs read the one, some the other. There is no word for all
                // protocols that no program stumbles over.
                for name in ["http_proxy", "https_proxy", "HTTPS_PROXY"] { variables[name] = url }
                for name in ["no_proxy", "NO_PROXY"] {
                    variables[name] = "localhost,127.0.0.1,::1"
                }
            case .broker:
                guard let index = listener.broker, let broker = reach.broker?[index] else { break }
                for name in broker.variables { variables[name] = url }
            default: break
            }
        }
        return variables
    }
}
