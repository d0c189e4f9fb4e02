import Glibc
import Records
import Sandbox
import Smelt

/// The words of `smelt-exec [options] -- command`, and the plan that they make.
enum AloneOptions {
    static let readOnly = Option("read-only", "r", .text("PATH"), "show PATH, read-only")
    static let readWrite = Option("read-write", "w", .text("PATH"), "let the command write at PATH")
    static let bind = Option(
        "bind", "b", .text("SRC:DST[:ro]"), "show SRC at DST, to write or only to read")
    static let hide = Option("hide", nil, .text("PATH"), "put something empty over PATH")
    static let mask = Option(
        "mask", nil, .text("PATH"), "hide PATH, and let nothing be made there where nothing is")
    static let memory = Option(
        "tmpfs", nil, .text("PATH[:SIZE]"), "a directory in memory of its own (default 256M)")
    static let device = Option("device", nil, .text("PATH"), "let it use a device below /dev")
    static let root = Option(
        "root", nil, .directory, "show this tree in place of the host's software")
    static let hostname = Option("hostname", nil, .text("NAME"), "its host name (default smelt)")
    static let directory = Option(
        "directory", "C", .text("DIR"), "start there (default: where you are)")
    static let variable = Option(
        "env", "e", .text("NAME[=VALUE]"), "set a variable, or hand on yours")
    static let clear = Option("clear-env", nil, .flag, "no variables but those of --env")
    static let timeout = Option("timeout", "t", .duration, "stop the command after that time")
    static let idle = Option("idle", nil, .duration, "stop it when it prints nothing for that time")
    static let grace = Option(
        "grace", nil, .duration, "from the stop signal to the kill (default 10s)")
    static let stopSignal = Option(
        "stop-signal", nil, signal, "what asks it to stop (default TERM)")
    static let limit = Option(
        "limit", "l", LimitOption.kind, "bound it: memory, cpu, processes and more; see the page")
    static let rlimit = Option(
        "rlimit", nil, rlimits, "bound each process, by prlimit(1)'s names: cpu=60, nofile=256")
    static let keep = Option(
        "keep-capability", nil, .text("NAME"), "leave a capability, inside the sandbox only")
    static let landlock = Option(
        "landlock", nil, .choice(Landlock.Use.allCases.map(\.rawValue)),
        "the second wall (default available)")
    static let seccomp = Option(
        "seccomp", nil, calls, "which system calls it may make (default default)")
    static let check = Option("check", nil, .flag, "only look through the file of --seccomp")
    static let network = Option(
        "network", "n", reach, "what it may reach (default none)")
    static let networkRules = Option(
        "network-rules", nil, .file, "let it reach what the rules in FILE name")
    static let broker = Option(
        "broker", nil, brokers, "serve URL at VARIABLE, with a secret that stays outside")
    static let brokerCA = Option(
        "broker-ca", nil, .file, "trust the certificates in FILE for --broker")
    static let resolver = Option(
        "resolver", nil, .text("ADDRESS[:PORT]"), "ask there for addresses")
    static let traffic = Option(
        "traffic", nil, .size, "let so many bytes pass through the network, then none")
    static let terminal = Option("tty", nil, .flag, "give it a terminal of its own")
    static let bestEffort = Option(
        "best-effort", nil, .flag, "go on without limits that cannot be enforced")
    static let events = Option("events", nil, stream, "write records there")
    static let report = Option("report", nil, .file, "write the last record to FILE")
    static let plan = Option(
        "plan", nil, .text("FD"), "read a whole plan as JSON from a descriptor")

    static let task = Option(
        "task", nil, .file, "run the task in FILE, again as it says (- is standard input)")

    static let all: [any Declared] = [
        readOnly, readWrite, bind, hide, mask, memory, device, root, hostname, directory, variable,
        clear, timeout, idle, grace,
        stopSignal,
        limit, rlimit, keep, landlock, seccomp, check, network, networkRules, broker, brokerCA,
        resolver, traffic, terminal, bestEffort, events, report, plan, task,
    ]

    /// A profile or a file, whose name has a slash or ends as TOML's do.
    enum Calls: Sendable {
        case profile(SeccompPolicy.Base)
        case file(String)
    }

    private static let calls = Kind<Calls>(
        "PROFILE|FILE", wants: "default, strict, none or a file such as ./policy.toml"
    ) { text in
        if text.contains("/") || text.hasSuffix(".toml") { return .file(text) }
        let profile = SeccompPolicy.Base(rawValue: text)
        return profile.flatMap { SeccompPolicy.Base.profiles.contains($0) ? .profile($0) : nil }
    }

    /// Whether the words ask for a command of their own rather than for the sessions of a pipe.
    static func isWanted(_ words: Words) -> Bool {
        !words.operands.isEmpty || words[plan] != nil || words[task] != nil
    }

    /// Where records go: a descriptor, or a file whose name has a slash so that it looks like none.
    enum Stream: Sendable {
        case descriptor(Int32)
        case file(String)
    }

    private static let stream = Kind<Stream>(
        "FD|./FILE", wants: "a descriptor from 3 or a path with a slash"
    ) {
        if $0.contains("/") { return .file($0) }
        return descriptor($0).map(Stream.descriptor)
    }

    private static let signal = Kind<Int32>(
        "SIGNAL", wants: "a signal such as TERM, INT, HUP or a number"
    ) {
        Signals.number($0)
    }

