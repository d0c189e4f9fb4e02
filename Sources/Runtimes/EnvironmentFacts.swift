internal import FoundationEssentials
package import Records
package import Smelt

/// What an environment's directory says of itself in `environment.json`: enough to run in it, to
/// rescue what is in it and to remove it without any record.
package struct EnvironmentFacts: Codable, Equatable, Sendable {
    package var run: String
    package var job: String
    /// Nil is the sandbox.
    package var runtime: JobEnvironment.Runtime?
    /// Where it is, for all others.
    package var engine: EngineFacts?
    /// A path or a URL, as the job names it.
    package var repository: String
    package var baseRef: String
    package var baseCommit: String
    /// User and group on the host that everything inside runs as; nil is the caller himself.
    package var hostUser: UInt32?
    package var created: Timestamp
    package var commit: CommitStyle
    /// As enforced.
    package var limits: Limits
    /// What holds each workspace to `limits.diskBytes`; nil where there is no such limit.
    package var diskGuard: DiskGuard?
    package var network: Network
    /// Asked for: what cannot be enforced is gone without.
    package var bestEffort: Bool

    package init(
        run: RunID, job: Job, baseCommit: String, hostUser: UInt32?, created: Timestamp = .now,
        enforced: Enforced, bestEffort: Bool, engine: EngineFacts? = nil
    ) {
        self.run = run.description
        self.job = job.name
        if let engine {
            runtime = job.environment.runtime
            self.engine = engine
        }
        repository = job.repository
        baseRef = job.baseRef
        self.baseCommit = baseCommit
        self.hostUser = hostUser
        self.created = created
        commit = job.commit
        limits = enforced.limits
        diskGuard = enforced.diskGuard
        network = enforced.network
        self.bestEffort = bestEffort
    }

    static func read(from path: String) throws -> EnvironmentFacts {
        let bytes = try Files.read(path, upTo: 1 << 20)
        do { return try JSONDecoder().decode(EnvironmentFacts.self, from: Data(bytes)) } catch {
            throw RuntimeFault.badFacts(path)
        }
    }

    func bytes() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(self)) + [10] } catch {
            throw RuntimeFault.badFacts("environment.json")
        }
    }
}
