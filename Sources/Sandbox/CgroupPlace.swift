internal import Glibc
internal import Smelt

/// Where the groups of runs are made: the nearest group that may have some.
///
/// A group with processes cannot pass controllers on to groups in it, except the root. So it is
/// `$SMELT_CGROUP` where that is set; else the caller's own group or the nearest above it that has no processes,
/// that the caller may write, and that has the controllers. Under a manager that has its processes in leaves,
/// as systemd does, that is the one that holds the caller's, and its limits go on to hold. Where a group with
/// processes was delegated to us (a unit with `Delegate=yes`, a container), they are moved into a leaf of it.
struct CgroupPlace: Equatable {
    let path: String
    /// What its groups have.
    let controllers: Set<String>
    /// Another manager may take a controller away that only leaves use: what is made here needs a
    /// level more, which the kernel does not let that happen to.
    let isShared: Bool

    /// The place with `required` controllers, and of `wanted` ones those that it has. For what is
    /// only wanted, nobody is moved. Who only looks changes nothing.
    static func find(
        required: Set<String>, wanted: Set<String>, onlyLooks: Bool = false
    ) throws -> CgroupPlace {
        if let path = Environment.nonEmpty("SMELT_CGROUP") {
            guard path.hasPrefix("/"), CgroupTree.isGroup(path) else {
                throw SandboxFault.badGroup(path)
            }
            let search = CgroupSearch(
                required: required, wanted: wanted, onlyLooks: onlyLooks, tree: nil)
            return try search.place(in: CgroupFacts(path: path))
        }
        let membership = CgroupMembership()
        // For what is only wanted, no table of mounts is read in vain: `Enforcement` has no use for a group without memory.
        if required.isEmpty, membership.older.contains("memory") {
            throw CgroupLack.olderVersion(["memory"])
        }
        let tree = try CgroupTree(membership)
        let older = required.intersection(membership.older)
        guard older.isEmpty else { throw CgroupLack.olderVersion(older.sorted()) }
        let search = CgroupSearch(
            required: required, wanted: wanted, onlyLooks: onlyLooks, tree: tree)
        var lack = CgroupLack.notMounted
        for path in tree.upwards {
            do throws(CgroupLack) { return try search.place(in: CgroupFacts(path: path)) } catch {
                // Of those that may be written the highest says most: above it there is nothing to hope for.
                if case .notWritable = error, lack != .notMounted { continue }
                lack = error
            }
        }
        throw lack
    }
}

/// What a place must have.
struct CgroupSearch {
    let required: Set<String>
    let wanted: Set<String>
    let onlyLooks: Bool
    let tree: CgroupTree?

    func place(in group: CgroupFacts) throws(CgroupLack) -> CgroupPlace {
        guard group.isWritable else {
            throw .notWritable(
                group: group.path, isReadOnly: isReadOnly(group.path), isRoot: geteuid() == 0)
        }
        let missing = required.subtracting(group.controllers)
        guard missing.isEmpty else {
            throw .controllerOff(
                missing.sorted(), group: group.path, above: origin(of: missing, group.path))
        }
        let isDelegated = tree == nil || group.isDelegated(in: tree)
        let isOccupied = !group.isRealRoot && !group.processes.isEmpty
        if isOccupied, !isDelegated || required.isEmpty { throw .busy(group: group.path) }
        // A user's manager was delegated its group as well, and goes on to order what is in it.
        let isOurs = isDelegated && (tree?.isOwn(group.path) ?? true)
        let isShared = !isOurs && Files.exists("/run/systemd/system")
        if onlyLooks {
            let had = required.union(wanted).intersection(group.controllers)
            return CgroupPlace(path: group.path, controllers: had, isShared: isShared)
        }
        let isMoved: Bool
        do throws(SystemFault) {
            isMoved = isOccupied ? try group.moveProcesses() : true
            if isMoved { try turnOn(in: group) }
        } catch {
            throw .refused(error)
        }
        guard isMoved else { throw .busy(group: group.path) }
        return CgroupPlace(path: group.path, controllers: group.enabled, isShared: isShared)
    }

    private func turnOn(in group: CgroupFacts) throws(SystemFault) {
        let enabled = group.enabled
        let needed = required.subtracting(enabled)
        if !needed.isEmpty { try group.write(words(needed), to: "cgroup.subtree_control") }
        let more = wanted.intersection(group.controllers).subtracting(enabled).subtracting(needed)
        // Figures that cannot be had are absent.
        if !more.isEmpty { try? group.write(words(more), to: "cgroup.subtree_control") }
    }

    private func words(_ controllers: Set<String>) -> String {
        controllers.sorted().map { "+\($0)" }.joined(separator: " ")
    }

    /// Asked of the mount, since who may not write anyway is told that first.
    private func isReadOnly(_ path: String) -> Bool {
        var facts = statvfs()
        return statvfs(path, &facts) == 0 && facts.f_flag & UInt(ST_RDONLY) != 0
    }

    /// The highest group that has the controllers and does not pass them on.
    private func origin(of missing: Set<String>, _ path: String) -> String? {
        guard let mount = tree?.mount else { return Files.parent(of: path) }
        var above = path
        while above != mount, above.hasPrefix(mount) {
            above = Files.parent(of: above)
            if missing.isSubset(of: CgroupFacts(path: above).controllers) { return above }
        }
        return nil
    }
}