    private static let rlimits = Kind<(name: String, amount: UInt64)>(
        "NAME=VALUE", wants: "NAME=VALUE with a name of prlimit(1), such as cpu, nofile or stack"
    ) { text in
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let kind = ResourceLimits.kinds[parts[0]] else { return nil }
        let amount: UInt64? =
            switch kind.unit {
            case .bytes: Quantity.bytes(parts[1]).flatMap { UInt64(exactly: $0) }
            case .seconds: Quantity.seconds(parts[1]).flatMap { UInt64(exactly: $0.rounded(.up)) }
            case .microseconds:
                Quantity.seconds(parts[1]).flatMap { UInt64(exactly: ($0 * 1e6).rounded(.up)) }
            case .count: UInt64(parts[1])
            }
        return amount.map { (parts[0], $0) }
    }

    /// What `--network` says.
    enum Reach: Sendable {
        case none, host
        case allow([String])
    }

    private static let reach = Kind<Reach>(
        "none|host|allow:RULE[,RULE]",
        wants: "none, host, or allow:HOST[:PORT],… such as allow:registry.example:443,*.example"
    ) { text in
        switch text {
        case "none": return Reach.none
        case "host": return .host
        default: break
        }
        guard text.hasPrefix("allow:") else { return nil }
        let rules = text.dropFirst(6).split(separator: ",", omittingEmptySubsequences: false)
        guard rules.allSatisfy({ NetworkRule(String($0)) != nil }) else { return nil }
        return .allow(rules.map(String.init))
    }

    private static let brokers = Kind<Broker>(
        "VARIABLE=URL HEADER[:SCHEME] env:NAME|file:PATH",
        wants: "'VARIABLE=URL HEADER[:SCHEME] env:NAME' or file:PATH, such as "
            + "'API_URL=https://api.example Authorization:Bearer env:API_KEY'"
    ) { text in
        let words = text.split(separator: " ").map(String.init)
        guard words.count == 3, let equals = words[0].firstIndex(of: "=") else { return nil }
        let variable = String(words[0][..<equals])
        let parts = words[1].split(separator: ":", maxSplits: 1).map(String.init)
        let place = String(words[2].dropFirst(words[2].hasPrefix("env:") ? 4 : 5))
        guard !variable.isEmpty, !place.isEmpty, let header = parts.first else { return nil }
        var broker = Broker(
            name: variable, upstream: String(words[0][words[0].index(after: equals)...]),
            header: header, scheme: parts.count > 1 ? parts[1] : nil, variables: [variable])
        if words[2].hasPrefix("env:") {
            broker.secretEnv = place
        } else if words[2].hasPrefix("file:") {
            broker.secretFile = place
        } else {
            return nil
        }
        return broker.complaint == nil ? broker : nil
    }

    /// Strictly digits; 0 to 2 are the command's.
    static func descriptor(_ text: String) -> Int32? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int32(text), number > 2
        else { return nil }
        return number
    }

    /// Whether the descriptors that the caller names are there, and 0 to 2 can be the command's. All of the caller's,
    /// where a plan may name more.
    static func checkDescriptors(of words: Words) throws(AloneFault) -> Set<Int32> {
        var named: [Int32] = []
        if case .descriptor(let number)? = words[events] { named.append(number) }
        if let number = words[plan].flatMap(descriptor) { named.append(number) }
        for number in named where fcntl(number, F_GETFD) < 0 { throw .notOpen(number) }
        // What the command gets as it is. Through a directory of the host's, '..' leads everywhere.
        for number: Int32 in 0...2 {
            var facts = stat()
            if fstat(number, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR {
                throw .directory(number)
            }
        }
        guard words[plan] != nil else { return [] }
        // Without the one that the listing itself had open.
        return Set(Files.names(in: "/proc/self/fd").compactMap { Int32($0) }).filter {
            fcntl($0, F_GETFD) >= 0
        }
    }

    static func checkDescriptors(of plan: Plan, among theirs: Set<Int32>) throws(AloneFault) {
        for case .copied(let number, _, _) in plan.files where !theirs.contains(number) {
            throw .notOpen(number)
        }
    }

    static func limits(of words: Words) -> Limits {
        var limits = Limits(wallSeconds: words[timeout], idleSeconds: words[idle])
        for set in words.all(limit) { set.apply(&limits) }
        return limits
    }

    /// What the command gets of the caller's variables without being told: how to talk, and where programs are.
    static func environment(of words: Words) throws -> [String: String] {
        var variables: [String: String] = [:]
        if !words[clear] {
            variables = Plan.environment
            for entry in Environment.all {
                guard let (name, value) = split(entry), isHarmless(name) else { continue }
                variables[name] = value
            }
        }
        for text in words.all(variable) {
            if let (name, value) = split(text) {
                guard !name.isEmpty else {
                    throw Usage("--env needs NAME=VALUE or NAME, not '\(text)'")
                }
                variables[name] = value
            } else {
                guard let value = Environment[text] else {
                    throw Usage("--env \(text): there is no such variable to hand on")
                }
                variables[text] = value
            }
        }
        return variables
    }

    private static func isHarmless(_ name: String) -> Bool {
        ["PATH", "TERM", "COLORTERM", "NO_COLOR", "LANG", "LANGUAGE", "TZ"].contains(name)
            || name.hasPrefix("LC_")
    }

    private static func split(_ text: String) -> (String, String)? {
        guard let equals = text.firstIndex(of: "=") else { return nil }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
}
