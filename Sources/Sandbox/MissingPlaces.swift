internal import Glibc
internal import Smelt

/// Places that grants need in directories that are shown and only read, so that nothing can be made in them. Each such
/// directory becomes an overlay of itself and the empty places; or it is taken apart: a directory of ours, with mode 0755, in
/// which each file, directory and link of the host's appears by itself, as far as it is still there.
struct MissingPlaces {
    struct Directory {
        /// Inside.
        let path: String
        /// On the host.
        let source: String
        /// Relative, those of directories with a slash at the end.
        let names: [String]
        /// What the host has mounted below it, by the host's paths.
        let mounted: [String]
        /// An overlay needs a copy of the directory without what is mounted below it. In a user namespace there is
        /// none: what is mounted on is locked with what lies on it; see mount_namespaces(7).
        let isApart: Bool
    }

    let directories: [Directory]

    /// `isPrivileged` says that the caller opens what is shown, with the rights of the host.
    init(for grants: [Grant], in view: BaseView, isPrivileged: Bool) {
        let wanted = Self.names(for: grants, in: view)
        let points = wanted.isEmpty ? [] : MountTable.points()
        directories = wanted.sorted { $0.key < $1.key }.map { path, names in
            let source = view.source(of: path)
            let mounted = points.filter { $0.hasPrefix(source + "/") && Files.exists($0) }
            return Directory(
                path: path, source: source, names: names, mounted: mounted,
                isApart: !isPrivileged && !mounted.isEmpty)
        }
    }

    /// Whether what is shown at a path has to be taken apart for any of them.
    func takesApart(_ path: String) -> Bool {
        directories.contains { $0.isApart && Files.lies($0.path, in: path) }
    }

    private static func names(for grants: [Grant], in view: BaseView) -> [String: [String]] {
        func exists(_ target: String) -> Bool { Files.exists(view.source(of: target)) }
        var wanted: [String: [String]] = [:]
        var covered: [String] = []
        for grant in grants {
            let target = grant.target
            defer { covered.append(target) }
            guard view.shows(target), !exists(target),
                !covered.contains(where: { target.hasPrefix($0 + "/") })
            else { continue }
            switch grant {
            case .hidden, .masked, .device, .secret: continue
            default: break
            }
            var above = Files.parent(of: target)
            while !exists(above) { above = Files.parent(of: above) }
            // Else nothing of the host is there: its place is made in the empty root, and what lies above stays unseen.
            guard view.shows(above) else { continue }
            wanted[above, default: []].append(
                target.dropFirst(above.count + 1) + (grant.isDirectory ? "/" : ""))
        }
        return wanted
    }
}

extension Grant {
    /// Whether the place for it has to be a directory.
    fileprivate var isDirectory: Bool {
        switch self {
        case .file, .copied, .secret: return false
        case .hidden, .masked, .temporary, .overlay: return true
        case .device: return false
        case .readOnly(let source, _), .readWrite(let source, _):
            var facts = stat()
            return stat(source, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
        }
    }
}
