internal import Glibc
internal import Smelt

/// Empty directories of runs that are over, for those that begin next. To make one and remove it costs a file system a block
/// each time, and where it tells the disk at once which are free (`discard` of ext4(5)), a wait for the disk.
final class SpareDirectories {
    private var paths: [String] = []
    private static let most = 16

    deinit { remove() }

    /// Takes the directory of a run whose files are gone.
    func take(_ path: String) {
        if paths.count < Self.most {
            paths.append(path)
        } else {
            rmdir(path)
        }
    }

    /// Makes the directory of one of them, if there is any; to be called in a transaction, so that no other daemon begins a run
    /// meanwhile.
    func give(_ directory: String) -> Bool {
        while let path = paths.popLast() {
            // Its job may have begun again there.
            if Files.names(in: path).isEmpty, rename(path, directory) == 0 { return true }
            rmdir(path)
        }
        return false
    }

    func remove() {
        for path in paths { rmdir(path) }
        paths = []
    }
}
