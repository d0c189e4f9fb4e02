/// One thing that may be reached: `[METHOD[+METHOD…] ]HOST[:PORT][/PATH][ private]`, where HOST is a name,
/// `*.` and a name (all names below it), or an address.
package struct NetworkRule: Equatable, Sendable, CustomStringConvertible {
    package enum Pattern: Equatable, Sendable {
        case exactly(NetworkHost)
        /// Any name that ends with a dot and this one.
        case below(String)
    }

    /// As somebody wrote it; records name it so.
    package let description: String
    package let host: Pattern
    /// Nil means 80 and 443, or 80 where only plain requests are meant.
    package let port: Int?
    /// Of plain HTTP; empty means any.
    package let methods: [String]
    /// Of plain HTTP: the path is this or goes on behind a slash.
    package let path: String?
    /// The name may stand for an address that is not of the internet.
    package let isPrivate: Bool

    package init?(_ text: String) {
        guard text.utf8.count <= 2048, text.utf8.allSatisfy({ (32...126).contains($0) }) else {
            return nil
        }
        var words = text.split(separator: " ").map(String.init)
        isPrivate = words.count > 1 && words.last == "private"
        if isPrivate { words.removeLast() }
        guard (1...2).contains(words.count), var place = words.last else { return nil }
        description = text
        if words.count == 2 {
            methods = words[0].split(separator: "+", omittingEmptySubsequences: false).map(
                String.init)
            guard methods.allSatisfy(Self.isMethod) else { return nil }
        } else {
            methods = []
        }
        if let slash = place.firstIndex(of: "/") {
            path = String(place[slash...])
            place = String(place[..<slash])
            // What a rule names is compared byte by byte with what was asked for.
            guard let path, Self.isPlain(path: path) else { return nil }
        } else {
            path = nil
        }
        guard let (name, port) = Self.split(place) else { return nil }
        self.port = port
        if name.hasPrefix("*.") {
            guard case .name(let domain)? = NetworkHost(String(name.dropFirst(2))) else {
                return nil
            }
            host = .below(domain)
        } else {
            guard let exact = NetworkHost(name) else { return nil }
            host = .exactly(exact)
        }
    }

    /// Whether it is about requests that can be read, so that nothing else is let through by it.
    package var isPlainOnly: Bool { !methods.isEmpty || path != nil }

    package var ports: [Int] { port.map { [$0] } ?? (isPlainOnly ? [80] : [80, 443]) }

    package func matches(_ host: NetworkHost) -> Bool {
        switch (self.host, host) {
        case (.exactly(let wanted), _): wanted == host
        case (.below(let domain), .name(let name)): name.hasSuffix(".\(domain)")
        case (.below, .address): false
        }
    }

    /// Splits `host:port`; the host of an IPv6 address is in brackets, or alone.
    package static func split(_ text: String) -> (host: String, port: Int?)? {
        if NetworkAddress(text)?.isLong == true { return ("[\(text)]", nil) }
        var host = text
        var rest = Substring()
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = String(text[...end])
            rest = text[text.index(after: end)...]
        } else if let colon = text.firstIndex(of: ":") {
            host = String(text[..<colon])
            rest = text[colon...]
        }
        if rest.isEmpty { return (host, nil) }
        guard rest.first == ":", let port = port(rest.dropFirst()) else { return nil }
        return (host, port)
    }

    /// 1 to 65535 in digits, without zeros in front.
    package static func port(_ text: some StringProtocol) -> Int? {
        guard (1...5).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "0"),
            text.utf8.allSatisfy({ (48...57).contains($0) }), let port = Int(text)
        else { return nil }
        return port <= 65_535 ? port : nil
    }

    static func isMethod(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count) && text.utf8.allSatisfy { (65...90).contains($0) }
    }

    /// Absolute, and the only way to write it: no query, no escapes, no empty or dotted parts.
    package static func isPlain(path: String) -> Bool {
        let odd = Array("?#%\\\"<>^`{|} ".utf8)
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        return path.hasPrefix("/") && !path.utf8.contains(where: odd.contains)
            && !parts.contains { $0 == "." || $0 == ".." } && !parts.dropLast().contains("")
    }
}
