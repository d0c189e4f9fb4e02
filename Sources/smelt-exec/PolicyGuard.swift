import Glibc
import Sandbox
import Smelt

/// Keeps the files that decide what a command may do out of its reach where they lie in what it may write: one that it
/// could change, move away or replace would let the next command do more.
enum PolicyGuard {
    /// The grants, with each file only to be read. Being masked first keeps the directories above it where they are.
    static func protect(_ grants: [Grant], _ files: [String]) throws -> [Grant] {
        var all = grants
        for file in files {
            let way = try Way(to: file)
            for link in way.links where !places(of: link, in: grants).isEmpty {
                throw AloneFault.replaceable(policy: file, link: link)
            }
            guard Files.exists(way.end) else { continue }
            for target in places(of: way.end, in: grants) {
                all += [.masked(target: target), .readOnly(source: way.end, target: target)]
            }
        }
        return all
    }

    /// Where a path of the host can be written inside.
    private static func places(of path: String, in grants: [Grant]) -> [String] {
        grants.indices.compactMap { index in
            guard case .readWrite(let source, let top) = grants[index],
                let rest = rest(of: path, below: source)
            else { return nil }
            let target = top == "/" && !rest.isEmpty ? rest : top + rest
            let isCovered = grants[(index + 1)...].contains {
                self.rest(of: target, below: $0.target) != nil
            }
            return isCovered ? nil : target
        }
    }

    private static func rest(of path: String, below top: String) -> String? {
        if path == top { return "" }
        if top == "/" { return path }
        return path.hasPrefix(top + "/") ? String(path.dropFirst(top.count)) : nil
    }
}

/// The way that a path takes: the links on it, each where it lies, and where it ends.
private struct Way {
    private(set) var links: [String] = []
    private(set) var end = "/"

    init(to path: String) throws(SystemFault) {
        var rest = Self.parts(of: Files.resolve(path, against: Files.workingDirectory))
        while let part = rest.popLast() {
            if part == ".." {
                end = Files.parent(of: end)
                continue
            }
            let next = Files.resolve(part, against: end)
            // The kernel follows no more than 40.
            if links.count < 40, let goal = try Self.goal(of: next) {
                links.append(next)
                if goal.hasPrefix("/") { end = "/" }
                rest += Self.parts(of: goal)
            } else {
                end = next
            }
        }
    }

    /// Nil when it is no link, or not there. What cannot be told might be one.
    private static func goal(of path: String) throws(SystemFault) -> String? {
        var facts = stat()
        guard lstat(path, &facts) == 0 else {
            guard [ENOENT, ENOTDIR].contains(errno) else {
                throw SystemFault(errno, "look at", path)
            }
            return nil
        }
        guard facts.st_mode & S_IFMT == S_IFLNK else { return nil }
        guard let goal = Files.goal(ofLink: path) else { throw SystemFault(errno, "read", path) }
        return goal
    }

    /// The last one first.
    private static func parts(of path: String) -> [String] {
        path.split(separator: "/").filter { $0 != "." }.map(String.init).reversed()
    }
}
