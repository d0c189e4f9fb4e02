/// Names as file systems take them that are not as exact as git: APFS and HFS+ fold case and step
/// over invisible characters, NTFS drops dots and spaces at the end, knows streams behind a colon,
/// takes a backslash for a slash and gives each file a second, short name.
enum FoldedName {
    /// The parts of a path, folded; once more with backslashes as slashes where there are any.
    static func spellings(of path: [UInt8]) -> [[String]] {
        let slash = UInt8(ascii: "/")
        let backslash = UInt8(ascii: "\\")
        func parts(_ split: (UInt8) -> Bool) -> [String] {
            path.split(whereSeparator: split).map { fold(String(decoding: $0, as: UTF8.self)) }
        }
        let plain = parts { $0 == slash }
        return path.contains(backslash)
            ? [plain, parts { $0 == slash || $0 == backslash }] : [plain]
    }

    /// Upper case first: some letters meet only there.
    static func fold(_ name: String) -> String {
        var folded = name.unicodeScalars
        if !name.utf8.allSatisfy({ $0 < 128 }) {
            folded = String.UnicodeScalarView(
                folded.filter { $0.properties.generalCategory != .format })
        }
        var text = String(folded).uppercased().lowercased()
        if let colon = text.firstIndex(of: ":"), colon != text.startIndex {
            text = String(text[..<colon])
        }
        while let last = text.last, last == "." || last == " ", text.count > 1 { text.removeLast() }
        return text
    }

    /// The first of the short names that NTFS gives: `gitmod~1`, `mcp~1.jso`.
    static func short(of name: String) -> String {
        let folded = fold(name).filter { $0 != " " }
        let body = folded.drop { $0 == "." }
        let dot = body.lastIndex(of: ".")
        let stem = body[..<(dot ?? body.endIndex)].filter { $0 != "." }.prefix(6)
        let ending = dot.map { body[body.index(after: $0)...].prefix(3) } ?? ""
        return stem + "~1" + (ending.isEmpty ? "" : ".\(ending)")
    }

    /// Whether some file system takes the name for `.git`.
    static func isGit(_ name: String) -> Bool {
        let folded = fold(name)
        return folded == ".git" || folded == "git~1"
    }
}
