import Glibc
import Sandbox
import Smelt

/// The empty files that stand on the host, while the command runs, where something is masked that was not there. The
/// command's user makes them; they are taken away again once nobody inside is left.
struct AlonePlaceholders {
    private let paths: [String]

    init(_ plan: Plan) {
        paths = plan.files.compactMap { grant in
            guard case .masked(let target) = grant,
                let path = Self.source(of: target, in: plan.files), !Files.exists(path)
            else { return nil }
            return path
        }
    }

    func remove() {
        for path in paths {
            var facts = stat()
            guard lstat(path, &facts) == 0, facts.st_mode == S_IFREG, facts.st_size == 0 else {
                continue
            }
            unlink(path)
        }
    }

    /// The place on the host, when it is one that can be written.
    private static func source(of target: String, in grants: [Grant]) -> String? {
        var found: String?
        for grant in grants {
            guard case .readWrite(let source, let top) = grant, target.hasPrefix(top + "/") else {
                continue
            }
            found = source + target.dropFirst(top.count)
        }
        return found
    }
}
