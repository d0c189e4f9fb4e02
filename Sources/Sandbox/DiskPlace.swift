internal import CSystem
internal import Glibc
internal import Smelt

/// A directory or a file of the host's in which a command may write, held by a descriptor: whatever is put in its
/// place later, this is what is measured.
final class DiskPlace {
    let number: Int32
    let isDirectory: Bool
    let device: dev_t
    /// Paths in it, without a slash at the start, that the command cannot see.
    let hidden: Set<[CChar]>

    init(_ path: String, hidden: [String]) throws(SystemFault) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { throw SystemFault(errno, "look at", path) }
        isDirectory = facts.st_mode & S_IFMT == S_IFDIR
        device = facts.st_dev
        let flags = isDirectory ? O_RDONLY | O_DIRECTORY : Self.asPlace
        number = try Descriptor(opening: path, flags | O_NOFOLLOW).release()
        self.hidden = Set(hidden.map { Array($0.utf8CString) })
    }

    deinit { close(number) }

    /// `O_PATH`, which the Swift module of the C library leaves out.
    private static let asPlace: Int32 = 0o10000000

    /// What a plan lets a command write to on disks, none of them in another one.
    static func all(of plan: Plan) throws(SystemFault) -> [DiskPlace] {
        var writable: [(source: String, target: String)] = []
        for grant in plan.files {
            switch grant {
            case .readWrite(let source, let target): writable.append((source, target))
            // What the kernel needs beside it is not the command's, and as good as empty.
            case .overlay(_, let upper, _, let target): writable.append((upper, target))
            default: break
            }
        }
        let sources = Set(writable.map(\.source)).sorted()
        var places: [DiskPlace] = []
        for source in sources
        where !sources.contains(where: { source != $0 && source.hasPrefix(below($0)) }) {
            let targets = writable.filter { $0.source == source }.map(\.target)
            var hidden: [String] = []
            // Elsewhere it may be seen.
            if targets.count == 1, let above = targets.first.map(below) {
                for case .hidden(let place) in plan.files where place.hasPrefix(above) {
                    hidden.append(String(place.dropFirst(above.count)))
                }
            }
            places.append(try DiskPlace(source, hidden: hidden))
        }
        return places
    }

    private static func below(_ path: String) -> String { path == "/" ? path : "\(path)/" }

    // MARK: directories in it

    /// One that is being read; it must be possible to look at its entries until it is let go.
    final class Opened {
        let stream: OpaquePointer
        let number: Int32
        let path: [CChar]
        /// Its own mode, when it kept us out and was changed.
        private let mode: mode_t?

        fileprivate init?(_ number: Int32, _ path: [CChar], mode: mode_t?) {
            guard let stream = fdopendir(number) else {
                DiskPlace.restore(number, mode)
                close(number)
                return nil
            }
            (self.stream, self.number, self.path, self.mode) = (stream, number, path, mode)
        }

        deinit {
            DiskPlace.restore(number, mode)
            closedir(stream)
        }
    }

    /// The directory at a path in this one, the empty path being itself; nil and errno otherwise.
    func open(_ path: [CChar]) -> Opened? {
        let whole = path == [0] ? Array(".".utf8CString) : path
        let opened = system_open_beneath(number, whole, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        guard opened >= 0 else { return errno == EACCES ? openClosed(path) : nil }
        // To be read is one right, to be looked into another.
        return Opened(opened, path, mode: Self.loosen(opened))
    }

    /// Whoever owns a directory may close it to himself, and hide there what he wrote. What stands in the way is opened
    /// for as long as that takes.
    private func openClosed(_ path: [CChar]) -> Opened? {
        var at = fcntl(number, F_DUPFD_CLOEXEC, 3)
        guard at >= 0 else { return nil }
        var mode = Self.loosen(at)
        for part in path.dropLast().split(separator: CChar(UInt8(ascii: "/"))) {
            let next = system_open_beneath(
                at, Array(part) + [0], Self.asPlace | O_DIRECTORY | O_NOFOLLOW)
            let reason = errno
            Self.restore(at, mode)
            close(at)
            errno = reason
            guard next >= 0 else { return nil }
            at = next
            mode = Self.loosen(at)
        }
        let opened = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        let reason = errno
        if opened < 0 { Self.restore(at, mode) }
        close(at)
        errno = reason
        return opened < 0 ? nil : Opened(opened, path, mode: mode)
    }

    /// Lets its owner, when we are he, read and enter a directory; its mode before, if that was changed.
    private static func loosen(_ number: Int32) -> mode_t? {
        var facts = stat()
        guard fstat(number, &facts) == 0, facts.st_uid == geteuid(), geteuid() != 0,
            facts.st_mode & 0o500 != 0o500
        else { return nil }
        let mode = facts.st_mode & 0o7777
        return chmod("/proc/self/fd/\(number)", mode | 0o500) == 0 ? mode : nil
    }

    private static func restore(_ number: Int32, _ mode: mode_t?) {
        if let mode { chmod("/proc/self/fd/\(number)", mode) }
    }
}
