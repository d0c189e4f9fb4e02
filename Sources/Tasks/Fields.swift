internal import Records
internal import Smelt

/// An object while it is read: each member is asked for by all its names, and what nobody asked for is unknown.
/// Values that are not as they must be are complained of, and answered with nil.
final class Fields {
    let path: String
    let findings: Findings
    let offset: Int
    private let members: [JSONNode.Member]
    private var asked: Set<String> = []

    /// Nil, with a complaint, for anything but an object.
    init?(_ node: JSONNode, _ path: String, _ findings: Findings) {
        guard case .object(let members) = node.value else {
            findings.complain(
                node.offset, path.isEmpty ? "the task" : path,
                "must be an object, not \(node.article)")
            return nil
        }
        self.path = path
        self.findings = findings
        self.members = members
        offset = node.offset
    }

    func path(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// Whether a member of that name is there, even as null.
    func has(_ name: String) -> Bool { members.contains { $0.name == name } }

    /// The member, by the first of its names; null is as absent. A second one is a problem.
    func optional(_ names: String...) -> JSONNode? { find(names) }

    /// The same for one that must be there.
    func required(_ names: String...) -> JSONNode? {
        let node = find(names)
        if node == nil { findings.complain(offset, path(names[0]), "is missing") }
        return node
    }

    private func find(_ names: [String]) -> JSONNode? {
        asked.formUnion(names)
        let found = members.filter { names.contains($0.name) }
        if found.count > 1 {
            findings.complain(found[1].offset, path(found[1].name), "is there twice")
        }
        return found.first.flatMap { $0.value.value == .null ? nil : $0.value }
    }

    /// After everything was asked for. `foreign` are names of the other form of a task, in which they mean something.
    func finish(foreign: Set<String> = [], _ form: TaskForm? = nil) {
        for member in members where !asked.contains(member.name) {
            if let form, foreign.contains(member.name) {
                findings.complain(
                    member.offset, path(member.name),
                    "is of the \(form.other) form, and this task is in the \(form) form")
                continue
            }
            let near = Spelling.nearest(to: member.name, among: asked.sorted())
            findings.complain(
                member.offset, path(member.name),
                "is unknown" + (near.map { "; did you mean '\($0)'?" } ?? ""))
        }
    }
}

extension Fields {
    func text(_ node: JSONNode?, _ name: String) -> String? {
        guard let node else { return nil }
        guard case .string(let text) = node.value else {
            findings.complain(node.offset, path(name), "must be a text, not \(node.article)")
            return nil
        }
        guard !text.utf8.contains(0) else {
            findings.complain(node.offset, path(name), "must not hold a NUL character")
            return nil
        }
        return text
    }

    /// Something must be left when blanks are taken away.
    func words(_ node: JSONNode?, _ name: String) -> String? {
        guard let node, let text = text(node, name) else { return nil }
        guard !text.allSatisfy(\.isWhitespace) else {
            findings.complain(node.offset, path(name), "must not be blank")
            return nil
        }
        return text
    }

    /// An absent list is empty.
    func list(_ node: JSONNode?, _ name: String) -> [JSONNode] {
        guard let node else { return [] }
        guard case .array(let elements) = node.value else {
            findings.complain(node.offset, path(name), "must be a list, not \(node.article)")
            return []
        }
        return elements
    }

    func texts(_ node: JSONNode?, _ name: String) -> [String] {
        list(node, name).enumerated().compactMap { text($1, "\(name)[\($0)]") }
    }

    func flag(_ node: JSONNode?, _ name: String) -> Bool? {
        guard let node else { return nil }
        guard case .bool(let flag) = node.value else {
            findings.complain(
                node.offset, path(name), "must be true or false, not \(node.article)")
            return nil
        }
        return flag
    }

    /// A whole number of 64 bits, as a number or as text, which is how JSON of protobuf writes them.
    func integer(_ node: JSONNode?, _ name: String, least: UInt64 = 0) -> UInt64? {
        guard let node else { return nil }
        let text: String
        switch node.value {
        case .number(let digits), .string(let digits): text = digits
        default:
            findings.complain(
                node.offset, path(name), "must be a whole number, not \(node.article)")
            return nil
        }
        guard let number = Self.whole(text) else {
            findings.complain(
                node.offset, path(name),
                "must be a whole number from \(least) to \(UInt64.max), not '\(text)'")
            return nil
        }
        guard number >= least else {
            findings.complain(node.offset, path(name), "must be at least \(least)")
            return nil
        }
        return number
    }

    /// Also `1.0` and `1e3`, which are whole.
    private static func whole(_ text: String) -> UInt64? {
        guard let first = text.utf8.first, (48...57).contains(first) else { return nil }
        if let number = UInt64(text) { return number }
        guard text.utf8.allSatisfy({ (48...57).contains($0) || ".eE+-".utf8.contains($0) }),
            text.contains(where: { ".eE".contains($0) }), let number = Double(text)
        else { return nil }
        return UInt64(exactly: number)
    }

    func number(_ node: JSONNode?, _ name: String) -> Double? {
        guard let node else { return nil }
        guard case .number(let text) = node.value, let number = Double(text) else {
            findings.complain(node.offset, path(name), "must be a number, not \(node.article)")
            return nil
        }
        return number
    }

    /// A map of texts; an absent one is empty.
    func map(_ node: JSONNode?, _ name: String) -> [String: String] {
        guard let node else { return [:] }
        guard case .object(let members) = node.value else {
            findings.complain(node.offset, path(name), "must be an object, not \(node.article)")
            return [:]
        }
        var map: [String: String] = [:]
        for member in members {
            let key = "\(name).\(member.name)"
            if map[member.name] != nil {
                findings.complain(member.offset, path(key), "is there twice")
            }
            map[member.name] = text(member.value, key) ?? ""
        }
        return map
    }
}
