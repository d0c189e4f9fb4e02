internal import Glibc
internal import Smelt

/// What a sandbox shows before any grant, always read-only: the software of the host, or a tree of its own.
package enum BaseView: Equatable, Sendable {
    case host
    /// An unpacked image or a debootstrap tree: its absolute path, without links.
    case tree(String)

    package init(root: String?) {
        self = root.map(BaseView.tree) ?? .host
    }

    /// One thing to show.
    enum Piece: Equatable {
        case mount(source: String, recursive: Bool)
        case link(to: String)
    }

    /// Of a tree, what is ours inside whatever the tree has.
    private static let own = ["proc", "dev", "sys", "tmp", "run"]

    /// By where it appears.
    func pieces() throws(SandboxFault) -> [(String, Piece)] {
        switch self {
        case .host:
            return HostView.directories.compactMap { path in Self.piece(path).map { (path, $0) } }
                + HostView.facts.filter { Files.exists($0) && (try? Files.canonical($0)) == $0 }
                .map { ($0, .mount(source: $0, recursive: true)) }
        case .tree(let root):
            let names = Files.names(in: root).filter { !Self.own.contains($0) }
            guard !names.isEmpty else { throw .badRoot(root) }
            return names.compactMap { name in
                Self.piece("\(root)/\(name)").map { ("/\(name)", $0) }
            }
        }
    }

    /// What a directory that is shown has in it, but for pipes, sockets and devices.
    func pieces(in directory: String) throws(SandboxFault) -> [(String, Piece)] {
        let place = source(of: directory)
        guard access(place, R_OK) == 0 else {
            throw .refused(step: .source, object: place, number: errno)
        }
        return Files.names(in: place).compactMap { name in
            Self.piece("\(place)/\(name)").map { ("\(directory)/\(name)", $0) }
        }
    }

    private static func piece(_ path: String) -> Piece? {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return nil }
        switch facts.st_mode & S_IFMT {
        case S_IFDIR, S_IFREG: return .mount(source: path, recursive: true)
        case S_IFLNK: return Files.goal(ofLink: path).map(Piece.link)
        default: return nil
        }
    }

    /// Whether a path can be seen inside before any grant.
    package func shows(_ path: String) -> Bool {
        switch self {
        case .host: return HostView.shows(path)
        case .tree(let root):
            guard let first = path.split(separator: "/").first.map(String.init) else { return true }
            return !Self.own.contains(first) && Files.exists("\(root)/\(first)")
        }
    }

    /// Where on the host lies what appears at a path.
    func source(of path: String) -> String {
        if case .tree(let root) = self { return root + path }
        return path
    }

    /// Where inside appears what lies at a path of the host; nil outside.
    func target(of source: String) -> String? {
        guard case .tree(let root) = self else { return source }
        return source.hasPrefix(root + "/") ? String(source.dropFirst(root.count)) : nil
    }

    /// Files of `/etc` that name the one user there is, beside those that a tree has for its programs; the host's
    /// would name people.
    func files(for plan: Plan) -> [Grant] {
        let user = "\(Plan.userName):x:\(Plan.user):"
        let users =
            lines("passwd", plan) ?? [
                "root:x:0:0:root:/:/usr/sbin/nologin",
                "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
            ]
        let groups = lines("group", plan) ?? ["root:x:0:", "nogroup:x:65534:"]
        var files: [Grant] = [
            file("passwd", users + ["\(user)\(Plan.user)::\(Plan.home):/bin/sh"]),
            file("group", groups + [user]),
        ]
        let hosts = file("hosts", ["127.0.0.1 localhost \(plan.hostname)", "::1 localhost"])
        switch plan.network {
        case .none: files.append(hosts)
        case .allow:
            files.append(hosts)
            files.append(
                .file(contents: EgressPorts.resolverFile, target: resolverFile, mode: 0o444))
        case .host:
            // Often a link into /run, which is private here; a tree's is another host's.
            guard let real = try? Files.canonical("/etc/resolv.conf") else { break }
            switch self {
            case .host: if !shows(real) { files.append(.readOnly(source: real, target: real)) }
            case .tree: files.append(.readOnly(source: real, target: "/etc/resolv.conf"))
            }
        }
        return files
    }

    /// Where programs that open `/etc/resolv.conf` end up: itself, or what it points to, also when that is not there.
    private var resolverFile: String {
        let path = "/etc/resolv.conf"
        guard self == .host else { return path }
        if let real = try? Files.canonical(path) { return real }
        guard let goal = Files.goal(ofLink: path) else { return path }
        return Files.normal(Files.resolve(goal, against: "/etc"))
    }

    private func file(_ name: String, _ lines: [String]) -> Grant {
        // Not `joined`, which looks up conformances at each start.
        .file(
            contents: lines.reduce(into: "") { $0 += "\($1)\n" }, target: "/etc/\(name)",
            mode: 0o444)
    }

    /// A tree's own, without who would be our user by name or number; of the host's those of the system, where one can
    /// become them.
    private func lines(_ name: String, _ plan: Plan) -> [String]? {
        if self == .host, !plan.mapsUsers { return nil }
        let path = source(of: "/etc/\(name)")
        guard (try? Files.canonical(path)) == path,
            let text = try? Files.readText(path, upTo: 1 << 20)
        else { return nil }
        return text.split(separator: "\n").map(String.init).filter { line in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count > 2, let number = UInt32(fields[2]) else { return false }
            let isSystem = number < 1000 || number == 65534
            return fields[0] != Plan.userName && number != Plan.user && (self != .host || isSystem)
        }
    }
}
