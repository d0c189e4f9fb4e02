internal import Glibc
internal import Records
package import Sandbox
package import Smelt

/// A run's place on this host, made by `smelt-provision`. Its directory holds
///
///     lease               shared flock of every stage that knows of it; who gets it exclusively may remove
///     work                flock of exec while sessions run
///     environment.json    EnvironmentFacts
///     sessions/<name>/    upper and work of the session's overlay
///     gates/<name>/       the same for a gate, thrown away
///     kept                somebody asked for it to stay
///
/// Nothing is mounted on the host: each launch mounts for itself.
package struct SandboxEnvironment: Sendable {
    /// Absolute, without links.
    package let directory: String
    package let facts: EnvironmentFacts

    package static let workspace = "/workspace"

    /// Where a session finds its workspace and its home inside.
    package var workspace: String { isOnEngine ? EnginePlace.workspace : Self.workspace }
    package var home: String { isOnEngine ? EnginePlace.home : Plan.home }

    /// An environment that is there, by the `directory` of `environment.ready`.
    package init(opening directory: String) throws {
        guard let real = try? Files.canonical(directory),
            Files.exists("\(real)/environment.json")
        else { throw RuntimeFault.noEnvironment(directory) }
        self.directory = real
        facts = try EnvironmentFacts.read(from: "\(real)/environment.json")
    }

    init(directory: String, facts: EnvironmentFacts) {
        self.directory = directory
        self.facts = facts
    }

    /// The shared work lock of the environment at `directory`, which release and gc wait for. To be taken before the
    /// environment is opened: who had it exclusively may have removed all.
    package static func lockWork(of directory: String) throws -> Lock {
        guard Files.exists("\(directory)/work") else {
            throw RuntimeFault.noEnvironment(directory)
        }
        return try Lock("\(directory)/work", .shared)
    }

    package var id: String { Files.name(of: directory) }
    package var run: String { facts.run }
    package var baseCommit: String { facts.baseCommit }
    package var hostUser: UInt32? { facts.hostUser }
    package var lease: String { "\(directory)/lease" }
    package var work: String { "\(directory)/work" }
    var kept: String { "\(directory)/kept" }

    /// Where the end of a session, by its name as `SafeName` makes it, is remembered: its `session.finished`.
    package func memory(of name: String) -> String { "\(directory)/finished/\(name)" }

    package static func branch(of session: String) -> String { "smelt/\(SafeName.of(session))" }

    /// The plan of anything that runs in a workspace: its files, the environment's limits and
    /// network, its user. `environment` is added to what programs expect.
    package func plan(
        in workspace: SessionWorkspace, command: [String], environment: [String: String] = [:]
    ) -> Plan {
        // Secrets are for whoever asks for them.
        var reach = facts.network
        reach.broker = nil
        return Plan(
            command: command,
            environment: variables.merging(environment) { $1 },
            directory: self.workspace,
            files: workspace.grants,
            network: facts.network.plan, reach: reach,
            limits: facts.limits,
            diskGuard: facts.diskGuard ?? .watched,
            hostUser: facts.hostUser,
            bestEffort: facts.bestEffort,
            run: facts.run)
    }

    /// What programs find in their environment: the usual, what an image sets, and where they are.
    private var variables: [String: String] {
        guard let engine = facts.engine else { return Plan.environment }
        return Plan.environment.merging(engine.variables) { $1 }.merging([
            "HOME": home, "TMPDIR": "/tmp", "USER": Plan.userName, "LOGNAME": Plan.userName,
            "GIT_CONFIG_SYSTEM": EngineWorkspace.gitSettings,
        ]) { $1 }
    }

    /// The same for a session's workspace, which is made when it is not there yet.
    package func plan(
        session: String, commit: String, checkout: String, command: [String],
        environment: [String: String] = [:]
    ) throws -> Plan {
        let workspace = try workspace(session: session, commit: commit, checkout: checkout)
        return plan(in: workspace, command: command, environment: environment)
    }
}

extension Network {
    fileprivate var plan: Plan.Network {
        switch mode {
        case .none: .none
        case .host: .host
        case .allow: .allow
        }
    }
}
