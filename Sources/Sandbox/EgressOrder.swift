package import Records

/// What `smelt-egress` is to do for one sandbox, as JSON on a descriptor. All numbers of descriptors are its own.
package struct EgressOrder: Codable, Sendable {
    /// As `NetworkRule` reads them.
    package var rules: [String]
    /// In the order in which their sockets arrive on `control`.
    package var listeners: [EgressPorts.Listener]
    package var brokers: [Broker]
    /// The descriptors of their secrets, one each.
    package var secrets: [Int32]
    package var resolvers: [String]?
    package var trafficBytes: Int?
    /// Closed by the other end when the sandbox has ended.
    package var control: Int32
    /// For root: whom to become.
    package var user: UInt32?

    package init(
        reach: Network, listeners: [EgressPorts.Listener], secrets: [Int32], control: Int32,
        user: UInt32?
    ) {
        rules = reach.allow
        self.listeners = listeners
        brokers = reach.broker ?? []
        self.secrets = secrets
        resolvers = reach.resolvers
        trafficBytes = reach.trafficBytes
        self.control = control
        self.user = user
    }
}

/// A line that `smelt-egress` writes for whoever gave the order: exactly one of these.
package struct EgressWord: Codable, Sendable {
    /// It is confined and serves from now on.
    package var ready: Bool?
    /// It cannot do what it was asked to, and ends.
    package var failed: Refusal?
    package var decided: Decision?

    package struct Refusal: Codable, Sendable {
        package var message: String
        package var hint: String?
        package var code: String
        package var status: Int32

        package init(message: String, hint: String?, code: String, status: Int32) {
            self.message = message
            self.hint = hint
            self.code = code
            self.status = status
        }
    }

    package struct Decision: Codable, Equatable, Sendable {
        package var host: String
        package var port: Int
        package var allowed: Bool
        package var rule: String?
        package var reason: String?
        package var count: Int?

        package init(
            host: String, port: Int, allowed: Bool, rule: String? = nil, reason: String? = nil,
            count: Int? = nil
        ) {
            self.host = host
            self.port = port
            self.allowed = allowed
            self.rule = rule
            self.reason = reason
            self.count = count
        }

        /// The host of a decision that is about all of them.
        package static let everything = "everything"

        /// What was tried, for a `denied` record. Port 53 is where names are asked for.
        package var attempt: String {
            if host == Self.everything { return "connect to anything" }
            return port == 53 ? "resolve \(host)" : "connect \(host):\(port)"
        }
    }

    package init(ready: Bool? = nil, failed: Refusal? = nil, decided: Decision? = nil) {
        self.ready = ready
        self.failed = failed
        self.decided = decided
    }

    /// No line is longer.
    package static let longest = 4096
}
