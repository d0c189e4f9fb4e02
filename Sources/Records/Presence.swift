internal import Glibc
internal import Smelt

/// A stage's word that it lives and may be asked to stop: `<runtime directory>/<run>/<stage>.pid`, which
/// holds the process id and is locked for as long as the process lives. `smelt-runs stop` reads it.
final class Presence {
    private let path: String
    /// Its lock goes when the process does, however it ends.
    private let file: Int32

    /// Nil where there is no runtime directory: then nobody can ask.
    init?(of stage: String, in run: RunID) {
        guard let runtime = try? Places.runtime() else { return nil }
        let directory = "\(runtime)/\(run)"
        let path = "\(directory)/\(stage).pid"
        mkdir(directory, 0o700)
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return nil }
        let text = Array("\(getpid())\n".utf8)
        guard flock(file, LOCK_EX | LOCK_NB) == 0, ftruncate(file, 0) == 0,
            pwrite(file, text, text.count, 0) == text.count
        else {
            close(file)
            return nil
        }
        // Only now: `deinit` takes away the file, which may be another process's until here.
        self.path = path
        self.file = file
    }

    deinit {
        unlink(path)
        close(file)
        rmdir(Files.parent(of: path))
    }
}
