internal import Glibc
internal import Records
internal import Smelt
internal import Store

/// Jobs that go on where they waited for a person, or where they failed: the last stages of the pipeline, begun with the stored
/// log, or all of it, begun with the log where it takes a manifest.
extension Daemon {
    /// What the run of a job goes on with; nil of one that begins.
    func stored(for claimed: Claimed) throws(DaemonFault) -> StoredRun? {
        guard claimed.goesOn else { return nil }
        let found: StoredRun?
        do throws(StoreFault) {
            found = try store.storedRun(of: claimed.lease.id)
        } catch { throw .store(error) }
        guard let found else { throw .noLog }
        return found
    }
}

extension Claimed {
    /// It goes on with the log of a run before.
    var goesOn: Bool { kind == .manifest && resume }
}

extension Outcome {
    /// The run asked somebody, and ended for that alone.
    var waitsForAnswer: Bool {
        status == Exit.later.rawValue && code == Failed.reviewWaits
    }
}

/// The lines that a run got on its standard input, which come out again among its own.
struct GivenLines {
    private var hashes: Set<Int> = []

    init(_ path: String) throws(SystemFault) {
        let file = try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW)
        let reader = LineReader(file.number)
        while !reader.isAtEnd {
            while case .line(let bytes)? = reader.next() { hashes.insert(Self.hash(bytes)) }
            try reader.fill()
        }
    }

    func has(_ line: UnsafeRawBufferPointer) -> Bool { hashes.contains(Self.hash(line)) }

    /// Seeded by chance, so that no record can be made to look like another.
    private static func hash(_ line: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: line)
        return hasher.finalize()
    }
}
