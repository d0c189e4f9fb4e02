internal import Smelt

/// Homes that lie in the part of the host that is shown, as those of services in `/opt` do, and smelt's own state
/// where it was put there: each is an empty directory inside, in which grants may still be placed.
enum Homes {
    /// Real paths, each not in another one.
    static let present: [String] = {
        var paths = ["HOME", "SMELT_STATE_DIR", "SMELT_RUNTIME_DIR"].compactMap(
            Environment.nonEmpty)
        paths += people((try? Files.read("/etc/passwd", upTo: 1 << 20)) ?? [])
        let real = Set(paths.compactMap { try? Files.canonical($0) }).filter(isHome).sorted()
        return real.filter { path in !real.contains { path.hasPrefix($0 + "/") } }
    }()

    /// The homes of those who are no system users, from passwd(5).
    static func people(_ text: [UInt8]) -> [String] {
        text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let fields = line.split(
                separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            guard fields.count == 7, let user = UInt32(String(decoding: fields[2], as: UTF8.self)),
                (1000..<65534).contains(user), fields[5].first == UInt8(ascii: "/")
            else { return nil }
            return String(decoding: fields[5], as: UTF8.self)
        }
    }

    /// What is shown at first, and is nobody's home whatever some variable says: where programs and what they need are.
    static func isHome(_ path: String) -> Bool {
        let software =
            HostView.directories
            + (Plan.environment["PATH"] ?? "").split(separator: ":").map(String.init)
            + ["/usr/lib", "/usr/share", "/usr/include", "/usr/local/lib", "/usr/local/share"]
        return HostView.lists(path)
            && !software.contains { Files.lies($0, in: path) }
    }

    static func hold(_ path: String) -> Bool {
        present.contains { Files.lies(path, in: $0) }
    }
}
