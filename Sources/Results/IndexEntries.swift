internal import Glibc
internal import Smelt

/// The files of a checkout as its index lists them.
struct IndexEntries {
    private let tree: String
    private var files: [[CChar]] = []
    private var attributes: [String] = []
    private var submodules: [String] = []

    /// `listing` is what `git ls-files --stage -z` printed.
    init(_ listing: [UInt8], beneath tree: String) {
        self.tree = tree
        for line in listing.split(separator: 0) {
            guard let tab = line.firstIndex(of: 9) else { continue }
            let path = line[(tab + 1)...]
            if line.starts(with: "160000".utf8) {
                submodules.append(String(decoding: path, as: UTF8.self))
                continue
            }
            files.append(path.map { CChar(bitPattern: $0) } + [0])
            if path.elementsEqual(".gitattributes".utf8)
                || path.suffix(15).elementsEqual("/.gitattributes".utf8)
            {
                attributes.append(String(decoding: path, as: UTF8.self))
            }
        }
    }

    /// Sets the time of every file and link.
    func setTimes(to seconds: Int) throws(SystemFault) {
        let directory = try Descriptor(opening: tree, O_RDONLY | O_DIRECTORY)
        let times = [timespec](repeating: timespec(tv_sec: seconds, tv_nsec: 0), count: 2)
        for file in files {
            guard utimensat(directory.number, file, times, AT_SYMLINK_NOFOLLOW) == 0 else {
                throw SystemFault(errno, "set the time of", Self.text(file))
            }
        }
    }

    /// One sentence for the submodules and one for the LFS pointers, where there are any.
    var warnings: [String] {
        var sentences: [String] = []
        if !submodules.isEmpty {
            let (noun, verb) = submodules.count == 1 ? ("submodule", "is") : ("submodules", "are")
            sentences.append(
                "\(submodules.count) \(noun) \(verb) empty in the workspace: "
                    + Self.list(submodules))
        }
        let pointers = self.pointers
        if !pointers.isEmpty {
            let (noun, verb) = pointers.count == 1 ? ("file", "is") : ("files", "are")
            sentences.append(
                "\(pointers.count) \(noun) \(verb) only a pointer to Git LFS in the workspace: "
                    + Self.list(pointers))
        }
        return sentences
    }

    /// Only looked for where an attribute names the filter.
    private var pointers: [String] {
        let named = attributes.contains { path in
            let text = try? Files.readText("\(tree)/\(path)", upTo: 1 << 20)
            return text?.contains("filter=lfs") == true
        }
        guard named, let directory = try? Descriptor(opening: tree, O_RDONLY | O_DIRECTORY) else {
            return []
        }
        return files.filter { file in
            var facts = stat()
            // A pointer is three lines; git-lfs itself takes none above 1,024 bytes.
            guard fstatat(directory.number, file, &facts, AT_SYMLINK_NOFOLLOW) == 0,
                facts.st_mode & S_IFMT == S_IFREG, (100...1024).contains(facts.st_size)
            else { return false }
            let number = openat(directory.number, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
            guard number >= 0 else { return false }
            let opened = Descriptor(owning: number)
            let bytes = try? opened.readAll(upTo: 1024, name: "pointer")
            return bytes?.starts(with: "version https://git-lfs.github.com/spec/".utf8) == true
        }.map(Self.text)
    }

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(5).map { "'\(Visible.line($0))'" }.joined(separator: ", ")
        return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
    }

    private static func text(_ path: [CChar]) -> String {
        String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
