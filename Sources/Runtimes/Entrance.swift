internal import FoundationEssentials
internal import Sandbox
internal import Smelt

extension SandboxEnvironment {
    /// Writes the plan of a shell in a session's workspace, for `smelt-exec --plan`; gives its
    /// path.
    package func writeEntrance(
        _ name: String, origin: Salvage.Origin, checkout: String
    ) throws -> String {
        let place = "\(directory)/sessions/\(name)"
        let workspace = described(
            place, branch: "smelt/\(name)", commit: origin.commit, checkout: checkout,
            base: origin.base)
        var plan = plan(in: workspace, command: ["/bin/sh", "-i"])
        plan.limits.wallSeconds = nil
        plan.limits.idleSeconds = nil
        plan.limits.outputBytes = nil
        let path = "\(place)/plan.json"
        try Files.replace(path, with: Array(JSONEncoder().encode(plan)))
        return path
    }
}
