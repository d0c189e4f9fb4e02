internal import Smelt

/// What an engine says of itself: `docker info` as docker answers it, or as podman does, whose command people have under
/// docker's name. What an older or another engine leaves out is not there.
struct DockerInfo: Decodable {
    var ID: String?
    var Name: String?
    var MemoryLimit: Bool?
    var SwapLimit: Bool?
    var CpuCfsQuota: Bool?
    var CPUShares: Bool?
    var CPUSet: Bool?
    var PidsLimit: Bool?
    var SecurityOptions: [String]?
    var ServerErrors: [String]?

    /// Podman's alone.
    struct Host: Decodable {
        struct Security: Decodable { var seccompEnabled: Bool? }
        var hostname: String?
        var serviceIsRemote: Bool?
        /// Those that it may use: without a delegation none.
        var cgroupControllers: [String]?
        var security: Security?
    }
    struct Store: Decodable { var graphRoot: String? }
    var host: Host?
    var store: Store?

    /// Another host's engine, or another user's, has another.
    var identity: String {
        guard let host else { return ID ?? Name ?? "docker" }
        let kind = host.serviceIsRemote == true ? Self.farPodman : Self.podman
        return "\(kind)\(host.hostname ?? ""):\(store?.graphRoot ?? "")"
    }

    private static let podman = "podman:"
    private static let farPodman = "podman:remote:"

    /// Whether the engine of that identity is podman.
    static func isPodman(_ identity: String?) -> Bool { identity?.hasPrefix(podman) == true }

    /// Whether it is asked by way of a service, of another host perhaps.
    static func isFarPodman(_ identity: String) -> Bool { identity.hasPrefix(farPodman) }

    enum Count { case memory, swap, processes, cpu, cpuWeight, cpus }

    /// Whether it holds containers to that limit.
    func counts(_ what: Count) -> Bool {
        if let host {
            let controllers = host.cgroupControllers ?? []
            switch what {
            case .memory, .swap: return controllers.contains("memory")
            case .processes: return controllers.contains("pids")
            case .cpu, .cpuWeight: return controllers.contains("cpu")
            case .cpus: return controllers.contains("cpuset")
            }
        }
        switch what {
        case .memory: return MemoryLimit != false
        case .swap: return SwapLimit != false
        case .processes: return PidsLimit != false
        case .cpu: return CpuCfsQuota != false
        case .cpuWeight: return CPUShares != false
        case .cpus: return CPUSet != false
        }
    }

    var filtersCalls: Bool {
        if let host { return host.security?.seccompEnabled == true }
        return (SecurityOptions ?? []).contains { $0 == "seccomp" || $0.hasPrefix("name=seccomp") }
    }
}

/// Of `docker image inspect`.
struct DockerImage: Decodable {
    struct Nothing: Decodable {}
    struct Config: Decodable {
        var Env: [String]?
        /// By their paths.
        var Volumes: [String: Nothing]?
    }
    private var Id: String
    var Architecture: String?
    var Config: Config?

    /// With the name of its kind, which podman leaves out.
    var digest: String { Id.contains(":") ? Id : "sha256:\(Id)" }

    /// Whether that is how docker or podman say that they have no such image.
    static func isMissing(_ errors: String) -> Bool {
        errors.contains("No such image") || errors.contains("image not known")
    }
}
