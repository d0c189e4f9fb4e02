internal import FoundationEssentials
internal import Records
internal import Sandbox

/// The walls around what a session runs of others. smelt's own git in a workspace has the usual ones: what an agent
/// may not do must not keep its work from being saved.
struct Walls {
    private var seccomp: SeccompPolicy?
    private var landlock: Landlock.Use?

    init(_ sandbox: JobSandbox?) throws {
        if let seccomp = sandbox?.seccomp {
            do {
                let text = try JSONEncoder().encode(seccomp)
                self.seccomp = try JSONDecoder().decode(SeccompPolicy.self, from: text)
            } catch {
                throw (error as? SandboxFault) ?? .badPlan("sandbox.seccomp is no policy")
            }
        }
        if let word = sandbox?.landlock {
            guard let use = Landlock.Use(rawValue: word) else {
                throw SandboxFault.badPlan("there is no landlock '\(word)'")
            }
            landlock = use
        }
    }

    func set(in plan: inout Plan) {
        plan.seccomp = seccomp ?? plan.seccomp
        plan.landlock = landlock ?? plan.landlock
    }
}
