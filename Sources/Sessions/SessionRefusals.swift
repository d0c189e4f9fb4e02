internal import Records
internal import Sandbox
internal import Smelt

/// What a session's programs tried to reach, and what they were refused.
extension SessionRun {
    func tell(_ decisions: [EgressWord.Decision]) throws {
        for decision in decisions {
            refusals.add(decision)
            try crew.write(
                Egress(
                    session: session.name, host: decision.host, port: decision.port,
                    allowed: decision.allowed, rule: decision.rule, reason: decision.reason,
                    count: decision.count))
        }
    }

    /// Of a step that has ended.
    func note(_ step: Step) {
        refusals.add(step.denials)
        if let finished = step.finished { refusals.add(finished, limits: crew.limits) }
    }

    /// All that was refused, in records and for whoever looks on.
    func sumUp() {
        refusals.tell(of: session.name) {
            crew.emit($0)
        } sentence: {
            say("smelt-exec: session '\(session.name)': \($0)\n")
        }
    }
}
