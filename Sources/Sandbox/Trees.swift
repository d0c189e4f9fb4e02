internal import CChild
internal import Glibc
internal import Smelt

/// The pieces of the host that a privileged caller opens itself: the command's user could not reach them, and owners
/// can only be mapped with privilege. Closed when let go; the child has its own by then.
final class Trees {
    private(set) var numbers: [Int32] = []

    /// For everybody else each number is -1, and the child opens with the same rights.
    init(_ layout: Layout, _ plan: Plan, arena: Arena) throws(SandboxFault) {
        guard let hostUser = plan.hostUser else {
            numbers = layout.sources.map { _ in -1 }
            return
        }
        var maps: [Owner: Descriptor.Box] = [:]
        for source in layout.sources {
            var raw = try source.prepared(in: arena)
            if source.mapsOwner {
                let owner = try Owner(of: source.path)
                if owner.user != hostUser {
                    let map: Descriptor.Box
                    if let made = maps[owner] {
                        map = made
                    } else {
                        map = try owner.map(to: hostUser, plan.hostGroup)
                    }
                    maps[owner] = map
                    raw.owners = map.number
                }
            }
            let tree = withExtendedLifetime((arena, maps)) { child_clone_tree(&raw) }
            guard tree >= 0 else {
                let number = errno
                let step: SandboxFault.Step =
                    raw.owners >= 0 && number == EINVAL ? .owners : .source
                throw .refused(step: step, object: source.path, number: number)
            }
            numbers.append(tree)
        }
    }

    deinit {
        for number in numbers where number >= 0 { close(number) }
    }

    struct Owner: Hashable {
        let user: UInt32
        let group: UInt32

        init(of path: String) throws(SandboxFault) {
            var facts = stat()
            guard lstat(path, &facts) == 0 else {
                throw .refused(step: .source, object: path, number: errno)
            }
            user = facts.st_uid
            group = facts.st_gid
        }

        func map(to hostUser: UInt32, _ hostGroup: UInt32? = nil) throws(SandboxFault)
            -> Descriptor.Box
        {
            let number = child_owner_map(user, group, hostUser, hostGroup ?? hostUser)
            guard number >= 0 else {
                throw .refused(step: .owners, object: "\(user)", number: errno)
            }
            return Descriptor.Box(number)
        }
    }
}

/// Whether files of `directory`'s owner can be shown to another user here, which is what a host user's
/// overlay needs of its lower directories. Only root can.
package func canMapOwners(of directory: String, to hostUser: UInt32) -> Bool {
    let source = Layout.Source(path: directory, recursive: false, mapsOwner: true)
    guard let owner = try? Trees.Owner(of: directory), let map = try? owner.map(to: hostUser)
    else { return false }
    let arena = Arena()
    guard var raw = try? source.prepared(in: arena) else { return false }
    raw.owners = map.number
    let tree = withExtendedLifetime((arena, map)) { child_clone_tree(&raw) }
    if tree >= 0 { close(tree) }
    return tree >= 0
}

extension Descriptor {
    /// An open descriptor that several share.
    final class Box {
        let number: Int32

        init(_ number: Int32) {
            self.number = number
        }

        deinit {
            close(number)
        }
    }
}

extension Layout.Source {
    /// The attributes of the mount: nothing from the host has set-user-id bits or devices inside, except our devices.
    func prepared(in arena: Arena) throws(SandboxFault) -> child_source {
        var attributes = UInt64(MOUNT_ATTR_NOSUID)
        attributes |= isDevice ? UInt64(MOUNT_ATTR_NOEXEC) : UInt64(MOUNT_ATTR_NODEV)
        if readOnly { attributes |= UInt64(MOUNT_ATTR_RDONLY) }
        if isLinkless { attributes |= UInt64(MOUNT_ATTR_NOSYMFOLLOW) }
        return child_source(
            path: try arena.text(path), tree: -1, recursive: recursive, attributes: attributes,
            owners: -1, fleeting: isFleeting)
    }
}
