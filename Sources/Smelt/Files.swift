internal import Glibc

/// Whole small files: read at once with a bound, replaced so that a reader sees the old or the new
/// one and a crash loses neither.
package enum Files {
    /// What is in the file, which may be at most `limit` bytes long.
    package static func read(_ path: String, upTo limit: Int = 16 << 20) throws -> [UInt8] {
        try Descriptor(opening: path, O_RDONLY).readAll(upTo: limit, name: path)
    }

    package static func readText(_ path: String, upTo limit: Int = 16 << 20) throws -> String {
        String(decoding: try read(path, upTo: limit), as: UTF8.self)
    }

    /// Puts `bytes` in place of `path` and returns once they are on the disk: a temporary file,
    /// fsync, rename, fsync of the directory. With `exclusive`, a file that is already there stays
    /// and the fault is EEXIST.
    package static func replace(
        _ path: String, with bytes: some Collection<UInt8>, mode: UInt32 = 0o600,
        exclusive: Bool = false
    ) throws(SystemFault) {
        let directory = parent(of: path)
        let temporary =
            "\(directory)/.\(name(of: path)).\(getpid()).\(UInt32.random(in: 0 ... .max))"
        let file = try Descriptor(opening: temporary, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
        do throws(SystemFault) {
            try write(Array(bytes), to: file, name: path)
            if exclusive {
                guard link(temporary, path) == 0 else { throw SystemFault(errno, "create", path) }
                unlink(temporary)
            } else {
                guard rename(temporary, path) == 0 else {
                    throw SystemFault(errno, "replace", path)
                }
            }
        } catch {
            unlink(temporary)
            throw error
        }
        try syncDirectory(directory)
    }

    private static func write(
        _ bytes: [UInt8], to file: borrowing Descriptor, name: String
    ) throws(SystemFault) {
        var fault: SystemFault?
        bytes.withUnsafeBytes { raw in
            do throws(SystemFault) { try file.write(raw, name: name) } catch { fault = error }
        }
        if let fault { throw fault }
        try file.sync(name: name)
    }

    package static func syncDirectory(_ path: String) throws(SystemFault) {
        try Descriptor(opening: path, O_RDONLY | O_DIRECTORY).sync(name: path)
    }

    /// Makes the directory and what is missing above it; no fault when it is already there. With `isLasting` what was made is on
    /// the disk, with the directory that it is in, where that may be read.
    package static func makeDirectories(
        _ path: String, mode: UInt32 = 0o700, isLasting: Bool = false
    ) throws(SystemFault) {
        var isMade = mkdir(path, mode) == 0
        if !isMade {
            if errno == EEXIST { return }
            guard errno == ENOENT, parent(of: path) != path else {
                throw SystemFault(errno, "make directory", path)
            }
            try makeDirectories(parent(of: path), mode: mode, isLasting: isLasting)
            isMade = mkdir(path, mode) == 0
            guard isMade || errno == EEXIST else {
                throw SystemFault(errno, "make directory", path)
            }
        }
        if isLasting, isMade { try? syncDirectory(parent(of: path)) }
    }

    /// Whether something is there. What cannot be told counts as there: using it then says why.
    package static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0 || ![ENOENT, ENOTDIR, ENAMETOOLONG].contains(errno)
    }

    /// Whether this process may write to the file, or make files in the directory.
    package static func isWritable(_ path: String) -> Bool { access(path, W_OK) == 0 }

    /// Of a file in bytes, links followed; nil when it is not there.
    package static func size(_ path: String) -> Int? {
        var facts = stat()
        return stat(path, &facts) == 0 ? Int(facts.st_size) : nil
    }

    /// The names in a directory, sorted, without `.` and `..`; empty when it is not there.
    package static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The part before the last slash: `.` when there is none.
    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The part behind the last slash.
    package static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// Whether a path is the directory or lies below it, as the two are written.
    package static func lies(_ path: String, in directory: String) -> Bool {
        var rest = path.utf8[...]
        for byte in directory.utf8 where rest.popFirst() != byte { return false }
        return rest.isEmpty || rest.first == UInt8(ascii: "/")
    }

    /// `path` as seen from `directory` when it is not absolute.
    package static func resolve(_ path: String, against directory: String) -> String {
        path.hasPrefix("/") ? path : directory == "/" ? "/\(path)" : "\(directory)/\(path)"
    }

    /// The path without links, `.` and `..`; the file must be there.
    package static func canonical(_ path: String) throws(SystemFault) -> String {
        guard let real = realpath(path, nil) else { throw SystemFault(errno, "find", path) }
        defer { free(real) }
        return String(cString: real)
    }

    /// What a symbolic link says; nil when it is none.
    package static func goal(ofLink path: String) -> String? {
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = bytes.withUnsafeMutableBytes { raw in
            raw.baseAddress.map { readlink(path, $0, raw.count) } ?? -1
        }
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }

    /// An absolute path without `.`, `..` and doubled slashes, by its text alone.
    package static func normal(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    package static var workingDirectory: String {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return String(cString: path)
    }
}
