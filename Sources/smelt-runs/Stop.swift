import Glibc
import Records
import Smelt

/// `stop`: asks the stages of a run that can be asked. They say where in the runtime directory, each
/// in a file that holds its process id and that it keeps locked for as long as it lives.
enum Stop {
    static let verb = Verb(
        "stop", options: [Listing.directory], operands: "JOB|RUN",
        summary: "asks a run to stop; what its sessions did until then is kept"
    ) { words in
        guard let word = words.operands.first, words.operands.count == 1 else {
            throw Usage("name one job or run")
        }
        let run = try RunID(word) ?? RecordedRuns.find(word, words[Listing.directory]).1
        let directory = "\(try Places.runtime())/\(run)"
        var asked = false
        for name in Files.names(in: directory) where name.hasSuffix(".pid") {
            if try ask("\(directory)/\(name)") { asked = true }
        }
        guard asked else { throw RunsFault.notRunning(word) }
        return .done
    }

    /// Whether somebody was there. The lock, not the number, tells that the process lives.
    private static func ask(_ path: String) throws -> Bool {
        let file = try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW)
        guard flock(file.number, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else {
            return false
        }
        let text = String(
            decoding: try file.readAll(upTo: 64, name: path).prefix { $0 != 10 }, as: UTF8.self)
        guard let process = pid_t(text), process > 1 else { return false }
        guard kill(process, SIGTERM) == 0 else {
            guard errno == ESRCH else { throw SystemFault(errno, "stop", "process \(process)") }
            return false
        }
        return true
    }
}
