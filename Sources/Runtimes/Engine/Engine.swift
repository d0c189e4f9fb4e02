internal import Glibc
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

    /// Puts on the engine what all runs from `commit` share, its objects and `smelt-inside`, unless it is there; makes
    /// sure that the image has what is needed. Blocks. `writePack` puts a pack of what the commit reaches into an
    /// objects' directory.
    func bring(
        commit: String, for job: Job, _ readiness: Readiness,
        writingPack writePack: (_ objects: String) throws -> Void
    ) throws -> EngineFacts

    /// Makes what the places of the environment share, before any of them; gives what the environment says of itself from
    /// now on. Blocks. Where `bring` had nowhere to put it, `writePack` writes the pack again.
    func prepare(
        _ environment: SandboxEnvironment, for job: Job,
        writingPack writePack: (_ objects: String) throws -> Void
    ) throws -> EngineFacts

    /// Makes the place, with what is in its parcel (`EngineWorkspace`), and gives the command that becomes the connection.
    /// Blocks; called in a process of its own, which then executes the command. What the command complains goes to its
    /// standard error, and standard output belongs to `smelt-inside` alone.
    func enter(_ place: EnginePlace, in environment: SandboxEnvironment) throws -> Command

    /// What runs in the session's own place is ended, and a connection is made to its files as they were left: for a
    /// rescue. Nil when they are gone.
    func reenter(_ place: EnginePlace, in environment: SandboxEnvironment) throws -> Command?

    /// Has somebody look at how much the place has on disk, and gives the command that becomes the connection to him. Blocks;
    /// called as `enter` is, where the environment `isWatched` and the place is there.
    func watcher(of place: EnginePlace, in environment: SandboxEnvironment) throws -> Command

    /// Whether `loss` has something to say that the command which was the connection does not.
    var tellsLosses: Bool { get }

    /// Why the connection to a place broke; nil when it is still there. Blocks.
    func loss(of place: EnginePlace, in environment: SandboxEnvironment) throws -> (any Fault)?

    /// What was done in the session's place is nowhere else: nobody else comes to its container.
    func keep(_ place: EnginePlace, in environment: SandboxEnvironment) throws

    /// Removes everything that was made for the environment. What is not there any more is no fault.
    func remove(_ environment: SandboxEnvironment) throws

    /// For people: how to get into each session's files.
    func entrances(of environment: SandboxEnvironment) -> [String]

    /// Removes what this state directory's runs left on the engine whose environments are not there any more.
    func sweep(living isLiving: (_ id: String) -> Bool) throws
}

extension Engine {
    package var tellsLosses: Bool { false }
    package func loss(
        of place: EnginePlace, in environment: SandboxEnvironment
    ) throws -> (any Fault)? { nil }
    package func keep(_ place: EnginePlace, in environment: SandboxEnvironment) throws {}
    package func watcher(
        of place: EnginePlace, in environment: SandboxEnvironment
    ) throws -> Command { throw EngineFault.gone(place.name) }
}

/// The engine of each runtime.
package enum Engines {
    /// Nil for the sandbox, which needs none.
    package static func engine(of runtime: JobEnvironment.Runtime) throws -> (any Engine)? {
        switch runtime {
        case .sandbox: nil
        case .docker: try Docker()
        case .compose: try Compose()
        case .kubernetes: Kubernetes()
        }
    }
}

extension SandboxEnvironment {
    /// The engine that it is on; nil for the sandbox.
    package func engine() throws -> (any Engine)? {
        try Engines.engine(of: facts.runtime ?? .sandbox)
    }

    package var isOnEngine: Bool { facts.engine != nil }

    /// User and group of everything inside: root's sessions have one of their own, others' are the caller.
    package var engineUser: UInt32 { hostUser ?? getuid() }

    /// The same with what its engine says of it now, which its directory says from now on.
    package func saying(_ engine: EngineFacts) throws -> SandboxEnvironment {
        guard engine != facts.engine else { return self }
        var facts = facts
        facts.engine = engine
        try Files.replace("\(directory)/environment.json", with: facts.bytes())
        return SandboxEnvironment(directory: directory, facts: facts)
    }
}
