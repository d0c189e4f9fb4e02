internal import CSystem
internal import Glibc
internal import Smelt

/// What this process is in, as of now.
struct CgroupMembership {
    /// Its group of version 2, from the root that it sees.
    let path: String?
    /// Controllers that it has in the older hierarchy, which are in no group of version 2.
    let older: Set<String>

    init() {
        let lines = ((try? Files.readText("/proc/self/cgroup", upTo: 1 << 20)) ?? "")
            .split(separator: "\n")
        var older: Set<String> = []
        var path: String?
        for line in lines {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            if fields[0] == "0" { path = String(fields[2]) }
            // What version 1 calls blkio.
            for name in fields[1].split(separator: ",") {
                older.insert(name == "blkio" ? "io" : String(name))
            }
        }
        self.path = path
        self.older = older
    }
}

/// The control groups of version 2 that this process can see, as of now.
struct CgroupTree {
    /// Where the file system is mounted.
    let mount: String
    /// The group of this process, absolute.
    let own: String

    init(_ membership: CgroupMembership = CgroupMembership()) throws(CgroupLack) {
        guard let path = membership.path, let (point, root) = Self.mounted(holding: path) else {
            let older = membership.older
            throw older.isEmpty ? .notMounted : .olderVersion(older.sorted())
        }
        mount = point
        let below = path.dropFirst(root == "/" ? 0 : root.utf8.count)
        own = below.isEmpty || below == "/" ? point : "\(point)\(below)"
    }

    /// The group itself and those above it, the nearest first.
    var upwards: [String] {
        var all = [own]
        while let last = all.last, last != mount, last.hasPrefix(mount) {
            all.append(Files.parent(of: last))
        }
        return all
    }

    /// Whether this process is in the group itself, or in the leaf of it into which `moveProcesses` moves.
    func isOwn(_ path: String) -> Bool { own == path || own == CgroupFacts(path: path).leaf }

    /// The first mount whose root is at or above a group: `--bind` and containers show only parts.
    private static func mounted(holding path: String) -> (point: String, root: String)? {
        MountTable.all(ofType: "cgroup2").first { point, root in
            (root == "/" || Files.lies(path, in: root))
                && !path.hasPrefix("/..") && isGroup(point)
        }
    }

    /// Whether a directory is a control group of version 2.
    static func isGroup(_ path: String) -> Bool {
        // CGROUP2_SUPER_MAGIC
        system_is_on(path, 0x6367_7270) != 0
    }
}

/// A group as its files describe it.
struct CgroupFacts {
    let path: String

    /// The one group that has processes and groups with controllers at once. It has no `cgroup.events`.
    var isRealRoot: Bool { !Files.exists("\(path)/cgroup.events") }

    /// Its manager left it to us: systemd says so by an attribute, a namespace by beginning there.
    func isDelegated(in tree: CgroupTree?) -> Bool {
        if let tree, tree.mount == path, !isRealRoot { return true }
        return ["user.delegate", "trusted.delegate"].contains { name in
            var value: UInt8 = 0
            return system_attribute(path, name, &value, 1) == 1 && value == UInt8(ascii: "1")
        }
    }

    /// Whether this process may make groups in it and be born into them.
    var isWritable: Bool {
        ["", "/cgroup.procs", "/cgroup.subtree_control"].allSatisfy {
            Files.isWritable(path + $0)
        }
    }

    var controllers: Set<String> { words("cgroup.controllers") }
    var enabled: Set<String> { words("cgroup.subtree_control") }

    /// Process ids; 0 stands for one that this process cannot see.
    var processes: [Int32] { words("cgroup.procs").compactMap { Int32($0) } }

    /// Where those go who must make room.
    var leaf: String { "\(path)/smelt" }

    func words(_ file: String) -> Set<String> {
        let text = (try? Files.readText("\(path)/\(file)", upTo: 16 << 20)) ?? ""
        return Set(text.split { $0 == " " || $0 == "\n" }.map(String.init))
    }

    func write(_ text: String, to file: String) throws(SystemFault) {
        try writeKnob(text, to: file, in: AT_FDCWD, path: path)
    }

    /// Moves every process of the group into a leaf of it, `smelt`, so that controllers can be given to other
    /// groups in it. False when somebody in it cannot be moved.
    func moveProcesses() throws(SystemFault) -> Bool {
        let leaf = CgroupFacts(path: leaf)
        guard mkdir(leaf.path, 0o755) == 0 || errno == EEXIST else {
            throw SystemFault(errno, "make the control group", leaf.path)
        }
        // Somebody who is moved may have a child meanwhile that is not.
        for _ in 0..<100 {
            let here = processes
            if here.isEmpty { return true }
            if here.contains(0) { return false }
            for process in here {
                do throws(SystemFault) { try leaf.write("\(process)", to: "cgroup.procs") } catch {
                    if error.number != ESRCH { throw error }
                }
            }
        }
        return false
    }
}

/// Writes a file of a control group in one call, which is how the kernel wants it.
func writeKnob(_ text: String, to file: String, in directory: Int32, path: String)
    throws(SystemFault)
{
    let name = directory == AT_FDCWD ? "\(path)/\(file)" : file
    let opened = try Descriptor(opening: name, O_WRONLY, beneath: directory)
    let count = retrying { write(opened.number, text, text.utf8.count) }
    guard count == text.utf8.count else { throw SystemFault(errno, "write", "\(path)/\(file)") }
}
