import Egress
import Records
import Sandbox
import Smelt

@main
enum SmeltEgress {
    static let listen = Option("listen", "l", place, "serve as a proxy there")
    static let allow = Option("allow", "a", rule, "let through what the rule names")
    static let rules = Option("rules", "f", .file, "read rules from FILE, one a line")
    static let resolver = Option(
        "resolver", nil, .text("ADDRESS[:PORT]"), "ask there for addresses")
    static let connections = Option(
        "connections", nil, .number(1...65_536), "serve so many at once (default 512)")
    static let traffic = Option("traffic", nil, .size, "let so many bytes pass, then none")
    static let idle = Option("idle", nil, .duration, "end silent connections (default 10m)")
    static let order = Option("order", nil, .text("FD"), "serve a sandbox as smelt-exec orders")

    static func main() {
        Tool(
            "smelt-egress", summary: "lets through what a list allows, and nothing else",
            options: [listen, allow, rules, resolver, connections, traffic, idle, order]
        ) { words in
            guard words.operands.isEmpty else {
                throw Usage("unexpected '\(words.operands[0])': rules are given with --allow")
            }
            if let text = words[order] {
                guard let number = Int32(text), number >= 0 else {
                    throw Usage("--order needs a descriptor, not '\(text)'")
                }
                return Serving.serve(orderFrom: number)
            }
            return try proxy(words)
        }.start()
    }

    private static func proxy(_ words: Words) throws -> Exit {
        let places = words.all(listen)
        guard !places.isEmpty else { throw Usage("say where to listen: --listen 127.0.0.1:3128") }
        var rules = words.all(allow)
        for path in words.all(self.rules) { rules += try RuleFile.read(path) }
        var limits = ServiceLimits(trafficBytes: words[traffic])
        limits.connections = words[connections] ?? limits.connections
        limits.idleSeconds = words[idle] ?? limits.idleSeconds
        let resolvers = words.all(resolver)
        let run = Environment.nonEmpty("SMELT_RUN").flatMap(RunID.init) ?? .make()
        let output = LineWriter(1)
        try Serving.alone(
            places, rules, resolvers: resolvers.isEmpty ? nil : resolvers, limits: limits,
            tell: { decision in
                let record = Records.Egress(
                    session: "smelt-egress", host: decision.host, port: decision.port,
                    allowed: decision.allowed, rule: decision.rule, reason: decision.reason,
                    count: decision.count)
                try? output.write(record, run: run)
            },
            ready: { ports in
                let shown = zip(places, ports).map { place, port in
                    "\(NetworkHost.address(place.address)):\(port)"
                }
                say("smelt-egress: listening at \(shown.joined(separator: ", "))\n")
            })
        return Interruption.exit ?? .done
    }

    private static let rule = Kind<NetworkRule>(
        "RULE", wants: "[METHOD ]HOST[:PORT][/PATH], such as registry.example:443 or *.example"
    ) { NetworkRule($0) }

    private static let place = Kind<(text: String, address: NetworkAddress, port: Int)>(
        "ADDRESS:PORT", wants: "an address and a port such as 127.0.0.1:3128, 0 for any port"
    ) { text in
        // 0 is no port that a rule could name.
        let isAny = text.hasSuffix(":0")
        guard let (name, port) = NetworkRule.split(isAny ? "\(text.dropLast())1" : text),
            let port, case .address(let address)? = NetworkHost(name)
        else { return nil }
        return (text, address, isAny ? 0 : port)
    }
}
