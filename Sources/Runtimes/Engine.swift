package import Records
package import Smelt

/// What runs sessions in containers: Docker, Compose, Kubernetes.
///
/// A run's directory in `environments/` is the same as for the sandbox, with its lease and its work lock, and is how
/// release, list and gc know of it. On the engine everything is named `smelt-<run>…` and labelled.
///
/// Each workspace, a session's or a gate's, is one connection: a local command whose standard input and output lead to
/// `smelt-inside` in the container, which runs what the session needs one after another (`InsideConnection`). So
/// output, exact endings, signals and the end of everything when smelt is killed are the same on every engine.
package protocol Engine: Sendable {
    /// What of the job this engine enforces, with the image as it is there now. Blocks; may pull the image.
    func look(at job: Job) throws -> Readiness

    /// Puts on the engine what all sessions of the environment share: the base commit's objects and `smelt-inside`.
    /// Blocks. `writePack` puts a pack of what the base commit reaches into an objects' directory.
    func prepare(
        _ environment: SandboxEnvironment, writingPack writePack: (_ objects: String) throws -> Void
    ) throws -> EngineFacts

    /// Makes the place, with what is in its parcel, and gives the command that becomes the connection. Blocks; called
    /// in a process of its own, which then executes the command. What the command complains goes to its standard
    /// error, and standard output belongs to `smelt-inside` alone.
    func enter(_ place: EnginePlace, in environment: SandboxEnvironment) throws -> Command

    /// What runs in the session's own place is ended, and a connection is made to its files as they were left: for a
    /// rescue. Nil when they are gone.
    func reenter(_ place: EnginePlace, in environment: SandboxEnvironment) throws -> Command?

    /// Removes the places of these names at once.
    func discard(_ places: [String], in environment: SandboxEnvironment) throws

    /// Removes everything that was made for the environment. What is not there any more is no fault.
    func remove(_ environment: SandboxEnvironment) throws

    /// For people: how to get into each session's files.
    func entrances(of environment: SandboxEnvironment) -> [String]

    /// Removes what this state directory's runs left on the engine whose environments are not in `living`.
    func sweep(living: Set<String>) throws
}

/// What an engine says of a job before anything is made.
package struct Readiness: Equatable, Sendable {
    /// As enforced; what is missing is left out.
    package var limits: Limits
    package var network: Network
    /// The manifest's names of what is asked for and not enforced: `limits.disk`.
    package var missing: [String]
    /// Why, where there is more to say.
    package var reason: String?
    /// The image's own digest, as the engine has it: `sha256:…`.
    package var imageDigest: String

    package init(
        limits: Limits, network: Network, missing: [String], reason: String? = nil,
        imageDigest: String
    ) {
        self.limits = limits
        self.network = network
        self.missing = missing
        self.reason = reason
        self.imageDigest = imageDigest
    }
}

/// What an environment on an engine says of itself, in `environment.json`.
package struct EngineFacts: Codable, Equatable, Sendable {
    package var image: String
    package var imageDigest: String
    /// Which engine it is, in its own words: leftovers are looked for on the same one only.
    package var engine: String
    /// User and group that everything inside runs as.
    package var user: UInt32
    /// The engine's own names of what was made.
    package var names: [String: String]

    package init(
        image: String, imageDigest: String, engine: String, user: UInt32,
        names: [String: String] = [:]
    ) {
        self.image = image
        self.imageDigest = imageDigest
        self.engine = engine
        self.user = user
        self.names = names
    }
}

/// One workspace on an engine.
package struct EnginePlace: Codable, Equatable, Sendable {
    package enum Kind: String, Codable, Sendable { case session, gate }

    package var kind: Kind
    /// Unique in the environment, in letters, digits, '.', '_' and '-'.
    package var name: String
    /// On this host: what is brought in, `workspace` and `home`; see `EngineParcel`.
    package var parcel: String

    package init(kind: Kind, name: String, parcel: String) {
        self.kind = kind
        self.name = name
        self.parcel = parcel
    }

    /// Inside, on every engine. Each is a directory of the session's user that outlives its container where the engine
    /// has volumes.
    package static let workspace = "/smelt/workspace"
    package static let home = "/smelt/home"
    /// Read-only, shared by all places: `objects` and `smelt-inside`.
    package static let base = "/run/smelt/base"
    /// In memory, the user's own: what smelt writes for a program, and secrets.
    package static let memory = "/run/smelt/own"
    package static let secrets = "/run/secrets"
    package static let program = "\(base)/smelt-inside"
}
