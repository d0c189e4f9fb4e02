/// A place for the sessions is prepared. Written by `smelt-provision`.
package struct EnvironmentReady: Record {
    package static let type = "environment.ready"

    package var id: String
    package var runtime: JobEnvironment.Runtime
    package var baseRef: String
    /// The full object name.
    package var baseCommit: String
    /// The environment's directory on this host; `lease` and `work` in it are its locks.
    package var directory: String
    /// Where a session finds its workspace inside.
    package var workspace: String
    package var imageName: String?
    package var imageDigest: String?
    /// Of the images of services, by the services' names.
    package var serviceDigests: [String: String]?
    /// The host user and group that the sessions run as, where that is not the caller's.
    package var hostUser: UInt32?
    /// As enforced.
    package var limits: Limits
    package var network: Network
    /// What holds each session to `limits.diskBytes`; absent when there is no such limit.
    package var diskGuard: DiskGuard?
    /// What was asked for and cannot be enforced here (only with `--best-effort`).
    package var notEnforced: [String]?
    /// Sentences about the repository: submodules, LFS pointers, a dirty work tree.
    package var warnings: [String]?

    package init(
        id: String, runtime: JobEnvironment.Runtime, baseRef: String, baseCommit: String,
        directory: String, workspace: String, imageName: String? = nil,
        imageDigest: String? = nil, serviceDigests: [String: String]? = nil,
        hostUser: UInt32? = nil, limits: Limits, network: Network,
        diskGuard: DiskGuard? = nil, notEnforced: [String]? = nil, warnings: [String]? = nil
    ) {
        self.id = id
        self.runtime = runtime
        self.baseRef = baseRef
        self.baseCommit = baseCommit
        self.directory = directory
        self.workspace = workspace
        self.imageName = imageName
        self.imageDigest = imageDigest
        self.serviceDigests = serviceDigests
        self.hostUser = hostUser
        self.limits = limits
        self.network = network
        self.diskGuard = diskGuard
        self.notEnforced = notEnforced
        self.warnings = warnings
    }
}

/// The environment's end. Written by `smelt-provision release`.
package struct EnvironmentReleased: Record {
    package static let type = "environment.released"

    package var id: String
    package var removed: Bool
    /// References in smelt's own repository that hold work which no result names.
    package var rescued: [String]

    package init(id: String, removed: Bool, rescued: [String] = []) {
        self.id = id
        self.removed = removed
        self.rescued = rescued
    }
}
