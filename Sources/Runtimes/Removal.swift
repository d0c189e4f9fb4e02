internal import Glibc
internal import Sandbox
package import Smelt

/// Removes what an agent may have left: trees of any depth and width, directories that nobody may
/// enter, names and links of any kind. It never follows a link and never nests: a directory inside
/// is first moved up beside the others, so two descriptors are enough for any depth.
package enum Removal {
    /// Removes the directory `path` and everything in it; nothing there is no fault.
    package static func remove(_ path: String) throws(SystemFault) {
        DiskImage.vanish(below: path)
        let top: Descriptor
        do throws(SystemFault) {
            top = try Descriptor(opening: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        } catch {
            if error.number == ENOENT { return }
            throw error
        }
        var moved = 0
        try empty(top.number, top: top.number, moved: &moved, path: path)
        guard rmdir(path) == 0 || errno == ENOENT else {
            throw SystemFault(errno, "remove", path)
        }
    }

    /// Leaves no entry in `directory`; what was in directories below it is gone too.
    private static func empty(
        _ directory: Int32, top: Int32, moved: inout Int, path: String
    ) throws(SystemFault) {
        // Entries may be passed over while others go away, so until a pass finds none.
        while true {
            let names = try entries(of: directory, path: path)
            if names.isEmpty { return }
            for (name, isDirectory) in names {
                if !isDirectory {
                    guard unlinkat(directory, name, 0) == 0 || errno == ENOENT else {
                        throw SystemFault(errno, "remove", "\(path)/\(text(name))")
                    }
                } else if directory == top {
                    try removeDirectory(name, top: top, moved: &moved, path: path)
                } else {
                    try lift(name, from: directory, top: top, moved: &moved, path: path)
                }
            }
        }
    }

    private static func removeDirectory(
        _ name: [CChar], top: Int32, moved: inout Int, path: String
    ) throws(SystemFault) {
        if unlinkat(top, name, AT_REMOVEDIR) == 0 || errno == ENOENT { return }
        let inner = try enter(name, in: top, path: path)
        try empty(inner.number, top: top, moved: &moved, path: path)
        guard unlinkat(top, name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw SystemFault(errno, "remove", "\(path)/\(text(name))")
        }
    }

    /// Moves a directory up to the top under a name that nothing there has.
    private static func lift(
        _ name: [CChar], from directory: Int32, top: Int32, moved: inout Int, path: String
    ) throws(SystemFault) {
        if unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT { return }
        // Its own ".." changes, for which it must be writable.
        _ = try enter(name, in: directory, path: path)
        while true {
            moved += 1
            if renameat(directory, name, top, ".removed-\(moved)") == 0 || errno == ENOENT {
                return
            }
            // An agent's name for its own; renaming onto an empty directory is as good.
            guard errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR else {
                throw SystemFault(errno, "remove", "\(path)/\(text(name))")
            }
        }
    }

    /// Opens a directory of the tree, given back to its owner first when its mode keeps us out.
    private static func enter(
        _ name: [CChar], in directory: Int32, path: String
    ) throws(SystemFault) -> Descriptor {
        let flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let handle = openat(directory, name, oPath | flags)
        guard handle >= 0 else { throw SystemFault(errno, "open", "\(path)/\(text(name))") }
        let found = Descriptor(owning: handle)
        var facts = stat()
        if fstat(found.number, &facts) == 0, facts.st_mode & 0o700 != 0o700 {
            // By its descriptor: a name could have become a link.
            chmod("/proc/self/fd/\(found.number)", 0o700)
        }
        let opened = openat(found.number, ".", O_RDONLY | flags)
        guard opened >= 0 else { throw SystemFault(errno, "open", "\(path)/\(text(name))") }
        return Descriptor(owning: opened)
    }

    /// Up to some thousand names, so that a directory of millions needs no memory.
    private static func entries(
        of directory: Int32, path: String
    ) throws(SystemFault) -> [(name: [CChar], isDirectory: Bool)] {
        let copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else {
            throw SystemFault(errno, "read", path)
        }
        defer { closedir(stream) }
        var found: [(name: [CChar], isDirectory: Bool)] = []
        while found.count < 10_000, let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { start in
                    Array(UnsafeBufferPointer(start: start, count: strlen(start) + 1))
                }
            }
            if name == [46, 0] || name == [46, 46, 0] { continue }
            var isDirectory = Int32(entry.pointee.d_type) == Int32(DT_DIR)
            if Int32(entry.pointee.d_type) == Int32(DT_UNKNOWN) {
                var facts = stat()
                isDirectory =
                    fstatat(directory, name, &facts, AT_SYMLINK_NOFOLLOW) == 0
                    && facts.st_mode & S_IFMT == S_IFDIR
            }
            found.append((name, isDirectory))
        }
        return found
    }

    /// The names in an open directory, sorted.
    static func names(in directory: Int32) -> [String] {
        ((try? entries(of: directory, path: "")) ?? []).map { text($0.name) }.sorted()
    }

    private static func text(_ name: [CChar]) -> String {
        Visible.line(
            String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    /// `O_PATH`, which the Swift module of the C library leaves out.
    private static let oPath: Int32 = 0o10000000
}
