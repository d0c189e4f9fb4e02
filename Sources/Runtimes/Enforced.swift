package import Records
internal import Sandbox

/// What of a job's limits and network the sandbox enforces on this host, and what it does not.
package struct Enforced: Equatable, Sendable {
    package var limits: Limits
    package var network: Network
    /// The manifest's names, `limits.memory`.
    package var missing: [String]

    package init(of job: Job) {
        limits = job.limits
        network = job.network
        missing = job.limits.unenforceable.map { "limits.\($0)" }
        for name in job.limits.unenforceable {
            switch name {
            case "cpu": limits.cpu = nil
            case "memory": limits.memoryBytes = nil
            case "disk": limits.diskBytes = nil
            default: break
            }
        }
    }
}
