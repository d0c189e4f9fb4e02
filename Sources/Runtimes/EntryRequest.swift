internal import FoundationEssentials
internal import Glibc
package import Smelt

/// What `smelt-exec --enter` reads: the place to make, to whose `smelt-inside` it then becomes the connection. In a
/// process of its own, since an engine takes its time and the loop that runs the sessions must not wait.
package struct EntryRequest: Codable, Equatable, Sendable {
    /// The environment's directory.
    package var environment: String
    package var place: EnginePlace
    package var purpose: Purpose

    package enum Purpose: String, Codable, Sendable {
        /// It is made.
        case working
        /// It is there; what is left of it is wanted.
        case rescuing
        /// It is there; somebody is wanted who looks at how much it has on disk.
        case watching
    }

    /// Ends so when the place is not there any more.
    package static let gone = Exit.missing
    /// Ends so when the place needed more memory than it may have and was killed as a whole: a shell's count of KILL.
    package static let outOfMemory: Int32 = 137

    package init(environment: String, place: EnginePlace, purpose: Purpose) {
        self.environment = environment
        self.place = place
        self.purpose = purpose
    }

    package init(reading path: String) throws {
        do {
            self = try JSONDecoder().decode(
                EntryRequest.self, from: Data(Files.read(path, upTo: 1 << 16)))
        } catch is DecodingError {
            throw RuntimeFault.badFacts(path)
        }
    }

    func bytes() throws -> [UInt8] { Array(try JSONEncoder().encode(self)) }

    /// Makes the place and becomes the connection: standard input and output are left as they are until then.
    package func enter() throws -> Never {
        guard purpose != .rescuing else { throw try opened().command.become() }
        // For what is made here: who removes the environment waits for it, and then finds all of it. From then on exec,
        // at the other end, holds a lock of its own.
        let work = try SandboxEnvironment.lockWork(of: environment)
        // A command that makes it outlives this process where that is killed, and then holds the lock in its stead.
        _ = fcntl(work.number, F_SETFD, 0)
        let (engine, command) = try opened()
        _ = fcntl(work.number, F_SETFD, FD_CLOEXEC)
        guard engine.tellsLosses, purpose == .working else {
            throw withExtendedLifetime(work.number) { command.become() }
        }
        _ = consume work
        try follow(command, on: engine)
    }

    /// Stays beside the connection, in the same group, to say what was lost when it ends before its time.
    private func follow(_ command: Command, on engine: any Engine) throws -> Never {
        var command = command
        command.leadsGroup = false
        let ending = Command.Ending(of: try command.spawn(input: 0, output: 1, errors: 2))
        if ending == .exited(code: 0) { exit(0) }
        guard let loss = try engine.loss(of: place, in: SandboxEnvironment(opening: environment))
        else { exit(Exit.io.rawValue) }
        say("smelt-exec: \(loss)\n")
        exit(loss.code == "out_of_memory" ? Self.outOfMemory : Exit.io.rawValue)
    }

    private func opened() throws -> (engine: any Engine, command: Command) {
        let environment = try SandboxEnvironment(opening: environment)
        guard let engine = try environment.engine() else {
            throw RuntimeFault.noEnvironment(environment.directory)
        }
        switch purpose {
        case .working: return (engine, try engine.enter(place, in: environment))
        case .watching: return (engine, try engine.watcher(of: place, in: environment))
        case .rescuing:
            guard let command = try engine.reenter(place, in: environment) else {
                throw EngineFault.gone(place.name)
            }
            return (engine, command)
        }
    }
}
