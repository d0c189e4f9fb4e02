internal import Smelt

/// The parts of a URL that decide who may see a token.
struct Address: Equatable {
    let scheme: String
    /// In lower case, with the port where one is named.
    let host: String
    /// From the first slash on, without one at the end.
    let path: String

    init?(_ text: String) {
        guard let mark = text.firstRange(of: "://") else { return nil }
        scheme = text[..<mark.lowerBound].lowercased()
        let rest = text[mark.upperBound...]
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        host = rest[..<end].lowercased()
        guard !host.isEmpty, !host.contains("@"), host.utf8.allSatisfy({ (33...126).contains($0) })
        else { return nil }
        var path = rest[end...]
        while path.hasSuffix("/") { path.removeLast() }
        self.path = String(path)
    }

    var origin: String { "\(scheme)://\(host)" }

    /// Traffic to it does not leave this machine.
    var isLoopback: Bool {
        var name = host
        if let colon = name.lastIndex(of: ":"), !name.hasSuffix("]") {
            name = String(name[..<colon])
        }
        return name == "localhost" || name == "[::1]" || name.hasPrefix("[::1]:")
            || name.hasPrefix("127.") && name.allSatisfy { $0.isNumber || $0 == "." }
    }

    /// Fit for a token.
    var isSafe: Bool { scheme == "https" || scheme == "http" && isLoopback }
}
