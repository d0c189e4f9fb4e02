internal import CSystem
internal import Glibc
internal import Smelt

/// What processes hold on disks of files that have no name any more, as far as their open descriptors tell.
enum DeletedFiles {
    /// Bounds of one look. Who has more of either cannot be looked at.
    private static let mostThreads = 16_384
    private static let mostDescriptors = 262_144

    /// Of the process and all that descend from it, bytes, and whether there is more than can be looked at. Memory does not
    /// count, unless a place in which they may write is on one of the devices.
    static func look(
        below first: Int32, on devices: Set<dev_t>
    ) -> (bytes: Int, isBeyond: Bool) {
        var look = Look(devices: devices)
        for process in family(of: first) where !look.isBeyond { look.goOn(process) }
        return (look.bytes, look.isBeyond)
    }

    private struct Look {
        let devices: Set<dev_t>
        var bytes = 0
        var isBeyond = false
        private var seen: Set<FileIdentity> = []
        private var threadsLeft = mostThreads
        private var descriptorsLeft = mostDescriptors

        init(devices: Set<dev_t>) { self.devices = devices }

        /// A thread may have descriptors of its own, and those of all are still there when the first has ended.
        mutating func goOn(_ process: Int32) {
            var known: (first: Int32, last: Int32)?
            for name in Files.names(in: "/proc/\(process)/task") {
                guard let thread = Int32(name) else { continue }
                guard threadsLeft > 0 else { return isBeyond = true }
                threadsLeft -= 1
                if let known,
                    system_share_descriptors(known.first, thread) == 1
                        || system_share_descriptors(known.last, thread) == 1
                {
                    continue
                }
                count("/proc/\(process)/task/\(thread)/fd")
                known = (known?.first ?? thread, thread)
            }
        }

        private mutating func count(_ path: String) {
            guard let directory = try? Descriptor(opening: path, O_RDONLY | O_DIRECTORY) else {
                return
            }
            for name in Files.names(in: path) {
                guard descriptorsLeft > 0 else { return isBeyond = true }
                descriptorsLeft -= 1
                var facts = stat()
                guard fstatat(directory.number, name, &facts, 0) == 0, facts.st_nlink == 0,
                    facts.st_mode & S_IFMT == S_IFREG, seen.insert(FileIdentity(facts)).inserted,
                    devices.contains(facts.st_dev)
                        || system_is_on("\(path)/\(name)", memory) == 0
                else { continue }
                bytes += max(Int(facts.st_blocks) * 512, DiskLook.block)
            }
        }
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
