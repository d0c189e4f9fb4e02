internal import Records
internal import Smelt

/// A repository of the user's that is pushed to: a path or any URL that git takes, reached with the
/// user's own git configuration, keys and credential helpers.
package struct Remote: Sendable {
    package let address: String
    let token: Token?
    /// A variable that git and the hooks of the other side do not inherit.
    let hidden: String?

    /// With a token, it alone is used, and sent to no other host than the address names. `hidden` is
    /// the variable of a token that is for somebody else.
    package init(_ address: String, hiding hidden: String? = nil) {
        self.address = address
        token = nil
        self.hidden = hidden
    }

    init(_ address: String, token: Token) {
        self.address = address
        self.token = token
        hidden = token.variable
    }

    /// Nil for a URL that is not `file://`.
    package var path: String? {
        if address.hasPrefix("/") { return address }
        return address.hasPrefix("file:///") ? String(address.dropFirst(7)) : nil
    }

    /// For records and sentences: no password.
    package var shown: String {
        guard let scheme = address.firstRange(of: "://") else { return Visible.line(address) }
        let rest = address[scheme.upperBound...]
        let end = rest.firstIndex(of: "/") ?? rest.endIndex
        guard let at = rest[..<end].lastIndex(of: "@") else { return Visible.line(address) }
        let user = rest[..<at].prefix { $0 != ":" }
        return Visible.line("\(address[..<scheme.upperBound])\(user)\(rest[at...])")
    }

    /// Whether both name the same repository, however they spell it.
    package func isSame(as other: Remote) -> Bool { normal == other.normal }

    private var normal: String {
        if let path { return (try? Files.canonical(path)) ?? path }
        var text = shown.lowercased()
        while text.hasSuffix("/") { text.removeLast() }
        if text.hasSuffix(".git") { text.removeLast(4) }
        return text
    }

    /// Whether there is a branch of that name; nil when the repository does not answer. `source` is a
    /// repository of ours, so that no other one's configuration is read by chance.
    package func hasBranch(_ name: String, asking source: String) throws -> Bool? {
        let reference = "refs/heads/\(name)"
        var command = Command("git", "--git-dir", source, "ls-remote", "--", address, reference)
        command.environment = environment
        command.timeout = 120
        let finished = try command.run()
        guard finished.succeeded else { return nil }
        return finished.text.split(separator: "\n").contains { $0.hasSuffix("\t\(reference)") }
    }

    /// What git is started with. `GIT_DIR` and its like belong to whatever called us, traces could
    /// print the token, and the hooks of the other side have no use for it either.
    var environment: [String] {
        let kept = [
            "GIT_SSH=", "GIT_SSH_COMMAND=", "GIT_SSH_VARIANT=", "GIT_CONFIG_GLOBAL=",
            "GIT_CONFIG_SYSTEM=", "GIT_CONFIG_NOSYSTEM=", "GIT_PROXY_COMMAND=", "GIT_SSL_CAINFO=",
        ]
        var variables = Environment.all.filter { entry in
            if let hidden, entry.hasPrefix("\(hidden)=") { return false }
            return !entry.hasPrefix("GIT_") || kept.contains { entry.hasPrefix($0) }
        }
        variables.removeAll { $0.hasPrefix("LC_ALL=") }
        variables += [
            "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_NO_REPLACE_OBJECTS=1", "GIT_ADVICE=0",
        ]
        guard let token else { return variables }
        let basic = Base64.encode(Array("x-access-token:\(token.value)".utf8))
        let settings = [
            // Only for this address, and followed nowhere.
            ("http.\(address).extraHeader", "Authorization: Basic \(basic)"),
            ("http.followRedirects", "false"), ("credential.helper", ""),
            ("core.askPass", ""),
        ]
        variables.append("GIT_CONFIG_COUNT=\(settings.count)")
        for (index, setting) in settings.enumerated() {
            variables.append("GIT_CONFIG_KEY_\(index)=\(setting.0)")
            variables.append("GIT_CONFIG_VALUE_\(index)=\(setting.1)")
        }
        return variables
    }
}
