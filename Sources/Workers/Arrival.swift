internal import Glibc
internal import Records
internal import Results
internal import Smelt

/// Where the bundles of a run that is elsewhere arrive: `arrivals/<run>` in the state directory, which stands for its environment.
/// Every stage that has seen `environment.ready` holds the lease in it, as of any environment.
final class Arrival {
    let directory: String
    private let lease: Lock
    private let state: String
    private let run: RunID
    private var file: Int32 = -1
    private var name = ""
    private var size = 0
    /// The bundles that may come, and those that have not yet.
    private let expected: Set<String>
    private var missing: Set<String>

    /// As much of one session's work as `smelt-collect` looks at, bytes.
    private static let largest = (1 << 30) + (64 << 20)
    /// Seconds that what was refused lies there for somebody to look at.
    private static let longest: Int64 = 7 * 86_400
    private static let refused = ".refused"

    static func parent(_ state: String) -> String { "\(state)/arrivals" }
    static func directory(of run: RunID, in state: String) -> String { "\(parent(state))/\(run)" }

    init(of run: RunID, base: String, sessions: [String], state: String) throws {
        self.state = state
        expected = Set(sessions.map { "\(SafeName.of($0)).bundle" })
        missing = expected
        self.run = run
        directory = Self.directory(of: run, in: state)
        try Files.makeDirectories(directory)
        lease = try Lock("\(directory)/lease", .shared, creating: true)
        try Files.replace("\(directory)/base", with: Array("\(base)\n".utf8))
    }

    deinit { if file >= 0 { close(file) } }

    // MARK: Bundles

    /// The next bundle begins. The name is the far side's word.
    func begin(_ name: String) throws {
        try finish()
        guard missing.remove(name) != nil else {
            throw LineFault.strange(Visible.line(String(name.prefix(80))))
        }
        size = 0
        self.name = name
        // Half of one is none: only what is whole gets its name.
        let path = "\(directory)/.\(name).part"
        file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW).release()
    }

    func add(_ piece: [UInt8]) throws {
        size += piece.count
        guard file >= 0, size <= Self.largest else {
            throw LineFault.strange("a bundle of more than \(Self.largest) bytes")
        }
        try piece.withUnsafeBytes { try writeAll($0, to: file, name: "a bundle") }
    }

    /// All that came is on the disk.
    func finish() throws {
        guard file >= 0 else { return }
        defer {
            close(file)
            file = -1
        }
        guard fsync(file) == 0 else { throw SystemFault(errno, "sync", "a bundle") }
        guard rename("\(directory)/.\(name).part", "\(directory)/\(name)") == 0 else {
            throw SystemFault(errno, "name", "a bundle")
        }
        try Files.syncDirectory(directory)
    }

    /// For another try; what came by half does not count.
    func beginAgain() {
        if file >= 0 { close(file) }
        file = -1
        missing = expected
    }

    // MARK: Its end

    /// Keeps what no result was made of, as the end of any environment does, and takes the directory away. What is refused is
    /// set aside, and stays there with it for a week; what could not be done stays to be done, and is `fault`.
    static func remove(
        _ run: RunID, state: String
    ) throws -> (rescued: [String], fault: (any Fault)?) {
        let directory = directory(of: run, in: state)
        var rescued: [String] = []
        var first: (any Fault)?
        for name in bundles(in: directory) {
            do {
                if let kept = try rescue(String(name.dropLast(7)), run, state) {
                    rescued.append(kept)
                }
            } catch let fault as any Fault {
                first = first ?? fault
                guard fault is QuarantineFault, fault.exit == .refused else { continue }
                let path = "\(directory)/\(name)"
                rename(path, path + refused)
            }
        }
        if first == nil { clear(directory) }
        return (rescued, first)
    }

    /// Those that came whole.
    private static func bundles(in directory: String) -> [String] {
        Files.names(in: directory).filter { $0.hasSuffix(".bundle") && !$0.hasPrefix(".") }
    }

    /// Where the session's work is kept now; nil when a result has it.
    private static func rescue(_ session: String, _ run: RunID, _ state: String) throws -> String? {
        let directory = directory(of: run, in: state)
        let results = try Repositories(state: state).results()
        let references = RunReferences(of: run, in: results)
        if try results.commit(references.session(session)) != nil { return nil }
        let base = try Files.readText("\(directory)/base", upTo: 128).prefix { $0 != "\n" }
        let bundle = try Descriptor(
            opening: "\(directory)/\(session).bundle", O_RDONLY | O_NOFOLLOW)
        let reference = references.rescued(session)
        try Quarantine(into: results).admit(
            bundle: bundle.number, branch: "refs/heads/smelt/\(session)", start: String(base),
            as: reference)
        return reference
    }

    /// What runs left whose every stage was killed.
    static func sweep(_ state: String) {
        for name in Files.names(in: parent(state)) {
            guard let run = RunID(name) else { continue }
            let directory = directory(of: run, in: state)
            guard let lease = try? Lock.attempt("\(directory)/lease", .exclusive) else { continue }
            defer { withExtendedLifetime(lease.number) {} }
            if isKept(directory) { continue }
            do {
                if let fault = try remove(run, state: state).fault { throw fault }
            } catch { say("smelt-queue: left '\(directory)': \(error)\n") }
        }
    }

    /// Whether there is nothing but what was refused, and not for long.
    private static func isKept(_ directory: String) -> Bool {
        let names = Files.names(in: directory)
        guard names.contains(where: { $0.hasSuffix(refused) }),
            bundles(in: directory).isEmpty
        else { return false }
        var facts = stat()
        guard stat(directory, &facts) == 0 else { return false }
        return Timestamp.now.milliseconds / 1000 - Int64(facts.st_mtim.tv_sec) < longest
    }

    private static func clear(_ directory: String) {
        for name in Files.names(in: directory) where name != "lease" {
            unlink("\(directory)/\(name)")
        }
        unlink("\(directory)/lease")
        rmdir(directory)
    }
}
