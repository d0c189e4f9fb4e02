package import Records
package import Sandbox

/// What of a job's limits and network the sandbox enforces on this host, and what it does not.
package struct Enforced: Equatable, Sendable {
    package var limits: Limits
    package var network: Network
    /// What holds each session to `limits.disk`; nil without that limit.
    package var diskGuard: DiskGuard?
    /// The manifest's names, `limits.memory`.
    package var missing: [String]

    /// Why limits that need a control group are missing, and the line that would change it.
    package var lack: CgroupLack?

    /// Looks where control groups could be made, and turns on there what the limits need; and whether the file system
    /// on which the state directory is has quotas.
    package init(of job: Job, state: String) throws {
        let enforcement = try Enforcement(job.limits)
        limits = job.limits.without(enforcement.missing)
        network = job.network
        if let bytes = limits.diskBytes {
            if ProjectQuota.isEnforced(at: state) {
                diskGuard = .quota
            } else {
                let lack = try DiskTrial.lack(in: state, bytes: Salvage.room(for: bytes))
                diskGuard = lack == nil ? .sized : .watched
            }
        }
        missing = enforcement.missing.map { "limits.\($0)" }
        lack = enforcement.lack
    }

    /// As an engine says.
    package init(_ readiness: Readiness) {
        limits = readiness.limits
        network = readiness.network
        missing = readiness.missing
        diskGuard = readiness.diskGuard
    }
}
