internal import Glibc
package import Smelt

/// Where the logs and states of runs are kept.
package enum RunsDirectory {
    /// `.smelt/runs` in `directory` where one may write there, else `runs` in the state directory.
    /// Absolute; nothing but the state directory is made.
    package static func choose(beside directory: String?) throws -> String {
        guard let directory else { return "\(try Places.state())/runs" }
        for path in ["\(directory)/.smelt/runs", "\(directory)/.smelt", directory]
        where Files.exists(path) {
            guard Files.isWritable(path) else { break }
            return "\(directory)/.smelt/runs"
        }
        return "\(try Places.state())/runs"
    }

    /// Whether a recorder has the log's lock, which it has until the run is over. Asking takes it for a moment, shared.
    package static func isRecorded(_ log: String) -> Bool {
        guard let file = try? Descriptor(opening: log, O_RDONLY | O_NOFOLLOW) else { return false }
        return flock(file.number, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    /// The same of the log that is kept of a run.
    package static func isRecorded(_ run: RunID, of job: String, in path: String) -> Bool {
        RunState.directory(of: job, in: path).map { isRecorded("\($0)/\(run).jsonl") } ?? false
    }

    /// Makes `path`, and tells git to look past what is kept beside a manifest.
    package static func make(_ path: String) throws(SystemFault) {
        try Files.makeDirectories(path, mode: 0o755)
        let parent = Files.parent(of: path)
        guard Files.name(of: parent) == ".smelt" else { return }
        do {
            try Files.replace(
                "\(parent)/.gitignore", with: Array("*\n".utf8), mode: 0o644, exclusive: true)
        } catch {
            guard Files.exists("\(parent)/.gitignore") else { throw error }
        }
    }
}
