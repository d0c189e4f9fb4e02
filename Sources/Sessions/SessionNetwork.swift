internal import Records
internal import Sandbox

/// What a session's programs tried to reach.
extension SessionRun {
    /// How many different attempts are summed up.
    private static let mostAttempts = 1000

    func tell(_ decisions: [EgressWord.Decision]) throws {
        for decision in decisions {
            try crew.write(
                Egress(
                    session: session.name, host: decision.host, port: decision.port,
                    allowed: decision.allowed, rule: decision.rule, reason: decision.reason,
                    count: decision.count))
            guard !decision.allowed else { continue }
            let isKnown = refused[decision.attempt] != nil || refused.count < Self.mostAttempts
            let what = isKnown ? decision.attempt : "connect elsewhere"
            refused[what, default: 0] += decision.count ?? 1
        }
    }
}
