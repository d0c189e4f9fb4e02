package import CEgress
internal import Glibc
package import Smelt

/// What keeps `smelt-egress` from serving.
package enum ServeFault: Fault {
    case badRule(String)
    case badOrder(String)
    case noResolver([String])
    case notListening(place: String, SystemFault)
    case noListeners
    /// A step of its own confinement that the kernel refused.
    case notConfined(step: egress_step, number: Int32)
    case noUser
    case noCertificates(file: String, reason: String)
    case noSecret(broker: String, reason: String)
    case refused(SystemFault)

    package var exit: Exit {
        switch self {
        case .badRule, .badOrder, .noCertificates: .invalid
        case .noResolver, .noUser, .noSecret: .misconfigured
        case .notListening(_, let fault), .refused(let fault): fault.exit
        case .noListeners, .notConfined: .unavailable
        }
    }

    package var code: String {
        switch self {
        case .badRule: "network_rule"
        case .badOrder: "bad_order"
        case .noResolver: "no_resolver"
        case .notListening: "not_listening"
        case .noListeners: "no_listeners"
        case .notConfined: "not_enforceable"
        case .noUser: "host_user"
        case .noCertificates: "no_certificates"
        case .noSecret: "no_credential"
        case .refused(let fault): fault.code
        }
    }

    package var description: String {
        switch self {
        case .badRule(let text):
            "could not read the rule '\(Visible.line(text))': write [METHOD ]HOST[:PORT][/PATH], such as "
                + "registry.example:443 or *.example"
        case .badOrder(let reason): "could not read the order: \(reason)"
        case .noResolver(let servers):
            servers.isEmpty
                ? "could not find a name server: '/etc/resolv.conf' names none"
                : "could not use the name servers '\(servers.joined(separator: ", "))': each must be an address"
        case .notListening(let place, let fault): "could not listen at '\(place)': \(fault.reason)"
        case .noListeners: "could not serve: no listener came from the sandbox"
        case .notConfined(let step, let number):
            "could not \(Self.attempt(step)) for itself: \(String(cString: strerror(number)))"
        case .noUser: "could not serve as root: SMELT_UIDS has no user for smelt-egress"
        case .noCertificates(let file, let reason):
            "could not use the certificates in '\(file)': \(reason)"
        case .noSecret(let broker, let reason):
            "could not read the secret of the broker '\(broker)': \(reason)"
        case .refused(let fault): "\(fault)"
        }
    }

    package var hint: String? {
        switch self {
        case .notConfined(EGRESS_STEP_FILTER, _): "the kernel must have CONFIG_SECCOMP_FILTER"
        case .notConfined(EGRESS_STEP_NAMESPACES, _), .notConfined(EGRESS_STEP_MAP, _),
            .notConfined(EGRESS_STEP_ROOT, _):
            "user namespaces must be allowed, see the sysctls kernel.unprivileged_userns_clone, "
                + "kernel.apparmor_restrict_unprivileged_userns and user.max_user_namespaces"
        case .noUser: "name a range of three or more"
        default: nil
        }
    }

    /// The verb of the sentence.
    private static func attempt(_ step: egress_step) -> String {
        switch step {
        case EGRESS_STEP_NAMESPACES: "make namespaces"
        case EGRESS_STEP_MAP: "map the user"
        case EGRESS_STEP_ROOT: "make an empty root"
        case EGRESS_STEP_USER: "change the user"
        case EGRESS_STEP_PRIVILEGES: "give up the privileges"
        case EGRESS_STEP_LIMITS: "set the limits"
        case EGRESS_STEP_LANDLOCK: "shut the files off by Landlock"
        default: "filter the system calls"
        }
    }
}
