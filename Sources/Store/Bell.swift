internal import Glibc

/// How those who wait learn of a commit, without looking again and again: after it the file's times are set, which inotify(7)
/// reports as IN_ATTRIB to whoever watches the file. Nothing has to be made, found or cleared away for it.
///
/// Writes to the log beside the file are no such sign: they come before the commit counts.
struct Bell {
    let path: String

    init(_ path: String) { self.path = path }

    func ring() {
        _ = utimensat(AT_FDCWD, path, nil, 0)
    }
}
