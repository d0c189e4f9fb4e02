import Glibc
import Smelt

@testable import Store

/// A directory that is gone with the test.
final class Scratch {
    let directory: String
    var file: String { "\(directory)/smelt.db" }

    init() throws {
        var name = Array("/tmp/smelt-store.XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else { throw SystemFault(errno, "make", "a directory") }
        directory = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in Files.names(in: directory) { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }
}

let someone = Actor(uid: 1000, host: "here")

/// Some time, and so many milliseconds more.
func moment(_ more: Int64 = 0, boot: String = "boot") -> Instant {
    Instant(wall: 1_700_000_000_000 + more, steady: 1_000 + more, boot: boot)
}

func memory() throws -> Store {
    var options = Store.Options()
    options.seed = 1
    return try Store(inMemory: options)
}

/// A job with what `change` makes of it.
func job(_ name: String = "true", _ change: (inout NewJob) -> Void = { _ in }) -> NewJob {
    var job = NewJob(.command, name: name, body: Array("{\"argv\":[\"\(name)\"]}".utf8))
    change(&job)
    return job
}

extension Store {
    /// Adds one that must be let in.
    func put(_ new: NewJob, _ now: Instant = moment()) throws -> RunID {
        guard case .added(let id, _)? = try add([new], by: someone, now).first else {
            throw StoreFault.invalid("it was not let in")
        }
        return id
    }

    func take(_ now: Instant = moment(), worker: String = "") throws -> Claimed? {
        try claim(Claimant(owner: "daemon", worker: worker), now)
    }

    func state(_ id: RunID) throws -> JobState { try show(id).state }
}
