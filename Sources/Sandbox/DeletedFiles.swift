internal import CSystem
internal import Glibc
internal import Smelt

/// What processes hold on disks of files that have no name any more, as far as their open descriptors tell.
enum DeletedFiles {
    /// Bounds of one look: a command may have very many of both.
    private static let mostProcesses = 4096
    private static let mostDescriptors = 65_536

    /// Of the process and all that descend from it, bytes. Memory does not count, unless a place in which they may write
    /// is on one of the devices.
    static func bytes(below first: Int32, on devices: Set<dev_t>) -> Int {
        var seen: Set<FileIdentity> = []
        var total = 0
        var left = mostDescriptors
        for process in family(of: first).prefix(mostProcesses) {
            let path = "/proc/\(process)/fd"
            guard let directory = try? Descriptor(opening: path, O_RDONLY | O_DIRECTORY) else {
                continue
            }
            for name in Files.names(in: path) {
                guard left > 0 else { return total }
                left -= 1
                var facts = stat()
                guard fstatat(directory.number, name, &facts, 0) == 0, facts.st_nlink == 0,
                    facts.st_mode & S_IFMT == S_IFREG, seen.insert(FileIdentity(facts)).inserted,
                    devices.contains(facts.st_dev)
                        || system_is_on("\(path)/\(name)", memory) == 0
                else { continue }
                total += max(Int(facts.st_blocks) * 512, DiskLook.block)
            }
        }
        return total
    }

    /// TMPFS_MAGIC: private memory is bounded by itself, and a memfd is memory, too.
    private static let memory = 0x0102_1994

    private static func family(of first: Int32) -> [Int32] {
        var children: [Int32: [Int32]] = [:]
        for name in Files.names(in: "/proc") {
            guard let process = Int32(name), let parent = parent(of: process) else { continue }
            children[parent, default: []].append(process)
        }
        var all = [first]
        var next = 0
        while next < all.count {
            all += children[all[next]] ?? []
            next += 1
        }
        return all
    }

    /// From proc(5): the name of the program, in brackets, may have some itself.
    private static func parent(of process: Int32) -> Int32? {
        guard let text = try? Files.readText("/proc/\(process)/stat", upTo: 4096),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 1 ? Int32(fields[1]) : nil
    }
}
