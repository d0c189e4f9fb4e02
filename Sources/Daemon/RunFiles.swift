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

    /// A named pipe: the run begins when something comes from it, and never when nobody has its other end any more.
    private var gate: String { "\(stem).gate" }

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
    func makeFirst(_ spares: SpareDirectories) throws(SystemFault) -> Descriptor {
        while true {
            if !spares.give(directory) { try Files.makeDirectories(directory) }
            do throws(SystemFault) { return try Self.make(records) } catch {
                guard error.number == ENOENT, access(directory, F_OK) != 0 else { throw error }
            }
        }
    }

    /// The two ends of the gate.
    func makeGate() throws(SystemFault) -> (reading: Int32, writing: Int32) {
        unlink(gate)
        guard mkfifo(gate, 0o600) == 0 else { throw SystemFault(errno, "make", gate) }
        // So that to open one end does not wait for the other; who reads there does.
        let reading = open(gate, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
        guard reading >= 0 else { throw SystemFault(errno, "open", gate) }
        let writing = open(gate, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
        guard writing >= 0, fcntl(reading, F_SETFL, O_RDONLY) == 0 else {
            let fault = SystemFault(errno, "open", gate)
            close(reading)
            if writing >= 0 { close(writing) }
            throw fault
        }
        return (reading, writing)
    }

    /// Lets a run begin that whoever made it has not: he is stopped, or was killed a moment ago, and the store knows of it. One that
    /// has begun does not listen any more.
    func openGate() {
        let gate = open(gate, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
        guard gate >= 0 else { return }
        var line = UInt8(ascii: "\n")
        _ = write(gate, &line, 1)
        close(gate)
    }

    func remove() {
        unlinkAll()
        // Not where another attempt has begun.
        rmdir(directory)
    }

    private func unlinkAll() {
        for path in [records, output, errors, input, log, gate] { unlink(path) }
    }

    /// Also those of attempts before, which a daemon could not remove that was killed as soon as it had begun this one.
    func removeWithEarlier(_ spares: SpareDirectories) {
        for name in Files.names(in: directory) {
            guard let number = Int64(name.prefix { $0 != "." }), number < attempt else { continue }
            unlink("\(directory)/\(name)")
        }
        unlinkAll()
        spares.take(directory)
    }
}
