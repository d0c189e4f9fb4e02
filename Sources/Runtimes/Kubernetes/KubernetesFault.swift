package import Smelt

/// What a cluster, or `kubectl`, answered instead of doing it. The reason is always theirs, as it is.
package enum KubernetesFault: Fault, Equatable {
    /// Not for this account, or not by the namespace's rules.
    case refused(action: String, reason: String)
    /// A quota is used up.
    case full(action: String, reason: String)
    case missing(action: String, reason: String)
    /// There is something of that name already.
    case taken(action: String, reason: String)
    case invalid(action: String, reason: String)
    case misconfigured(action: String, reason: String)
    case unreachable(action: String, reason: String)
    case other(action: String, reason: String)
    /// There was no pod, or it did not run, for so long.
    case notStarted(seconds: Double, reason: String?)

    /// From what kubectl complained when it was to do `action`.
    package init(_ action: String, complaint: String) {
        let lines = complaint.split(separator: "\n").filter {
            !$0.hasPrefix("Warning:") && !$0.allSatisfy(\.isWhitespace)
        }
        let reason = lines.last.map { Visible.line(String($0)) } ?? "kubectl said nothing"
        func says(_ words: String...) -> Bool { words.contains { reason.contains($0) } }
        self =
            if says("exceeded quota") {
                .full(action: action, reason: reason)
            } else if says("(Forbidden)", "(Unauthorized)", "must be logged in", "is forbidden") {
                .refused(action: action, reason: reason)
            } else if says("(AlreadyExists)") {
                .taken(action: action, reason: reason)
            } else if says("(NotFound)") {
                .missing(action: action, reason: reason)
            } else if says("(Invalid)", "(BadRequest)", "error validating", "is invalid") {
                .invalid(action: action, reason: reason)
            } else if says(
                "context was not found", "cannot locate context", "does not exist",
                "no configuration has been")
            {
                .misconfigured(action: action, reason: reason)
            } else if says(
                "Unable to connect", "was refused", "no such host", "timeout", "timed out",
                "deadline exceeded", "(ServiceUnavailable)", "(TooManyRequests)", "EOF")
            {
                .unreachable(action: action, reason: reason)
            } else {
                .other(action: action, reason: reason)
            }
    }

    package var exit: Exit {
        switch self {
        case .refused: .refused
        case .full, .unreachable, .notStarted: .later
        case .missing: .missing
        case .invalid: .invalid
        case .misconfigured: .misconfigured
        case .taken, .other: .unavailable
        }
    }

    package var code: String {
        switch self {
        case .refused: "cluster_refused"
        case .full: "quota"
        case .missing: "cluster_missing"
        case .invalid: "cluster_invalid"
        case .misconfigured: "cluster_config"
        case .unreachable: "cluster_unreachable"
        case .taken: "cluster_taken"
        case .other: "cluster"
        case .notStarted: "not_started"
        }
    }

    package var description: String {
        switch self {
        case .refused(let action, let reason), .full(let action, let reason),
            .missing(let action, let reason), .invalid(let action, let reason),
            .misconfigured(let action, let reason), .unreachable(let action, let reason),
            .taken(let action, let reason), .other(let action, let reason):
            "could not \(action): \(reason)"
        case .notStarted(let seconds, let reason):
            "could not start the pod within \(Quantity.describe(seconds: seconds)): "
                + (reason ?? "the cluster says nothing about it")
        }
    }

    package var hint: String? {
        switch self {
        case .refused: "give the account what smelt-kubernetes(7) lists"
        case .misconfigured: "look at kubernetes.context and at KUBECONFIG"
        case .notStarted: "set kubernetes.start_timeout for as long as its queue may be"
        default: nil
        }
    }
}
