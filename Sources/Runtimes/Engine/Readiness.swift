package import Records

/// What an engine says of a job before anything is made.
package struct Readiness: Equatable, Sendable {
    /// As enforced; what is missing is left out.
    package var limits: Limits
    package var network: Network
    /// What of smelt's holds each place to `limits.diskBytes`; nil without it, and where the engine does.
    package var diskGuard: DiskGuard?
    /// The manifest's names of what is asked for and not enforced: `limits.disk`.
    package var missing: [String]
    /// Why, where there is more to say.
    package var reason: String?
    /// The image's own digest, as the engine has it: `sha256:…`.
    package var imageDigest: String
    /// The variables that the image sets.
    package var variables: [String: String]
    /// Where the image wants volumes.
    package var volumes: [String] = []
    /// Which engine it is, in its own words.
    package var engine: String

    package init(
        limits: Limits, network: Network, missing: [String], reason: String? = nil,
        imageDigest: String, variables: [String: String], engine: String
    ) {
        self.limits = limits
        self.network = network
        self.missing = missing
        self.reason = reason
        self.imageDigest = imageDigest
        self.variables = variables
        self.engine = engine
    }
}
