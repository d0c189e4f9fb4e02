internal import Records
internal import Sandbox
internal import Smelt
internal import Toml

/// Makes the policy of one checked table. Nothing is asked of the host but what the files say that are named here.
struct PolicyReader {
    let table: Table
    let source: SourceFile
    let findings: Findings
    /// Reads a file that decides, too, by its name for people.
    let open: (String) throws -> SourceFile

    func read() -> Policy {
        var policy = Policy()
        readFiles(&policy)
        policy.root = table.text("root").flatMap { found in
            path(found).map { Said($0, origin(found)) }
        }
        policy.hostname = table.text("hostname")?.value
        policy.directory = table.text("directory").flatMap(directory)
        readVariables(&policy)
        readLimits(&policy)
        policy.graceSeconds = table.duration("grace")?.value
        policy.stopSignal = table.text("stop_signal").flatMap(signal)
        policy.capabilities = table.texts("keep_capability").filter(isCapability).map(\.value)
        policy.mapsUsers = table.flag("map_users")?.value
        policy.landlock = table.choice("landlock", Landlock.Use.self)
        policy.seccomp = SeccompKey(findings: findings) { try open(beside($0)) }.read(table)
        readNetwork(&policy)
        policy.secrets = readSecrets()
        policy.terminal = table.flag("tty")?.value
        policy.bestEffort = table.flag("best_effort")?.value
        policy.tracesDenials = table.flag("trace_denials")?.value
        for key in ["map_users", "landlock", "seccomp", "clear_env", "best_effort"] {
            note(table, key, in: &policy)
        }
        return policy
    }

    func origin<Value>(_ found: Found<Value>) -> Origin {
        Origin(file: source.name, place: found.place, path: found.path)
    }

    /// Remembers where a single value was said.
    private func note(
        _ table: Table, _ key: String, as name: String? = nil, in policy: inout Policy
    ) {
        guard let found = table.any(key) else { return }
        policy.origins[name ?? found.path] = origin(found)
    }

    // MARK: paths

    /// How a file beside this one is called from where we are.
    func beside(_ name: String) -> String {
        let parent = Files.parent(of: source.name)
        return parent == "." ? name : Files.resolve(name, against: parent)
    }

    /// Absolute. What a shell would have expanded is a mistake here: the file means the same whoever uses it.
    func path(_ found: Found<String>) -> String? {
        if found.value.hasPrefix("~") || found.value.hasPrefix("$") {
            findings.complain(
                found.place,
                "\(found.path): nothing is expanded in '\(found.value)': write the whole path, or "
                    + "./ before a name that begins so")
            return nil
        }
        return Files.resolve(found.value, against: source.directory)
    }

    private func paths(_ key: String) -> [Said<String>] {
        table.texts(key).compactMap { found in
            path(found).map { Said(Files.normal($0), origin(found)) }
        }
    }

    /// A place inside, at which something is mounted.
    private func target(_ found: Found<String>, _ path: String) -> String? {
        let plain = Files.normal(path)
        let isOwn = ["/proc", "/dev"].contains { Files.lies(plain, in: $0) }
        guard path.hasPrefix("/"), plain != "/", !isOwn else {
            findings.complain(
                found.place,
                "\(found.path): nothing can be placed at '\(found.value)': name an absolute path "
                    + "that is not in /proc or /dev")
            return nil
        }
        return plain
    }

    private func readFiles(_ policy: inout Policy) {
        policy.readOnly = paths("read_only")
        policy.readWrite = paths("read_write")
        policy.hidden = paths("hide")
        policy.masked = paths("mask")
        policy.linkless = paths("no_links")
        policy.devices = paths("device").filter { device in
            if device.value.hasPrefix("/dev/") { return true }
            if let origin = device.origin {
                findings.complain(
                    origin.place, "\(origin.path): '\(device.value)' is no device below /dev")
            }
            return false
        }
        policy.binds = table.tables("bind", PolicyKeys.bind).compactMap(bind)
        policy.memory = table.elements("tmpfs").compactMap(memory)
    }

    private func bind(_ table: Table) -> Said<Policy.Bind>? {
        let source = table.text("source").flatMap { found in path(found).map { (found, $0) } }
        let target = table.text("target").flatMap { self.target($0, $0.value) }
        guard let source, let target else { return nil }
        return Said(
            Policy.Bind(
                source: source.1, target: target,
                isReadOnly: table.flag("read_only")?.value ?? false),
            origin(source.0))
    }

    private func memory(_ element: Found<Toml>) -> Said<Policy.Memory>? {
        var named = element.value.text.map {
            Found(value: $0, place: element.place, path: element.path)
        }
        var size: Int?
        if case .table(let members) = element.value.value {
            let table = Table(
                members, at: element.place, path: element.path, PolicyKeys.memory, findings)
            named = table.text("path")
            size = table.size("size")?.value
        }
        guard let named, let path = path(named), let target = target(named, path) else {
            return nil
        }
        return Said(
            Policy.Memory(target: target, sizeBytes: size ?? Policy.Memory.usual), origin(named))
    }

