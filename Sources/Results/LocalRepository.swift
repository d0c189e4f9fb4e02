internal import Smelt

/// A repository of the user's on this machine and the commit that a name stands for in it, by one
/// call of git.
struct LocalRepository {
    let path: String
    let gitDirectory: String
    let isBare: Bool
    let isShallow: Bool
    let commit: String

    init(_ path: String, ref: String) throws {
        let finished = try UserGit([
            "rev-parse", "--is-bare-repository", "--is-shallow-repository", "--absolute-git-dir",
            "\(ref)^{commit}",
        ]).run(beneath: path)
        let lines = finished.text.split(separator: "\n").map(String.init)
        guard finished.succeeded, lines.count == 4, ObjectName.isFull(lines[3]) else {
            throw try Self.reason(finished, path: path, ref: ref)
        }
        self.path = path
        isBare = lines[0] == "true"
        isShallow = lines[1] == "true"
        gitDirectory = lines[2]
        commit = lines[3]
    }

    private static func reason(
        _ finished: Command.Finished, path: String, ref: String
    ) throws -> ImportFault {
        if finished.errors.contains("dubious ownership") { return .foreign(path) }
        if finished.errors.contains("not a git repository") { return .notRepository(path) }
        let listed = try UserGit(["for-each-ref", "--format=%(refname:short)"]).run(beneath: path)
        guard listed.succeeded else {
            return .notFetched(path, reason: GitFault("rev-parse", listed).reason)
        }
        let names = listed.text.split(separator: "\n").map(String.init)
        if names.isEmpty { return .empty(path) }
        return .noRef(ref, repository: path, near: Names.near(ref, among: names))
    }
}

/// Suggestions for a name that is not there.
enum Names {
    /// At most three: the one that is spelled alike, then those that contain it or that it
    /// contains.
    static func near(_ name: String, among names: [String]) -> [String] {
        var found: [String] = []
        let last = Dictionary(
            names.map { (Files.name(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
        if let alike = Spelling.nearest(to: name, among: names) {
            found.append(alike)
        } else if let alike = Spelling.nearest(to: Files.name(of: name), among: Array(last.keys)) {
            found.append(last[alike] ?? alike)
        }
        let lower = name.lowercased()
        for other in names.sorted() where !found.contains(other) && found.count < 3 {
            let candidate = other.lowercased()
            if candidate.contains(lower) || lower.contains(candidate) { found.append(other) }
        }
        // A job written for "main" in a repository that has "master", and the like.
        if found.isEmpty {
            found = ["main", "master", "trunk", "develop"].filter(names.contains).prefix(1) + []
        }
        return found.map(Visible.line)
    }
}
