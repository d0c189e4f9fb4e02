/// Paths whose change a person must have seen: what runs on other machines, decides who reviews, or
/// steers the tools of whoever checks the result out.
package struct Protected: Sendable {
    package static let builtIn = [
        ".github/workflows/**", ".github/actions/**", ".gitlab-ci.yml", ".forgejo/**", ".gitea/**",
        ".circleci/**", "Jenkinsfile", "CODEOWNERS", ".gitmodules", ".gitattributes", ".envrc",
        ".vscode/**", ".mcp.json", ".claude/**",
    ]

    private let patterns: [Pattern]

    /// `more` are patterns of the manifest's: `*` and `?` within a name, `**` for any directories; a
    /// slash in front binds one to the root, otherwise it holds at any depth. A directory stands for
    /// everything in it.
    package init(_ more: [String] = []) {
        patterns = (Self.builtIn + more).map { Pattern($0) }
    }

    /// The pattern that protects what the change touches, if any.
    package func pattern(for change: FileChange) -> String? {
        let isLink = [change.oldMode, change.newMode].contains {
            $0 == FileChange.Mode.link || $0 == FileChange.Mode.submodule
        }
        let spellings = FoldedName.spellings(of: change.path)
        return patterns.first { pattern in
            spellings.contains { pattern.matches($0, orLeadsThere: isLink) }
        }?.text
    }
}

/// Paths whose change nobody need look at: from the root, spelled exactly so, and never a link.
package struct Covered: Sendable {
    private let patterns: [Pattern]

    /// Patterns as those of `Protected`, bound to the root; only with `**` or a slash at the end does one stand for what is in a
    /// directory, for whoever makes the change chooses its names.
    package init(_ patterns: [String]) {
        self.patterns = patterns.filter { !$0.isEmpty }.map {
            Pattern($0.hasPrefix("/") ? $0 : "/" + $0, isExact: true)
        }
    }

    package func covers(_ change: FileChange) -> Bool {
        let modes = [change.oldMode, change.newMode]
        guard !modes.contains(FileChange.Mode.link), !modes.contains(FileChange.Mode.submodule)
        else { return false }
        let path = change.path.split(separator: UInt8(ascii: "/")).map {
            String(decoding: $0, as: UTF8.self)
        }
        return patterns.contains { $0.matches(path, orLeadsThere: false) }
    }
}

/// One pattern, taken apart.
private struct Pattern: Sendable {
    let text: String
    private let isAnchored: Bool
    private let parts: [Part]
    /// What is in a directory that it matches is matched, too.
    private let isOpen: Bool

    private enum Part: Sendable {
        case anyDirectories
        /// Its characters folded, and the short name that NTFS would give it.
        case name([Character], short: String)
        /// As it is: two characters that only look the same are two.
        case exact([Unicode.Scalar])
    }

    /// `isExact` folds nothing.
    init(_ text: String, isExact: Bool = false) {
        self.text = text
        isAnchored = text.hasPrefix("/")
        var parts: [Part] = text.split(separator: "/").map { word in
            if word == "**" { return .anyDirectories }
            if isExact { return .exact(Array(word.unicodeScalars)) }
            return .name(
                Array(FoldedName.fold(String(word))), short: FoldedName.short(of: String(word)))
        }
        // `directory/**` is the directory: what is in it, and whatever takes its place.
        var isOpen = !isExact || text.hasSuffix("/")
        while case .anyDirectories? = parts.last {
            parts.removeLast()
            isOpen = true
        }
        self.parts = parts
        self.isOpen = isOpen
    }

    /// `leads`: also where the path is a part of the way there, which a link can turn elsewhere.
    func matches(_ path: [String], orLeadsThere leads: Bool) -> Bool {
        guard !parts.isEmpty else { return isOpen }
        return (isAnchored ? 0..<1 : 0..<path.count).contains { start in
            fits(path[start...], parts[...], leads)
        }
    }

    private func fits(
        _ path: ArraySlice<String>, _ parts: ArraySlice<Part>, _ leads: Bool
    ) -> Bool {
        guard let part = parts.first else { return isOpen || path.isEmpty }
        guard let name = path.first else { return leads }
        switch part {
        case .anyDirectories:
            return path.indices.contains { fits(path[$0...], parts.dropFirst(), leads) }
        case .name(let pattern, let short):
            guard name == short || Self.glob(pattern[...], Array(name)[...]) else { return false }
            return fits(path.dropFirst(), parts.dropFirst(), leads)
        case .exact(let pattern):
            guard Self.glob(pattern[...], Array(name.unicodeScalars)[...]) else { return false }
            return fits(path.dropFirst(), parts.dropFirst(), leads)
        }
    }

    /// `*` and `?`, without backtracking further than the last star.
    private static func glob<Unit: Equatable & ExpressibleByUnicodeScalarLiteral>(
        _ pattern: ArraySlice<Unit>, _ name: ArraySlice<Unit>
    ) -> Bool {
        var (p, n) = (pattern.startIndex, name.startIndex)
        var star: (p: Int, n: Int)?
        while n < name.endIndex {
            if p < pattern.endIndex, pattern[p] == "*" {
                star = (p, n)
                p += 1
            } else if p < pattern.endIndex, pattern[p] == "?" || pattern[p] == name[n] {
                p += 1
                n += 1
            } else if let last = star {
                star = (last.p, last.n + 1)
                (p, n) = (last.p + 1, last.n + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }
}
