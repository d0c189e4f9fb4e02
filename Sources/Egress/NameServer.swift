internal import Records

/// Answers queries from inside, from the policy alone: no query ever leaves, so nothing can be carried out in one.
struct NameServer {
    private(set) var table = NameTable()
    private let policy: Policy
    private var lastRefused: (name: String, kind: NameQuery.Kind)?

    init(_ policy: Policy) {
        self.policy = policy
    }

    /// The answer, if there is one, and the name when it was refused.
    mutating func answer(_ bytes: ArraySlice<UInt8>) -> (bytes: [UInt8]?, refused: String?) {
        switch NameQuery.read(bytes) {
        case nil: return (nil, nil)
        case .failure(let failure): return (NameQuery.answered(failure, to: bytes), nil)
        case .success(let query):
            guard query.kind != .pointer else { return (query.answered(pointer(query.name)), nil) }
            guard case .name(let name)? = NetworkHost(query.name) else {
                let shown = String(decoding: query.name.prefix(253), as: UTF8.self)
                return (query.answered(.noSuchName), shown)
            }
            if name == "localhost" || name.hasSuffix(".localhost") {
                let here: NameQuery.Answer =
                    query.kind == .address ? .address([127, 0, 0, 1]) : .nothing
                return (query.answered(here), nil)
            }
            guard policy.knows(.name(name)) else {
                return (query.answered(.noSuchName), isAgain(name, query.kind) ? nil : name)
            }
            guard query.kind == .address else { return (query.answered(.nothing), nil) }
            guard let address = table.address(of: name) else {
                return (query.answered(.overloaded), name)
            }
            return (query.answered(.address(address.bytes)), nil)
        }
    }

    /// Programs ask for both kinds of addresses, one after the other, and mean one thing.
    private mutating func isAgain(_ name: String, _ kind: NameQuery.Kind) -> Bool {
        let other: NameQuery.Kind = kind == .address ? .longAddress : .address
        let isPair =
            [.address, .longAddress].contains(kind) && lastRefused?.name == name
            && lastRefused?.kind == other
        lastRefused = isPair ? nil : (name, kind)
        return isPair
    }

    func name(of address: NetworkAddress) -> String? { table.name(of: address) }

    /// `4.3.100.127.in-addr.arpa` is asked for the name of 127.100.3.4.
    private func pointer(_ name: [UInt8]) -> NameQuery.Answer {
        let parts = name.split(separator: UInt8(ascii: ".")).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard parts.count == 6, parts[4].lowercased() == "in-addr", parts[5].lowercased() == "arpa",
            let address = NetworkAddress(parts[..<4].reversed().joined(separator: ".")),
            let known = table.name(of: address)
        else { return .noSuchName }
        return .pointer(known)
    }
}
