package import Records

/// What an environment on an engine says of itself, in `environment.json`.
package struct EngineFacts: Codable, Equatable, Sendable {
    package var image: String
    package var imageDigest: String
    /// Which engine it is, in its own words: leftovers are looked for on the same one only.
    package var engine: String
    /// The variables that the image sets.
    package var variables: [String: String]
    /// Where the image wants volumes, which would be writable.
    package var volumes: [String]?
    /// The engine's own names of what was made.
    package var names: [String: String]
    /// Of this host's files, what is seen inside, read-only.
    package var mounts: [Workspace.Share]?
    /// The manifest's names of what only showed to be not enforced when it was made.
    package var unenforced: [String] = []
    /// Of the images of services beside the sessions, by the services' names.
    package var serviceDigests: [String: String]?
    /// No socket can be handed out of its containers: what is connected to inside is carried here.
    package var carries: Bool?

    package init(
        image: String, imageDigest: String, engine: String, variables: [String: String],
        names: [String: String] = [:], mounts: [Workspace.Share]? = nil
    ) {
        self.mounts = mounts
        self.image = image
        self.imageDigest = imageDigest
        self.engine = engine
        self.variables = variables
        self.names = names
    }
}
