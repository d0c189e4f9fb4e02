internal import FoundationEssentials
internal import Glibc
internal import Records
internal import Smelt

/// Docker, driven by its users' own command, so its contexts, credentials and remote hosts work as people have them.
///
/// Each workspace is a container, `smelt-<run>.session.<name>` or `.gate.`, whose first process is `smelt-inside`, and an anonymous volume,
/// which outlives the container's death and goes with its removal. What jobs from one commit share is a volume that
/// stays, as a checkout does for the sandbox.
package struct Docker: Engine {
    static let program = "docker"
    /// Seconds in which an engine that works has answered.
    static let patience = 300.0

    /// Beneath the state directory: what is known of each engine.
    let directory: String
    /// Of the state directory: what is labelled with it is ours.
    let owner: String

    package init() throws {
        directory = "\(try Places.state())/engines/docker"
        owner = try EngineOwner.id()
    }

    /// Runs docker's own command; any other end than 0 is a fault with its words.
    @discardableResult
    func run(
        _ arguments: [String], to action: String, _ object: String, input: Command.Input = .null,
        variables: [String] = [], cancellable: Bool = true
    ) throws -> String {
        let finished = try call(
            arguments, input: input, variables: variables, cancellable: cancellable)
        guard finished.succeeded else {
            throw Self.fault(finished, action, object)
        }
        return finished.text
    }

    /// `variables`, `NAME=value`, are set beside those of this process.
    func call(
        _ arguments: [String], input: Command.Input = .null, variables: [String] = [],
        cancellable: Bool = true
    ) throws -> Command.Finished {
        var command = Command([Self.program] + arguments)
        command.input = input
        if !variables.isEmpty { command.environment = Environment.all(with: variables) }
        command.cancellable = cancellable
        // A registry, and a line to an engine far away, take the time that they take; an engine that is so slow is none.
        command.timeout = ["pull", "cp"].contains(arguments.first) ? nil : Self.patience
        return try command.run()
    }

    static func fault(
        _ finished: Command.Finished, _ action: String, _ object: String
    ) -> EngineFault {
        let reason = reason(finished.errors)
        let marks = [
            "Cannot connect to the Docker daemon", "error during connect",
            "Cannot connect to Podman",
        ]
        if marks.contains(where: finished.errors.contains) {
            return .unreachable(engine: program, reason: reason)
        }
        return .refused(action: action, object: object, reason: reason)
    }

    /// What tells most of docker's complaints.
    private static func reason(_ errors: String) -> String {
        let lines = errors.split(whereSeparator: \.isNewline).map(String.init).filter {
            !$0.isEmpty && !$0.hasPrefix("See '") && !$0.hasPrefix("Run 'docker")
        }
        var reason =
            lines.last { $0.contains("rror") || $0.contains("denied") } ?? lines.last
            ?? "it said nothing"
        for prefix in ["docker: ", "Error response from daemon: ", "Error: ", "ERROR: "]
        where reason.hasPrefix(prefix) { reason.removeFirst(prefix.count) }
        return Visible.line(reason)
    }

    /// `--label` words for everything that is made; what serves several runs has its owner alone.
    func labels(of environment: SandboxEnvironment? = nil) -> [String] {
        let labels =
            environment.map { EngineLabel.all(of: $0, owner: owner) } ?? [EngineLabel.owner: owner]
        return labels.sorted { $0.key < $1.key }.flatMap { ["--label", "\($0.key)=\($0.value)"] }
    }

    func decode<Value: Decodable>(_ type: Value.Type, _ text: String, of what: String) throws
        -> Value
    {
        do { return try JSONDecoder().decode(type, from: Data(text.utf8)) } catch {
            throw EngineFault.refused(action: "understand", object: what, reason: "\(error)")
        }
    }
}

/// Which state directory made what is on an engine.
enum EngineOwner {
    /// 26 letters and digits, made at the first call.
    static func id() throws -> String {
        let path = "\(try Places.state())/engines/owner"
        if let known = try? Files.readText(path, upTo: 64), let id = RunID(known) {
            return id.description
        }
        try Files.makeDirectories(Files.parent(of: path))
        let lock = try Lock("\(path).lock", .exclusive, creating: true)
        return try withExtendedLifetime(lock.number) {
            if let known = try? Files.readText(path, upTo: 64), let id = RunID(known) {
                return id.description
            }
            let id = RunID.make().description
            try Files.replace(path, with: Array(id.utf8))
            return id
        }
    }
}
