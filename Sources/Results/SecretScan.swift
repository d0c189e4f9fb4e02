internal import Smelt

/// Looks for credentials in all that a result brings, byte by byte: contents, names, messages, authors,
/// headers of every new object, also of those that a later commit removed again.
package struct SecretScan {
    private let variables: [String]
    private let patterns: SecretPatterns

    /// By the names of the variables that hold them.
    package init(_ values: [String: String]) {
        variables = values.keys.sorted()
        patterns = SecretPatterns(variables.map { Array(values[$0, default: ""].utf8) })
    }

    /// Throws at the first one in what `commits` have and `base` has not.
    package func check(
        _ commits: [String], since base: String, in git: Git, bounds: Bounds = Bounds()
    ) throws {
        guard !patterns.isEmpty, !commits.isEmpty else { return }
        var command = git.confined(
            Git.frugal + ["rev-list", "--objects"] + commits + ["--not", base], bounds)
        command.output = .captured(limit: 256 << 20)
        let listed = try command.run()
        guard listed.succeeded else { throw GitFault("rev-list", listed) }
        var names: [String] = []
        var paths: [String: ArraySlice<UInt8>] = [:]
        for line in listed.output.split(separator: 10) {
            let name = String(decoding: line.prefix(40), as: UTF8.self)
            let path = line.dropFirst(41)
            names.append(name)
            guard !path.isEmpty else { continue }
            paths[name] = path
            // A value with a slash in it is in no single directory's listing.
            try search(Array(path), "the path '\(shown(path))'")
        }
        try scan(names, paths, in: git, bounds)
    }

    private func scan(
        _ names: [String], _ paths: [String: ArraySlice<UInt8>], in git: Git, _ bounds: Bounds
    ) throws {
        var matcher = SecretMatcher(patterns)
        var current: ObjectReader.Head?
        var found: Int?
        func judge() throws(ResultFault) {
            guard let found, let current else { return }
            let path = paths[current.name].map { " '\(shown($0))'" } ?? ""
            let place =
                switch current.type {
                case "blob": "the file\(path)"
                case "tree": "a name in the directory\(path.isEmpty ? " at the root" : path)"
                default: "the message or the people"
                }
            throw .secret(
                variable: variables[found], place: "\(place), object \(current.name.prefix(12))")
        }
        try ObjectReader(git, bounds).each(
            names,
            head: { head in
                try judge()
                current = head
                matcher = SecretMatcher(patterns)
            },
            piece: { bytes in matcher.feed(bytes) { found = found ?? $0.secret } })
        try judge()
    }

    private func search(_ bytes: [UInt8], _ place: String) throws(ResultFault) {
        var matcher = SecretMatcher(patterns)
        var found: Int?
        matcher.feed(bytes) { found = found ?? $0.secret }
        if let found { throw .secret(variable: variables[found], place: place) }
    }

    /// A path that is itself the secret must not be repeated.
    private func shown(_ path: ArraySlice<UInt8>) -> String {
        var matcher = SecretMatcher(patterns)
        var isSecret = false
        matcher.feed(Array(path)) { _ in isSecret = true }
        return isSecret ? "…" : Visible.line(String(decoding: path, as: UTF8.self))
    }
}
