internal import Glibc

/// One look at what lies in the places in which a command may write, in as many pieces as the caller likes. No link is
/// followed, nothing waits, and a tree of any shape is seen: a directory is opened by its path when its turn comes, so
/// that neither descriptors nor our stack run out.
final class DiskLook {
    /// Bytes so far. What has less than a block, if only a name, counts for one.
    private(set) var bytes = 0
    /// A directory was not where it had been seen a moment before.
    private(set) var missed = false
    /// A directory lies so deep that no path leads to it.
    private(set) var isTooDeep = false

    var found: DiskFound {
        DiskFound(bytes: bytes, missed: missed, isBeyond: isTooDeep)
    }

    private let places: [DiskPlace]
    private var waiting: [(place: Int, path: [CChar])]
    private var reading: (place: Int, directory: DiskPlace.Opened)?
    /// Files that have several names, and were counted.
    private var linked: Set<FileIdentity> = []

    /// Bytes of the smallest thing that is counted; see `ProjectQuota.files(for:)`.
    static let block = 4096

    init(_ places: [DiskPlace]) {
        self.places = places
        waiting = []
        for (index, place) in places.enumerated() {
            // A directory itself, too: many names are large.
            count(place)
            if place.isDirectory { waiting.append((index, [0])) }
        }
    }

    /// Looks at so many more entries; true when nothing is left.
    func goOn(_ entries: Int) -> Bool {
        for _ in 0..<entries {
            guard let (place, directory) = reading else {
                guard let next = waiting.popLast() else { return true }
                open(next.place, next.path)
                continue
            }
            guard let entry = readdir(directory.stream) else {
                reading = nil
                continue
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { start in
                    Array(UnsafeBufferPointer(start: start, count: strlen(start) + 1))
                }
            }
            if name != [46, 0], name != [46, 46, 0] { count(name, in: directory, of: place) }
        }
        return false
    }

    private func open(_ place: Int, _ path: [CChar]) {
        if let directory = places[place].open(path) {
            reading = (place, directory)
        } else {
            switch errno {
            case ENAMETOOLONG: isTooDeep = true
            // What belongs to somebody else and is closed to us is closed to the command.
            case EACCES: break
            default: missed = true
            }
        }
    }

    private func count(
        _ name: [CChar], in directory: DiskPlace.Opened, of place: Int
    ) {
        var facts = stat()
        guard fstatat(directory.number, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 else { return }
        var path = directory.path
        if path.count > 1 { path[path.count - 1] = CChar(UInt8(ascii: "/")) } else { path = [] }
        path += name
        if !places[place].hidden.isEmpty, places[place].hidden.contains(path) { return }
        count(facts)
        if facts.st_mode & S_IFMT == S_IFDIR { waiting.append((place, path)) }
    }

    private func count(_ place: DiskPlace) {
        var facts = stat()
        if fstat(place.number, &facts) == 0 { count(facts) }
    }

    private func count(_ facts: stat) {
        if facts.st_mode & S_IFMT != S_IFDIR, facts.st_nlink > 1,
            !linked.insert(FileIdentity(facts)).inserted
        {
            return
        }
        bytes += max(Int(facts.st_blocks) * 512, Self.block)
    }
}

struct FileIdentity: Hashable {
    let device: dev_t
    let number: ino_t

    init(_ facts: stat) {
        device = facts.st_dev
        number = facts.st_ino
    }
}
