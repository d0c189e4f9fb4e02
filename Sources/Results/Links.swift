internal import Smelt

/// What a result may not have, whoever looks at it: links that lead out of the tree, and submodules
/// that changed.
package enum Links {
    /// Throws on the first one.
    package static func check(_ changes: FileChanges, in git: Git, bounds: Bounds = Bounds()) throws
    {
        if let submodule = changes.all.first(where: {
            $0.oldMode == FileChange.Mode.submodule || $0.newMode == FileChange.Mode.submodule
        }) {
            throw ResultFault.submodule(submodule.shown)
        }
        let links = changes.all.filter { $0.newMode == FileChange.Mode.link }
        guard !links.isEmpty else { return }
        let objects = try ObjectReader(git, bounds)
        for link in links {
            let target = try objects.whole(link.newBlob ?? "", "blob", upTo: 1 << 20).1
            if let reason = reason(against: target, at: link.path) {
                throw ResultFault.link(
                    link.shown, Visible.line(String(decoding: target.prefix(200), as: UTF8.self)),
                    reason)
            }
        }
    }

    /// Nil for a target that stays beneath the root, wherever the links on its way lead as long as
    /// these stay there too: it goes up first and never again, for behind a name `..` is not the
    /// directory that holds the name when that is a link.
    static func reason(against target: [UInt8], at path: [UInt8]) -> String? {
        guard !target.isEmpty else { return "leads nowhere" }
        if target.contains(0) { return "has a NUL byte in it" }
        let slash = UInt8(ascii: "/")
        let backslash = UInt8(ascii: "\\")
        if target[0] == slash || target[0] == backslash
            || (target.count > 1 && target[1] == UInt8(ascii: ":"))
        {
            return "is absolute"
        }
        var depth = path.count { $0 == slash }
        var hasGoneDown = false
        for part in target.split(whereSeparator: { $0 == slash || $0 == backslash }) {
            if part.elementsEqual(".".utf8) { continue }
            if part.elementsEqual("..".utf8) {
                if hasGoneDown { return "goes up again behind a name" }
                depth -= 1
                if depth < 0 { return "leaves the repository" }
                continue
            }
            hasGoneDown = true
            if FoldedName.isGit(String(decoding: part, as: UTF8.self)) {
                return "leads into '.git'"
            }
        }
        return nil
    }
}
