package import Records
package import Sandbox

/// What of a job's limits and network the sandbox enforces on this host, and what it does not.
package struct Enforced: Equatable, Sendable {
    package var limits: Limits
    package var network: Network
    /// The manifest's names, `limits.memory`.
    package var missing: [String]

    /// Why limits that need a control group are missing, and the line that would change it.
    package var lack: CgroupLack?

    /// Looks where control groups could be made, and turns on there what the limits need.
    package init(of job: Job) throws {
        let enforcement = try Enforcement(job.limits)
        limits = job.limits.without(enforcement.missing)
        network = job.network
        missing = enforcement.missing.map { "limits.\($0)" }
        lack = enforcement.lack
    }
}
