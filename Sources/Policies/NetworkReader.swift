package import Records
package import Toml

/// What `[network]` says, in a manifest and in a policy alike: nothing is reached that it does not name.
package struct NetworkReader {
    /// A path of the file's as an absolute one.
    let absolute: (String) -> String
    let findings: Findings

    package init(findings: Findings, absolute: @escaping (String) -> String) {
        (self.findings, self.absolute) = (findings, absolute)
    }

    /// All that a job says about it.
    package func read(_ section: Table?) -> Network {
        guard let section else { return Network() }
        var network = parts(of: section)
        let chosen = section.choice("mode", Network.Mode.self)
        let isListed = !network.allow.isEmpty || section.mentions("broker")
        network.mode = chosen ?? (isListed ? .allow : .none)
        if network.mode == .allow, !isListed, section.has("allow") || !section.mentions("allow") {
            findings.complain(
                section.place, "network.allow is missing: list the hosts, or say mode = \"none\"")
        }
        checkUse(section, network.mode)
        return network
    }

    /// All but the mode.
    func parts(of section: Table) -> Network {
        let allow = section.texts("allow")
        for rule in allow where NetworkRule(rule.value) == nil {
            findings.complain(
                rule.place,
                "\(rule.path): '\(rule.value)' is no host: write name, *.name or name:port, with a "
                    + "method before and a path behind it where only those are meant")
        }
        let brokers = readBrokers(section)
        let resolvers = section.texts("resolvers")
        for one in resolvers where !isPlace(one.value) {
            findings.complain(
                one.place,
                "\(one.path): '\(one.value)' is no address: write 192.0.2.53 or 192.0.2.53:53")
        }
        return Network(
            allow: allow.map(\.value), broker: brokers.isEmpty ? nil : brokers,
            resolvers: resolvers.isEmpty ? nil : resolvers.map(\.value),
            trafficBytes: section.size("traffic")?.value)
    }

    /// What belongs to `allow` is refused beside another mode.
    func checkUse(_ section: Table, _ mode: Network.Mode, beside more: [String] = []) {
        guard mode != .allow else { return }
        for key in ["allow", "broker", "resolvers", "traffic"] + more where section.has(key) {
            findings.complain(
                section.any(key)?.place ?? section.place,
                "network.\(key) has no use with mode '\(mode)': say mode = \"allow\"")
        }
    }

    private func isPlace(_ text: String) -> Bool {
        guard let (name, _) = NetworkRule.split(text), case .address? = NetworkHost(name) else {
            return false
        }
        return true
    }

    private func readBrokers(_ section: Table) -> [Broker] {
        var seen: Set<String> = []
        return section.tables("broker", SandboxKeys.broker).compactMap { table in
            if let name = table.text("name"), !seen.insert(name.value).inserted {
                findings.complain(
                    name.place, "\(name.path) '\(name.value)' is taken: choose another name")
            }
            return read(table)
        }
    }

    private func read(_ table: Table) -> Broker? {
        let variables = table.texts("variables")
        for variable in variables {
            EnvironmentNames(findings: findings).check(
                variable.value, at: variable.place, path: variable.path)
        }
        let (env, file) = (table.text("secret_env"), table.text("secret_file"))
        if let env { SecretCheck(findings: findings).check(env) }
        if env != nil, let file {
            findings.complain(file.place, "\(file.path) and secret_env are both there: keep one")
        } else if !table.mentions("secret_env"), !table.mentions("secret_file") {
            findings.complain(
                table.place,
                "\(table.path).secret_env is missing: name the variable that holds the secret, or secret_file"
            )
        }
        let allow = table.texts("paths")
        guard let name = table.text("name"), let upstream = table.text("upstream") else {
            return nil
        }
        let broker = Broker(
            name: name.value, upstream: upstream.value,
            header: table.text("header")?.value ?? "Authorization",
            scheme: table.text("scheme")?.value ?? (table.has("header") ? nil : "Bearer"),
            secretEnv: env?.value,
            secretFile: file.map { absolute($0.value) }, variables: variables.map(\.value),
            allow: table.has("paths") ? allow.map(\.value) : nil,
            caFile: table.text("ca_file").map { absolute($0.value) })
        if let (member, reason) = broker.complaint {
            let key = member == "allow" ? "paths" : member
            findings.complain(
                table.any(key)?.place ?? table.place, "\(table.path).\(key): \(reason)")
        }
        return broker
    }
}
