internal import Records

/// What the sessions may reach: nothing unless the manifest says so.
struct NetworkReader {
    let findings: Findings

    func read(_ section: Table?) -> Network {
        guard let section else { return Network() }
        let allow = section.texts("allow")
        for host in allow { check(host) }
        let chosen = section.choice("mode", Network.Mode.self)
        let mode = chosen ?? (allow.isEmpty ? .none : .allow)
        if mode == .allow, allow.isEmpty, section.has("allow") || !section.mentions("allow") {
            findings.complain(
                section.place, "network.allow is missing: list the hosts, or say mode = \"none\"")
        } else if mode != .allow, let first = allow.first {
            findings.complain(
                first.place, "network.allow has no use with mode '\(mode)': say mode = \"allow\"")
        }
        return Network(mode: mode, allow: allow.map(\.value))
    }

    /// `name`, `*.name`, an address, each with or without `:port`.
    private func check(_ host: Found<String>) {
        var name = Substring(host.value)
        var port: Substring?
        if name.hasPrefix("["), let end = name.firstIndex(of: "]") {
            let rest = name[name.index(after: end)...]
            port = rest.isEmpty ? nil : rest.dropFirst()
            let isGood = rest.isEmpty || rest.hasPrefix(":")
            name = isGood ? name[name.index(after: name.startIndex)..<end] : "/"
        } else if let colon = name.lastIndex(of: ":") {
            port = name[name.index(after: colon)...]
            name = name[..<colon]
        }
        if name.hasPrefix("*.") { name = name.dropFirst(2) }
        let isName =
            !name.isEmpty && name.utf8.count <= 253
            && name.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || $0 == 45 || $0 == 46 || $0 == 58 || $0 == 95
            } && !name.hasPrefix(".") && !name.contains("..") && !name.hasPrefix("-")
        let isPort = port.map { (1...65_535).contains(Int($0) ?? 0) } ?? true
        guard !isName || !isPort else { return }
        findings.complain(
            host.place,
            "\(host.path): '\(host.value)' is no host: write name, *.name or name:port")
    }
}
