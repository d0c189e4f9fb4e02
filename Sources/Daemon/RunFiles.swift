internal import Glibc
internal import Smelt
internal import Store

/// The files of one attempt, `queue/<job>/<attempt>.…` in the state directory: what the run writes there is read into the
/// log, and when all of it is there they go.
struct RunFiles {
    let directory: String
    private let attempt: Int64
    private let stem: String

    init(in queue: String, _ lease: Lease) {
        directory = "\(queue)/\(lease.id)"
        attempt = lease.attempt
        stem = "\(directory)/\(lease.attempt)"
    }

    var records: String { "\(stem).jsonl" }
    var output: String { "\(stem).out" }
    var errors: String { "\(stem).err" }
    /// What the run is given.
    var input: String { "\(stem).in" }

    /// What it is given that runs sessions of one before again.
    var log: String { "\(stem).log" }

    /// Makes an empty file, another one than what an attempt with that number left: that of a queue which was restored since may
    /// still write into it.
    static func make(_ path: String) throws(SystemFault) -> Descriptor {
        unlink(path)
        return try Descriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND)
    }

    /// The directory, and in it the file for the records. Where a daemon beside this one removes what it thinks is empty of the
    /// attempt before, that is done again.
    func makeFirst() throws(SystemFault) -> Descriptor {
        while true {
            try Files.makeDirectories(directory)
            do throws(SystemFault) { return try Self.make(records) } catch {
                guard error.number == ENOENT, access(directory, F_OK) != 0 else { throw error }
            }
        }
    }

    func remove() {
        for path in [records, output, errors, input, log] { unlink(path) }
        // Not where another attempt has begun.
        rmdir(directory)
    }

    /// Also those of attempts before, which a daemon could not remove that was killed as soon as it had begun this one.
    func removeWithEarlier() {
        for name in Files.names(in: directory) {
            guard let number = Int64(name.prefix { $0 != "." }), number < attempt else { continue }
            unlink("\(directory)/\(name)")
        }
        remove()
    }
}
