/// A service's container, of `docker container inspect`.
package struct ComposeContainer: Decodable, Equatable, Sendable {
    package struct Check: Decodable, Equatable, Sendable {
        package struct Result: Decodable, Equatable, Sendable { package var Output: String? }
        package var Status: String?
        package var Log: [Result]?
    }

    package struct Standing: Decodable, Equatable, Sendable {
        package var Status: String
        package var ExitCode: Int?
        package var OOMKilled: Bool?
        package var Health: Check?
    }

    package struct Configuration: Decodable, Equatable, Sendable {
        package var Labels: [String: String]?
    }

    package struct Host: Decodable, Equatable, Sendable {
        package struct Restart: Decodable, Equatable, Sendable { package var Name: String? }
        package var RestartPolicy: Restart?
    }

    package var Id: String
    /// The digest of what runs.
    package var Image: String?
    package var State: Standing
    package var Config: Configuration
    package var HostConfig: Host?

    package var service: String {
        Config.Labels?["com.docker.compose.service"] ?? String(Id.prefix(12))
    }

    package enum Readiness: Equatable, Sendable {
        case ready, waiting
        /// In words that follow "it".
        case failed(String)
    }

    /// One with a check is ready when that says so, one without when it runs, or has done its work.
    package var readiness: Readiness {
        switch State.Status {
        case "running", "paused":
            switch State.Health?.Status {
            case "starting": return .waiting
            case "unhealthy": return .failed("is unhealthy")
            default: return .ready
            }
        case "exited", "dead":
            let code = State.ExitCode ?? 0
            if code == 0 { return .ready }
            if let policy = HostConfig?.RestartPolicy?.Name, !["", "no"].contains(policy) {
                return .waiting
            }
            if State.OOMKilled == true { return .failed("ran out of memory") }
            return .failed("ended with status \(code)")
        default: return .waiting
        }
    }

    /// What its check said last.
    package var check: String {
        guard case .failed = readiness, let said = State.Health?.Log?.last?.Output else {
            return ""
        }
        let lines = said.split(whereSeparator: \.isNewline)
        return lines.last.map { String($0.prefix(300)) } ?? ""
    }
}
