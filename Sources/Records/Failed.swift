package import Smelt

/// Something could not be done. Without a session it ends the run: later stages do no work of
/// their own but pass everything on.
package struct Failed: Record {
    package static let type = "failed"

    package var stage: String
    /// A stable word.
    package var code: String
    package var status: Int32
    package var message: String
    package var hint: String?
    package var session: String?
    /// Before then there is no sense in another try, as far as is known: a provider's limit.
    package var notBefore: Timestamp?
    /// For a line that could not be read: its number from 1, its size, and its first bytes.
    package var line: Int?
    package var sizeBytes: Int?
    package var base64: String?

    /// Stages that come behind the result, in the run itself and again when it goes on: what they could not do then is no reason not
    /// to try.
    package static let lastStages: Set<String> = ["review", "pr", "runs", "queue"]
    /// The code of a question that was asked and left to be answered: the run is gone on with then.
    package static let reviewWaits = "review_waits"
    /// The code of a result that is refused because the value of a credential stands in it.
    package static let secretInResult = "secret"

    package init(
        stage: String, code: String, status: Int32, message: String, hint: String? = nil,
        session: String? = nil, notBefore: Timestamp? = nil, line: Int? = nil,
        sizeBytes: Int? = nil, base64: String? = nil
    ) {
        self.notBefore = notBefore
        self.stage = stage
        self.code = code
        self.status = status
        self.message = message
        self.hint = hint
        self.session = session
        self.line = line
        self.sizeBytes = sizeBytes
        self.base64 = base64
    }

    package init(stage: String, _ fault: any Fault, session: String? = nil) {
        self.init(
            stage: stage, code: fault.code, status: fault.exit.rawValue, message: "\(fault)",
            hint: fault.hint, session: session, notBefore: fault.notBefore)
    }
}

/// A connection that a session asked for.
package struct Egress: Record {
    package static let type = "egress"

    package var session: String
    package var host: String
    package var port: Int
    package var allowed: Bool
    package var rule: String?
    /// Why not.
    package var reason: String?
    /// How many alike this one stands for; absent means one.
    package var count: Int?

    package init(
        session: String, host: String, port: Int, allowed: Bool, rule: String? = nil,
        reason: String? = nil, count: Int? = nil
    ) {
        self.session = session
        self.host = host
        self.port = port
        self.allowed = allowed
        self.rule = rule
        self.reason = reason
        self.count = count
    }
}

/// Something that the confinement refused.
package struct Denied: Record {
    package static let type = "denied"

    package var session: String
    package var what: String
    package var mechanism: String
    /// For people.
    package var reason: String?
    /// Of a call that was traced: the file, as far as it is known, made visible and cut off at 1024 bytes.
    package var path: String?
    /// The name of the errno that it got.
    package var error: String?
    package var count: Int?

    package init(
        session: String, what: String, mechanism: String, reason: String? = nil,
        path: String? = nil, error: String? = nil, count: Int? = nil
    ) {
        self.session = session
        self.what = what
        self.mechanism = mechanism
        self.reason = reason
        self.path = path
        self.error = error
        self.count = count
    }
}
