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
    private var size = 0
    private var count = 0

    /// As much of one session's work as `smelt-collect` looks at, bytes; and so many sessions.
    private static let largest = (1 << 30) + (64 << 20)
    private static let most = 10_000

    static func parent(_ state: String) -> String { "\(state)/arrivals" }
    static func directory(of run: RunID, in state: String) -> String { "\(parent(state))/\(run)" }

    init(of run: RunID, base: String, state: String) throws {
        self.state = state
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
        guard name.hasSuffix(".bundle"), SafeName.isPlain(name), !name.hasPrefix("."),
            count < Self.most
        else { throw LineFault.strange(Visible.line(String(name.prefix(80)))) }
        count += 1
        size = 0
        let path = "\(directory)/\(name)"
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
        try Files.syncDirectory(directory)
    }

    /// For another try.
    func beginAgain() throws {
        try finish()
        count = 0
    }

    // MARK: Its end

    /// Keeps what no result was made of, as the end of any environment does, and takes the directory away.
    static func remove(_ run: RunID, state: String) throws -> [String] {
        let directory = directory(of: run, in: state)
        let results = try Repositories(state: state).results()
        let references = RunReferences(of: run, in: results)
        let base = String(
            try Files.readText("\(directory)/base", upTo: 128).prefix { $0 != "\n" })
        var rescued: [String] = []
        for name in Files.names(in: directory) where name.hasSuffix(".bundle") {
            let session = String(name.dropLast(7))
            if try results.commit(references.session(session)) != nil { continue }
            let bundle = try Descriptor(opening: "\(directory)/\(name)", O_RDONLY | O_NOFOLLOW)
            let reference = references.rescued(session)
            try Quarantine(into: results).admit(
                bundle: bundle.number, branch: "refs/heads/smelt/\(session)", start: base,
                as: reference)
            rescued.append(reference)
        }
        clear(directory)
        return rescued
    }

    /// What runs left whose every stage was killed.
    static func sweep(_ state: String) {
        for name in Files.names(in: parent(state)) {
            guard let run = RunID(name) else { continue }
            let directory = directory(of: run, in: state)
            guard let lease = try? Lock.attempt("\(directory)/lease", .exclusive) else { continue }
            defer { withExtendedLifetime(lease.number) {} }
            do { _ = try remove(run, state: state) } catch {
                say("smelt-queue: left '\(directory)': \(error)\n")
            }
        }
    }

    private static func clear(_ directory: String) {
        for name in Files.names(in: directory) where name != "lease" {
            unlink("\(directory)/\(name)")
        }
        unlink("\(directory)/lease")
        rmdir(directory)
    }
}
