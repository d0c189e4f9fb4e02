internal import FoundationEssentials
internal import Glibc
internal import Records
internal import Results
internal import Smelt

/// A run that was sent here: `work/<run>` in the state directory.
struct WorkPlace {
    let run: RunID
    let state: String

    /// What is to be known of it besides.
    struct Facts: Codable {
        var job: String?
        var onDisconnect: WorkerTarget.Disconnect
        var graceSeconds: Double
    }

    static func parent(_ state: String) -> String { "\(state)/work" }
    var directory: String { "\(Self.parent(state))/\(run)" }

    /// Locked by the supervisor for as long as it lives; shared by who only looks, or waits for its end.
    var lock: String { "\(directory)/lock" }
    var facts: String { "\(directory)/facts.json" }
    /// A named pipe on which the supervisor is spoken to: `Word`.
    var control: String { "\(directory)/control" }
    var records: String { "\(directory)/records" }
    var errors: String { "\(directory)/errors" }
    /// There once all records are.
    var ended: String { "\(directory)/ended" }
    /// There once the run is being ended for want of interest in it, before anything of that can be seen.
    var abandoned: String { "\(directory)/abandoned" }
    /// Locked while a door takes the job in; not empty when that was done once. It outlives the place, so that a run of which
    /// nothing is left is not begun another time.
    var begin: String { "\(Self.parent(state))/.\(run).begin" }
    /// A task that was too long for a record.
    func spec(_ index: Int) -> String { "\(directory)/\(index).spec" }
    var bundles: String { "\(directory)/bundles" }

    enum Word: UInt8 {
        case pulse = 0x2E
        case cancel = 0x63
        case kill = 0x6B
        /// Ends the run, and then takes it away.
        case abandon = 0x61
        /// The other side has everything.
        case done = 0x64
    }

    /// Everything of it is here.
    var isThere: Bool { Files.exists(facts) }

    var isAbandoned: Bool { Files.exists(abandoned) }

    /// With `here` it is this machine that wants the end. A full disk must not hinder it.
    func markAbandoned(here: Bool) {
        let file = open(abandoned, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return }
        if here { _ = write(file, "\n", 1) }
        close(file)
    }

    /// A fault where the run is being ended without a word from the other side, or nothing of it is there any more.
    func checkWanted() throws(WorkerFault) {
        if Files.size(abandoned) ?? 0 > 0 { throw .endedHere(run) }
        guard isThere, !isAbandoned else { throw .gone(run) }
    }

    /// Whether its supervisor lives.
    var isAlive: Bool {
        guard Files.exists(lock) else { return false }
        do { return try Lock.attempt(lock, .shared) == nil } catch { return true }
    }

    /// Whether it had a supervisor, and has none any more. One that was just made waits for its first.
    var isForsaken: Bool {
        if isAlive { return false }
        if Files.exists(lock) { return true }
        var made = stat()
        guard stat(facts, &made) == 0 else { return true }
        return Timestamp.now.milliseconds / 1000 - Int64(made.st_mtim.tv_sec) > 60
    }

    func readFacts() throws -> Facts {
        do {
            return try JSONDecoder().decode(Facts.self, from: Data(try Files.read(facts)))
        } catch let fault as any Fault { throw fault } catch {
            throw SystemFault(EINVAL, "read", facts)
        }
    }

    func make(_ own: Facts, specs: [Int: [UInt8]]) throws {
        try Files.makeDirectories(bundles)
        for (index, text) in specs { try Files.replace(spec(index), with: text) }
        guard mkfifo(control, 0o600) == 0 || errno == EEXIST else {
            throw SystemFault(errno, "make", control)
        }
        for path in [records, errors] {
            _ = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW)
        }
        // Last: what is there is whole.
        try Files.replace(facts, with: Wire.bytes(own))
    }

    /// False when nobody hears it.
    @discardableResult
    func tell(_ word: Word) -> Bool {
        guard let pipe = try? Descriptor(opening: control, O_WRONLY | O_NONBLOCK | O_NOFOLLOW)
        else { return false }
        var byte = word.rawValue
        return retrying { write(pipe.number, &byte, 1) } == 1
    }

    /// Takes it away; with `rescuing`, what its sessions did stays in smelt's own repository, else that is elsewhere.
    func remove(rescuing: Bool) throws {
        let references = RunReferences(of: run, in: try Repositories(state: state).results())
        if rescuing { try references.rescue() } else { try references.forget() }
        // It is not there from now on.
        unlink(facts)
        for name in Files.names(in: bundles) { unlink("\(bundles)/\(name)") }
        rmdir(bundles)
        for name in Files.names(in: directory) { unlink("\(directory)/\(name)") }
        rmdir(directory)
        // Who has everything does not ask again.
        if !rescuing { unlink(begin) }
    }

    /// What others left, and nobody has collected for a week, goes; so does what is there of other runs of the same job, once
    /// they have ended. Gives those of them that have not, and were told to, or that nobody looks after any more.
    static func sweep(_ state: String, job: String?, besides run: RunID?) throws -> [WorkPlace] {
        var living: [WorkPlace] = []
        for name in Files.names(in: parent(state)) {
            guard let id = RunID(name) else {
                if name.hasSuffix(".begin") { forget("\(parent(state))/\(name)") }
                continue
            }
            if id == run { continue }
            let place = WorkPlace(run: id, state: state)
            let isSame = job != nil && (try? place.readFacts())?.job == job
            if place.isAlive {
                if isSame {
                    place.tell(.abandon)
                    living.append(place)
                }
                continue
            }
            guard isSame || age(of: place.directory) > longest else { continue }
            if place.endRest() {
                try place.remove(rescuing: true)
            } else if isSame {
                living.append(place)
            }
        }
        return living
    }

    /// That a run was begun, when nobody can want to know any more.
    private static func forget(_ path: String) {
        guard age(of: path) > longest, let lock = try? Lock.attempt(path, .exclusive) else {
            return
        }
        unlink(path)
        withExtendedLifetime(lock.number) {}
    }

    /// Seconds since it was changed last; 0 when it is not there.
    private static func age(of path: String) -> Int64 {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return 0 }
        return Timestamp.now.milliseconds / 1000 - Int64(facts.st_mtim.tv_sec)
    }

    /// Seconds that a run which has ended waits to be collected.
    private static let longest: Int64 = 7 * 86_400
}
