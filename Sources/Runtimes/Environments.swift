internal import Glibc
internal import Records
package import Smelt

/// All environments of a state directory.
///
/// A directory appears under its name only when it is whole and its lease is held, and leaves its
/// name before anything in it is removed. `.new-…` and `.gone-…` are what somebody makes or removes
/// now, or was killed at; who makes one holds `.lock` shared, and they are swept under the
/// exclusive lock.
package struct Environments: Sendable {
    /// Absolute, without links.
    package let directory: String

    package init(_ directory: String) throws {
        try Files.makeDirectories(directory)
        self.directory = try Files.canonical(directory)
    }

    /// An environment and the shared lease on it, which lasts for as long as this is kept.
    package struct Held: ~Copyable {
        package let environment: SandboxEnvironment
        package let lease: Lock
        /// Made by this very call, so it is ours to take away again.
        package let isNew: Bool

        /// Takes the environment away again, when nobody else has come to hold it; says whether. Who waits for the
        /// lease meanwhile finds nothing there.
        package borrowing func removeIfAlone() throws -> Bool {
            guard isNew, lease.becomesExclusive() else { return false }
            try environment.remove()
            return true
        }
    }

    package static func id(of run: RunID) -> String { "smelt-\(run)" }

    /// Where the lease of a run's environment is, which need not be there yet.
    static func lease(of run: RunID, in state: String) -> String {
        "\(Places.environments(in: state))/\(id(of: run))/lease"
    }

    /// Makes the run's environment, or takes the one that is there already for the same commit.
    package func create(_ facts: EnvironmentFacts, run: RunID) throws -> Held {
        let making = try Lock("\(directory)/.lock", .shared, creating: true)
        defer { withExtendedLifetime(making.number) {} }
        let place = "\(directory)/\(Self.id(of: run))"
        // Each time somebody else was quicker, and gone again.
        for _ in 1...100 {
            if let held = try existing(place, facts) { return held }
            if let held = try make(place, facts) { return held }
        }
        throw RuntimeFault.inUse(Self.id(of: run))
    }

    /// Nil when somebody else has made one there meanwhile.
    private func make(_ place: String, _ facts: EnvironmentFacts) throws -> Held? {
        let building = "\(directory)/.new-\(Files.name(of: place)).\(RunID.make())"
        do {
            try Files.makeDirectories(building)
            let lease = try Lock("\(building)/lease", .shared, creating: true)
            _ = try Lock.attempt("\(building)/work", .shared, creating: true)
            var facts = facts
            let isMade: Bool
            if geteuid() == 0 {
                let claim = try HostUserClaim.take(for: place)
                facts.hostUser = claim.user
                do { isMade = try appear(building, place, facts) } catch {
                    claim.drop()
                    throw error
                }
                if !isMade { claim.drop() }
            } else {
                isMade = try appear(building, place, facts)
            }
            guard isMade else {
                try Removal.remove(building)
                return nil
            }
            return Held(
                environment: SandboxEnvironment(directory: place, facts: facts), lease: lease,
                isNew: true)
        } catch {
            try? Removal.remove(building)
            throw error
        }
    }

    /// False when there is one under its name already.
    private func appear(_ building: String, _ place: String, _ facts: EnvironmentFacts) throws
        -> Bool
    {
        // Without an engine it only has to outlive processes; what is on an engine outlives this host's start.
        let path = "\(building)/environment.json"
        if facts.engine == nil {
            try write(facts.bytes(), to: path)
        } else {
            try Files.replace(path, with: facts.bytes())
        }
        if rename(building, place) == 0 { return true }
        guard errno == EEXIST || errno == ENOTEMPTY else {
            throw SystemFault(errno, "create", place)
        }
        return false
    }

    private func existing(_ place: String, _ facts: EnvironmentFacts) throws -> Held? {
        guard Files.exists("\(place)/lease") else { return nil }
        let lease = try Lock("\(place)/lease", .shared)
        // Who had it exclusively has removed it meanwhile.
        guard Files.exists("\(place)/environment.json") else { return nil }
        let found = try SandboxEnvironment(opening: place)
        guard found.baseCommit == facts.baseCommit else {
            throw RuntimeFault.otherCommit(directory: place, commit: found.baseCommit)
        }
        return Held(environment: found, lease: lease, isNew: false)
    }

    /// Every environment that is there and can be read, in the order of their runs, which is that
    /// of time.
    package func all() -> [SandboxEnvironment] {
        names.compactMap { try? SandboxEnvironment(opening: "\(directory)/\($0)") }
    }

    var names: [String] { Files.names(in: directory).filter { $0.hasPrefix("smelt-") } }

    /// Not synced.
    private func write(_ bytes: [UInt8], to path: String) throws {
        let file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        try bytes.withUnsafeBytes { try file.write($0, name: path) }
    }
}
