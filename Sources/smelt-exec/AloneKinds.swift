import Glibc
import Policies
import Records
import Sandbox
import Smelt

/// What the arguments of the options mean.
extension AloneOptions {
    static let calls = Kind<SeccompWord>("PROFILE|FILE", wants: SeccompWord.wants) {
        SeccompWord($0)
    }

    /// Where records go: a descriptor, or a file whose name has a slash so that it looks like none.
    enum Stream: Sendable {
        case descriptor(Int32)
        case file(String)
    }

    static let stream = Kind<Stream>(
        "FD|./FILE", wants: "a descriptor from 3 or a path with a slash"
    ) {
        if $0.contains("/") { return .file($0) }
        return descriptor($0).map(Stream.descriptor)
    }

    static let signal = Kind<Int32>("SIGNAL", wants: Signals.wants) { Signals.number($0) }

    static let rlimits = Kind<(name: String, amount: UInt64)>(
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

    static let reach = Kind<Reach>(
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

    static let brokers = Kind<Broker>(
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
}
