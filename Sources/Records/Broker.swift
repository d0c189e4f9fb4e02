/// A service of the internet that a session reaches by plain HTTP on its loopback. The secret is put into each
/// request outside and never enters the sandbox.
package struct Broker: Codable, Equatable, Sendable {
    package var name: String
    /// `https://host[:port][/path]`, or `http://`.
    package var upstream: String
    /// The header that carries the secret.
    package var header: String
    /// The word in front of the secret, such as `Bearer`.
    package var scheme: String?
    /// The variable of this machine that holds the secret; else `secretFile` does.
    package var secretEnv: String?
    /// Absolute.
    package var secretFile: String?
    /// Variables that get the address inside.
    package var variables: [String]
    /// What may be asked for, each `[METHOD[+METHOD…] ]/PATH`; absent means anything.
    package var allow: [String]?
    /// Certificates to trust instead of the host's; absolute.
    package var caFile: String?

    package init(
        name: String, upstream: String, header: String, scheme: String? = nil,
        secretEnv: String? = nil, secretFile: String? = nil, variables: [String] = [],
        allow: [String]? = nil, caFile: String? = nil
    ) {
        self.name = name
        self.upstream = upstream
        self.header = header
        self.scheme = scheme
        self.secretEnv = secretEnv
        self.secretFile = secretFile
        self.variables = variables
        self.allow = allow
        self.caFile = caFile
    }

    /// What is wrong with it, behind the name of the member; nil when it can be used.
    package var complaint: (member: String, reason: String)? {
        if Upstream(upstream) == nil {
            return ("upstream", "'\(upstream)' is no https:// or http:// URL of a host")
        }
        let isToken =
            !header.isEmpty
            && header.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || $0 == 45
            }
        let own = ["host", "content-length", "transfer-encoding", "connection", "upgrade", "te"]
        if !isToken || own.contains(header.lowercased()) {
            return (
                "header", "'\(header)' cannot carry a secret: name a header such as Authorization"
            )
        }
        if let scheme, scheme.isEmpty || !scheme.utf8.allSatisfy({ (33...126).contains($0) }) {
            return ("scheme", "'\(scheme)' is no word such as Bearer")
        }
        guard let allow else { return nil }
        for text in allow {
            let words = text.split(separator: " ", omittingEmptySubsequences: false)
            let path = words.last.map(String.init) ?? ""
            let method = words.count == 2 ? "\(words[0]) " : ""
            if words.count > 2 || !path.hasPrefix("/") || NetworkRule("\(method)h:1\(path)") == nil
            {
                return ("allow", "'\(text)' is no path: write /v1/messages or POST /v1/messages")
            }
        }
        return nil
    }

    /// Where its upstream is: `NetworkRule` text cannot say TLS, so a URL does.
    package struct Upstream: Equatable, Sendable {
        package let isTLS: Bool
        package let host: NetworkHost
        package let port: Int
        /// Without a slash at the end: empty, or `/v1`.
        package let path: String

        package init?(_ url: String) {
            guard let scheme = ["https://", "http://"].first(where: url.hasPrefix) else {
                return nil
            }
            isTLS = scheme == "https://"
            var rest = String(url.dropFirst(scheme.count))
            var path = ""
            if let slash = rest.firstIndex(of: "/") {
                path = String(rest[slash...])
                rest = String(rest[..<slash])
            }
            while path.hasSuffix("/") { path.removeLast() }
            guard path.isEmpty || NetworkRule.isPlain(path: path),
                path.utf8.allSatisfy({ (33...126).contains($0) }), path.utf8.count <= 1024,
                let (name, port) = NetworkRule.split(rest), let host = NetworkHost(name)
            else { return nil }
            (self.host, self.port, self.path) = (host, port ?? (isTLS ? 443 : 80), path)
        }
    }
}
