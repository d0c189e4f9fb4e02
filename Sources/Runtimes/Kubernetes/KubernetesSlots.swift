internal import FoundationEssentials
internal import Glibc
internal import Smelt

/// Which place is in which container of an environment's pod. In the environment's directory a file says it, and each
/// container has a lock: whoever is connected to it holds that, and the kernel lets go of it when he ends.
///
/// A place stays in its container, for a rescue, until another needs the room. No other place comes where work was not taken
/// out, of a session that is at work or was cut off, too, nor where a connection broke: somebody may have ended smelt-inside
/// and gone on.
struct KubernetesSlots {
    private let environment: SandboxEnvironment
    private let directory: String
    private let names: [EnginePlace.Kind: [String]]

    /// `count` containers of each kind.
    init(in environment: SandboxEnvironment, count: Int) {
        self.environment = environment
        directory = "\(environment.directory)/containers"
        names = [.session, .gate].reduce(into: [:]) {
            $0[$1] = KubernetesOrder.names(of: $1, count: count)
        }
    }

    /// A container where nobody is connected, which is the place's from now on: the one that it has, one that nobody had
    /// yet, or the one that was taken first. The lock stays with this process, also when it executes another program.
    /// Whoever was there last may still be ending, as a client that was killed does for a moment: that is waited for, at
    /// most `patience` seconds.
    func take(_ place: EnginePlace, patience: Double = 10) throws -> String {
        let deadline = monotonicSeconds() + patience
        while true {
            if let container = try attempt(place) { return container }
            guard monotonicSeconds() < deadline else { throw EngineFault.noRoom(place.name) }
            poll(nil, 0, 20)
        }
    }

    private func attempt(_ place: EnginePlace) throws -> String? {
        try changing { taken in
            let all = names[place.kind] ?? []
            let closed = Set(
                taken.filter { $0.isSpoilt || $0.place != place.key && hasWork($0) }
                    .map(\.container))
            let own = taken.filter { $0.place == place.key }.map(\.container)
            let fresh = all.filter { name in !taken.contains { $0.container == name } }
            let used = taken.map(\.container).filter(all.contains)
            for name in own + fresh + used where !closed.contains(name) {
                guard try hold(name) else { continue }
                taken.removeAll { $0.container == name || $0.place == place.key && !$0.isSpoilt }
                taken.append(Entry(place: place.key, container: name))
                return name
            }
            return nil
        }
    }

    /// Nil when it has none, or no longer.
    func find(_ place: EnginePlace) throws -> String? {
        try changing { taken in taken.last { $0.place == place.key }?.container }
    }

    /// Nobody else comes to its container.
    func spoil(_ place: EnginePlace) throws {
        try changing { taken in
            for index in taken.indices where taken[index].place == place.key {
                taken[index].isSpoilt = true
            }
        }
    }

    /// Each place and its container.
    func all() throws -> [(place: String, container: String)] {
        try changing { taken in taken.map { ($0.place, $0.container) } }
    }

    // MARK: locks

    /// Takes a container's lock for as long as this process lives, whatever it executes; false when somebody has it.
    func hold(_ container: String) throws(SystemFault) -> Bool {
        try hold(container, LOCK_EX | LOCK_NB)
    }

    /// The same once whoever has it has ended. To be called where that is about to be: nothing here ends the waiting.
    func wait(for container: String) throws(SystemFault) { _ = try hold(container, LOCK_EX) }

    private func hold(_ container: String, _ how: Int32) throws(SystemFault) -> Bool {
        let path = "\(directory)/\(container).lock"
        let file = try Descriptor(opening: path, O_RDWR | O_CREAT, mode: 0o600)
        guard retrying({ flock(file.number, how) }) == 0 else {
            guard errno == EWOULDBLOCK else { throw SystemFault(errno, "lock", path) }
            return false
        }
        // The same open file, and so the same lock; this one is inherited, and nobody closes it.
        guard fcntl(file.number, F_DUPFD, 64) >= 0 else { throw SystemFault(errno, "lock", path) }
        return true
    }

    // MARK: the file

    private struct Entry: Codable, Equatable {
        var place: String
        var container: String
        var isSpoilt = false
    }

    private func hasWork(_ entry: Entry) -> Bool {
        EnginePlace(key: entry.place).map(environment.hasWork) ?? true
    }

    private func changing<Result>(_ change: (inout [Entry]) throws -> Result) throws -> Result {
        try Files.makeDirectories(directory)
        let lock = try Lock("\(directory)/lock", .exclusive, creating: true)
        defer { withExtendedLifetime(lock.number) {} }
        let path = "\(directory)/taken.json"
        var taken: [Entry] = []
        if Files.exists(path) {
            let bytes = try Files.read(path, upTo: 1 << 20)
            guard let known = try? JSONDecoder().decode([Entry].self, from: Data(bytes)) else {
                throw RuntimeFault.badFacts(path)
            }
            taken = known
        }
        let before = taken
        let result = try change(&taken)
        if taken != before { try Files.replace(path, with: Array(JSONEncoder().encode(taken))) }
        return result
    }
}

extension EnginePlace {
    fileprivate var key: String { "\(kind.rawValue) \(name)" }

    fileprivate init?(key: String) {
        let parts = key.split(separator: " ")
        guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])) else { return nil }
        self.init(kind, String(parts[1]))
    }
}
