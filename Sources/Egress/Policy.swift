package import Records

/// What may be reached: decided from the host's name (or address) and port, and of plain HTTP also from each request.
package struct Policy: Sendable {
    package let rules: [NetworkRule]

    package init(_ rules: [NetworkRule]) {
        self.rules = rules
    }

    /// How a connection to a host's port goes on.
    package enum Opening: Equatable, Sendable {
        /// Whatever is said on it, except that TLS must name the host.
        case tunnel(NetworkRule)
        /// Its requests are read and decided one by one.
        case plain
        case refused(reason: String)
    }

    package enum Verdict: Equatable, Sendable {
        case allowed(NetworkRule)
        case refused(reason: String)
    }

    static let notListed = "not in network.allow"

    /// Whether the name may be asked for at all.
    package func knows(_ host: NetworkHost) -> Bool { rules.contains { $0.matches(host) } }

    /// What port 80 carries is read, so that a request cannot be meant for another host of the same server.
    package func open(_ host: NetworkHost, _ port: Int) -> Opening {
        let found = rules.filter { $0.matches(host) && $0.ports.contains(port) }
        guard !found.isEmpty else { return .refused(reason: Self.notListed) }
        guard port != 80, let rule = found.first(where: { !$0.isPlainOnly }) else { return .plain }
        return .tunnel(rule)
    }

    /// `path` is everything in front of a `?`, and its form was checked: see `isPlain`.
    package func decide(
        _ host: NetworkHost, _ port: Int, method: String, path: String
    ) -> Verdict {
        let found = rules.filter { $0.matches(host) && $0.ports.contains(port) }
        guard !found.isEmpty else { return .refused(reason: Self.notListed) }
        for rule in found where rule.methods.isEmpty || rule.methods.contains(method) {
            guard let prefix = rule.path else { return .allowed(rule) }
            // "/a/.." and "/%61" may mean something else to the server than to us.
            if NetworkRule.isPlain(path: path), Self.lies(path, beneath: prefix) {
                return .allowed(rule)
            }
        }
        return .refused(reason: "no rule of the host allows \(method) \(path.prefix(200))")
    }

    /// On the borders of a path's parts: `/a` is over `/a` and `/a/b` and not over `/ab`.
    static func lies(_ path: String, beneath prefix: String) -> Bool {
        guard path.hasPrefix(prefix) else { return false }
        return prefix.hasSuffix("/") || path.utf8.count == prefix.utf8.count
            || path.dropFirst(prefix.count).hasPrefix("/")
    }

    /// Why a place may not be dialled for `rule` although the host may; nil when it may. What a name stands for is
    /// decided by whoever runs its name servers, so by itself it never leads into a private network.
    package static func objection(
        to address: NetworkAddress, for rule: NetworkRule, own: Set<NetworkAddress>
    ) -> String? {
        if rule.isPrivate || rule.host == .exactly(.address(address)) { return nil }
        if let special = address.special { return "\(address) is not of the internet (\(special))" }
        return own.contains(address) ? "\(address) is an address of this machine" : nil
    }
}