    /// Inside, where the host's paths are in their places.
    private func directory(_ found: Found<String>) -> String? {
        guard let path = path(found) else { return nil }
        if found.value.hasPrefix("/") { return path }
        return (try? Files.canonical(path)) ?? Files.normal(path)
    }

    // MARK: values

    private func readVariables(_ policy: inout Policy) {
        policy.clearsVariables = table.flag("clear_env")?.value
        for (name, place, value) in table.map("env") {
            guard isVariable(name, place, value.path) else { continue }
            policy.variables[name] = Said(.value(value.value), origin(value))
        }
        for found in table.texts("hand_on") where isVariable(found.value, found.place, found.path) {
            if policy.variables[found.value] != nil {
                findings.complain(
                    found.place, "\(found.path): '\(found.value)' is there already: keep one")
            }
            policy.variables[found.value] = Said(.handedOn, origin(found))
        }
    }

    private func isVariable(_ name: String, _ place: Place, _ path: String) -> Bool {
        let isName =
            !name.isEmpty && !name.utf8.contains(UInt8(ascii: "=")) && !name.utf8.contains(0)
        if !isName { findings.complain(place, "\(path): '\(name)' cannot be a variable") }
        return isName
    }

    private func readLimits(_ policy: inout Policy) {
        if let section = table.table("limits", PolicyKeys.limits) {
            LimitsReader(findings: findings).read(section, into: &policy.limits)
            for (key, _) in Limits.numbers { note(section, key, in: &policy) }
            for (key, same) in [("timeout", "wall"), ("idle", "idle")] where section.has(same) {
                guard let found = table.any(key) else { continue }
                findings.complain(found.place, "\(key) is also in [limits] as \(same): keep one")
            }
        }
        policy.limits.wallSeconds = table.duration("timeout")?.value ?? policy.limits.wallSeconds
        policy.limits.idleSeconds = table.duration("idle")?.value ?? policy.limits.idleSeconds
        note(table, "timeout", as: "limits.wall", in: &policy)
        note(table, "idle", as: "limits.idle", in: &policy)
        guard let section = table.table("rlimits", PolicyKeys.processLimits) else { return }
        for (name, kind) in ResourceLimits.kinds {
            policy.resourceLimits[name] = amount(section, name, kind.unit)
            note(section, name, in: &policy)
        }
    }

    private func amount(_ section: Table, _ name: String, _ unit: ResourceLimits.Unit) -> UInt64? {
        switch unit {
        case .bytes: section.size(name).flatMap { UInt64(exactly: $0.value) }
        case .seconds:
            section.duration(name).flatMap { UInt64(exactly: $0.value.rounded(.up)) }
        case .microseconds:
            section.duration(name).flatMap { UInt64(exactly: ($0.value * 1e6).rounded(.up)) }
        case .count: section.integer(name).flatMap { UInt64(exactly: $0.value) }
        }
    }

    private func signal(_ found: Found<String>) -> Int32? {
        if let number = Signals.number(found.value) { return number }
        findings.complain(
            found.place, "\(found.path) must be \(Signals.wants), not '\(found.value)'")
        return nil
    }

    private func isCapability(_ found: Found<String>) -> Bool {
        do throws(SandboxFault) { _ = try Capabilities([found.value]) } catch {
            findings.complain(found.place, "\(found.path): \(error)")
            return false
        }
        return true
    }

    // MARK: the network

    private func readNetwork(_ policy: inout Policy) {
        guard let section = table.table("network", PolicyKeys.network) else { return }
        let reader = NetworkReader(findings: findings) { name in
            let whole = Files.resolve(name, against: source.directory)
            return (try? Files.canonical(whole)) ?? Files.normal(whole)
        }
        let network = reader.parts(of: section)
        policy.rules = section.texts("rules").flatMap(rules) + network.allow
        policy.brokers = network.broker ?? []
        policy.resolvers = network.resolvers ?? []
        policy.trafficBytes = network.trafficBytes
        let isListed = ["allow", "rules", "broker"].contains { section.mentions($0) }
        policy.mode = section.choice("mode", Network.Mode.self) ?? (isListed ? .allow : nil)
        if let mode = policy.mode { reader.checkUse(section, mode, beside: ["rules"]) }
        for key in ["mode", "traffic"] { note(section, key, in: &policy) }
        if policy.mode == .allow, policy.origins["network.mode"] == nil {
            policy.origins["network.mode"] = Origin(
                file: source.name, place: section.place, path: section.path)
        }
    }

    private func rules(_ found: Found<String>) -> [String] {
        guard path(found) != nil else { return [] }
        do {
            let file = try open(beside(found.value))
            return try RuleFile.rules(in: file.text, of: file.name).map(\.description)
        } catch {
            findings.complain(found.place, "\(found.path): \(error)")
            return []
        }
    }
}
