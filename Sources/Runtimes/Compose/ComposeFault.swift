package import Smelt

/// What can go wrong with the services beside a run's sessions.
package enum ComposeFault: Fault, Equatable {
    /// Neither command of compose's is there; what was said instead.
    case noCommand(String)
    /// The `docker` that answers is podman's, whose networks cannot be made as these have to be.
    case podman
    /// Compose said no, in its own words.
    case refused(reason: String)
    /// A service does not run: why, what its check says, and its last lines.
    case failed(service: String, why: String, check: String, lines: [String])
    /// They were not ready in time; what the first of them printed last.
    case late(services: [String], seconds: Double, lines: [String])

    package var exit: Exit { .unavailable }

    package var code: String {
        switch self {
        case .noCommand, .podman, .refused: "compose"
        case .failed, .late: "service"
        }
    }

    package var description: String {
        switch self {
        case .noCommand(let said):
            "could not find 'docker compose' nor 'docker-compose'"
                + (said.isEmpty ? "" : ": \(said)")
        case .podman:
            "could not use podman for 'compose': it makes no network that leads nowhere for services"
        case .refused(let reason): "could not start the services: \(reason)"
        case .failed(let service, let why, let check, let lines):
            "could not start the service '\(service)': it \(why)"
                + (check.isEmpty ? "" : ", its check says \(Self.quoted([check]))")
                + Self.last(lines)
        case .late(let services, let seconds, let lines):
            "could not start \(Self.quoted(services)): not ready after "
                + Quantity.describe(seconds: seconds) + Self.last(lines)
        }
    }

    package var hint: String? {
        switch self {
        case .noCommand: "install compose"
        case .podman: "use the runtime 'docker', or an engine of Docker's"
        case .late: "give it more time with environment.start_timeout"
        default: nil
        }
    }

    private static func last(_ lines: [String]) -> String {
        lines.isEmpty ? "" : ", and printed last \(quoted(lines))"
    }

    private static func quoted(_ texts: [String]) -> String {
        texts.map { "'\(Visible.line($0))'" }.joined(separator: ", ")
    }
}
