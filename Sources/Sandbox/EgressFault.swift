package import Smelt

/// Why a sandbox cannot have the network that its plan allows.
package enum EgressFault: Fault, Equatable {
    case badRule(String)
    case badBroker(name: String, reason: String)
    case tooManyPorts(Int)
    /// `smelt-egress` could not be run.
    case notStarted(String)
    /// It says itself why it does not work.
    case refused(message: String, hint: String?, code: String, status: Int32)
    /// It ended or was silent instead of saying that it is ready.
    case silent
    /// Too few users for it to have one of its own.
    case noUser
    case noSecret(broker: String, reason: String)

    package var exit: Exit {
        switch self {
        case .badRule, .badBroker, .tooManyPorts: .invalid
        case .notStarted, .silent: .unavailable
        case .refused(_, _, _, let status): Exit(rawValue: status) ?? .unavailable
        case .noUser, .noSecret: .misconfigured
        }
    }

    package var code: String {
        switch self {
        case .badRule, .badBroker, .tooManyPorts: "network_rule"
        case .notStarted, .silent: "no_egress"
        case .refused(_, _, let code, _): code
        case .noUser: "host_user"
        case .noSecret: "no_credential"
        }
    }

    package var description: String {
        switch self {
        case .badRule(let text):
            "could not read the rule '\(Visible.line(text))': write [METHOD ]HOST[:PORT][/PATH], such as "
                + "registry.example:443 or *.example"
        case .badBroker(let name, let reason): "could not use the broker '\(name)': \(reason)"
        case .tooManyPorts(let count):
            "could not listen on '\(count)' ports: the rules and brokers may need 128 together"
        case .notStarted(let reason): "could not start the network: \(reason)"
        case .refused(let message, _, _, _): message
        case .silent: "could not start the network: smelt-egress ended without a word"
        case .noUser: "could not start the network as root: SMELT_UIDS has no user for smelt-egress"
        case .noSecret(let broker, let reason):
            "could not get the secret of the broker '\(broker)': \(reason)"
        }
    }

    package var hint: String? {
        switch self {
        case .noUser: "name a range of three or more"
        case .notStarted: "smelt-egress belongs beside smelt-exec"
        case .refused(_, let hint, _, _): hint
        default: nil
        }
    }
}
