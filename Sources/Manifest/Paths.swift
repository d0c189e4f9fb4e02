internal import Smelt

/// Paths and addresses in a manifest.
struct Paths {
    /// Where relative ones start.
    let directory: String

    /// A path of this machine, absolute; `~/` is the home directory. Links are followed when
    /// something is there already, so that one place has one name.
    func absolute(_ path: String) -> String {
        var path = path
        if path == "~" || path.hasPrefix("~/"), let home = Environment.nonEmpty("HOME") {
            path = home + path.dropFirst()
        }
        let whole = Files.resolve(path, against: directory)
        if let real = try? Files.canonical(whole) { return real }
        let parts = whole.split(separator: "/").filter { $0 != "." }
        return "/" + parts.joined(separator: "/")
    }

    /// Whether git would take the text as an address rather than a path: `scheme://…`, or
    /// `host:path` with no slash before the colon.
    static func isAddress(_ text: String) -> Bool {
        if text.contains("://") { return true }
        guard let colon = text.firstIndex(of: ":") else { return false }
        return !text[..<colon].contains("/") && colon != text.startIndex
    }

    /// The user part of `http://user:password@host/…`, which must not be in a file or a record.
    static func holdsPassword(_ text: String) -> Bool {
        guard let found = text.start(of: "://") else { return false }
        let scheme = text[..<found].lowercased()
        let authority = text[text.index(found, offsetBy: 3)...].prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return false }
        return scheme.hasPrefix("http") || authority[..<at].contains(":")
    }

    /// Whether a path stays where it starts: no `..` in it.
    static func climbs(_ path: String) -> Bool {
        path.split(separator: "/").contains("..")
    }
}

extension String {
    /// Where `text` begins. (Foundation's search costs more than it is worth here.)
    fileprivate func start(of text: String) -> Index? {
        var at = startIndex
        while at < endIndex {
            if self[at...].hasPrefix(text) { return at }
            at = index(after: at)
        }
        return nil
    }
}
