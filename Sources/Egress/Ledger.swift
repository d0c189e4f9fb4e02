package import Records
package import Sandbox

/// What was decided, told once each; what repeats itself is counted and told at the end, so that whoever asks a million
/// times fills no log.
package final class Ledger {
    private struct Key: Hashable {
        let host: String
        let port: Int
        let allowed: Bool
        let why: String
    }

    private var times: [Key: Int] = [:]
    private let tell: (EgressWord.Decision) -> Void

    /// How often the same is told by itself.
    static let each = 16
    /// How many different decisions are told.
    static let most = 2000

    package init(_ tell: @escaping (EgressWord.Decision) -> Void) {
        self.tell = tell
    }

    package func allow(_ host: NetworkHost, _ port: Int, _ rule: NetworkRule, failed: String? = nil)
    {
        note("\(host)", port, allowed: true, rule: rule.description, reason: failed)
    }

    package func refuse(_ host: String, _ port: Int, _ reason: String) {
        note(host, port, allowed: false, rule: nil, reason: reason)
    }

    private func note(
        _ host: String, _ port: Int, allowed: Bool, rule: String?, reason: String?
    ) {
        var key = Key(host: host, port: port, allowed: allowed, why: rule ?? reason ?? "")
        if times[key] == nil, times.count >= Self.most {
            key = Key(host: "others", port: port, allowed: allowed, why: "too many to tell apart")
        }
        let count = (times[key] ?? 0) + 1
        times[key] = count
        guard count <= Self.each else { return }
        tell(
            EgressWord.Decision(
                host: key.host, port: port, allowed: allowed, rule: rule, reason: reason))
    }

    /// Tells how often the rest of each was decided.
    package func finish() {
        for (key, count) in times where count > Self.each {
            tell(
                EgressWord.Decision(
                    host: key.host, port: key.port, allowed: key.allowed,
                    rule: key.allowed ? key.why : nil, reason: key.allowed ? nil : key.why,
                    count: count - Self.each))
        }
        times = [:]
    }
}
