internal import Smelt

/// A value that was read, and where to point when it turns out to be wrong.
package struct Found<Value> {
    package let value: Value
    package let place: Place
    /// As people write it: `session[2].timeout`.
    package let path: String

    package init(value: Value, place: Place, path: String) {
        (self.value, self.place, self.path) = (value, place, path)
    }
}

/// One table of a file while it is read. Making it checks keys, presence and shapes against the
/// section; what is wrong has been reported then and reads as absent.
package struct Table {
    package let path: String
    package let place: Place
    package let findings: Findings
    private let section: Section
    private var members: [String: Toml] = [:]
    private var mentioned: Set<String>
    /// Lists and maps of which only a part fits: that part is looked at all the same, so that
    /// every problem is found in one go.
    private var partly: [String: Toml] = [:]

    package init(
        _ toml: [Toml.Member], at place: Place, path: String, _ section: Section,
        _ findings: Findings
    ) {
        (self.path, self.place, self.section, self.findings) = (path, place, section, findings)
        mentioned = Set(toml.map(\.key))
        // A key that was only misspelt is not reported as missing too.
        var meant: Set<String> = []
        for member in toml {
            if let key = section.key(member.key) {
                let inner = Self.join(path, member.key)
                let check = ShapeCheck(findings: findings)
                if check.fits(member.value, key.shape, inner) {
                    members[key.name] = member.value
                } else {
                    partly[key.name] = member.value
                }
            } else if section.isOpen {
                members[member.key] = member.value
            } else {
                if let near = complainUnknown(member) { meant.insert(near) }
            }
        }
        for key in section.keys where key.isRequired && !meant.contains(key.name) {
            guard !mentioned.contains(key.name) else { continue }
            let missing = Self.join(path, key.name)
            findings.complain(place, "\(missing) is missing: add it (\(key.meaning))")
        }
    }

    private static func join(_ path: String, _ key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }

    /// The key that was probably meant.
    private func complainUnknown(_ member: Toml.Member) -> String? {
        let names = section.keys.map(\.name)
        let home = path.isEmpty ? "a \(section.name)" : "[\(path)]"
        let near = Spelling.nearest(to: member.key.lowercased(), among: names)
        let remedy =
            near.map { "did you mean '\($0)'?" } ?? "it has \(names.joined(separator: ", "))"
        findings.complain(
            member.keyPlace, "\(home) has no key '\(member.key)'; \(remedy)")
        return near
    }

    private func found<Value>(_ key: String, _ read: (Toml) -> Value?) -> Found<Value>? {
        guard let toml = members[key], let value = read(toml) else { return nil }
        return Found(value: value, place: toml.place, path: Self.join(path, key))
    }

    /// Whether there is a value that fits.
    package func has(_ key: String) -> Bool { members[key] != nil }

    /// Whether the key is there, even with a value that was reported.
    package func mentions(_ key: String) -> Bool { mentioned.contains(key) }

    package func text(_ key: String) -> Found<String>? { found(key) { $0.text } }
    package func flag(_ key: String) -> Found<Bool>? { found(key) { $0.flag } }
    package func integer(_ key: String) -> Found<Int>? { found(key) { $0.integer } }
    package func number(_ key: String) -> Found<Double>? { found(key) { $0.anyNumber } }
    package func duration(_ key: String) -> Found<Double>? { found(key) { $0.seconds } }
    package func size(_ key: String) -> Found<Int>? { found(key) { $0.bytes } }
    package func any(_ key: String) -> Found<Toml>? { found(key) { $0 } }

    package func choice<Choice: RawRepresentable>(
        _ key: String, _ type: Choice.Type
    ) -> Choice? where Choice.RawValue == String {
        members[key]?.text.flatMap(Choice.init)
    }

    /// The elements of a list that fit, each with its own place and path.
    package func elements(_ key: String) -> [Found<Toml>] {
        guard case .array(let elements)? = (members[key] ?? partly[key])?.value else { return [] }
        return elements.enumerated().filter { fits($1, in: key) }.map { index, element in
            Found(
                value: element, place: element.place,
                path: "\(Self.join(path, key))[\(index)]")
        }
    }

    package func texts(_ key: String) -> [Found<String>] {
        elements(key).compactMap { element in
            element.value.text.map {
                Found(value: $0, place: element.place, path: element.path)
            }
        }
    }

    /// Whether an element is good for itself. What is not was reported when the table was made.
    private func fits(_ element: Toml, in key: String) -> Bool {
        guard partly[key] != nil else { return true }
        let check = ShapeCheck(findings: Findings())
        return switch section.key(key)?.shape {
        case .list(let shape): check.fits(element, shape, "")
        case .map: check.fits(element, .emptyText, "")
        case .tables: element.isTable
        default: false
        }
    }

    /// Names to texts, in the order of the names.
    package func map(_ key: String) -> [(name: String, keyPlace: Place, value: Found<String>)] {
        guard case .table(let entries)? = (members[key] ?? partly[key])?.value else { return [] }
        return entries.filter { fits($0.value, in: key) }.compactMap { entry in
            entry.value.text.map {
                let inner = "\(Self.join(path, key)).\(entry.key)"
                return (
                    entry.key, entry.keyPlace,
                    Found(value: $0, place: entry.value.place, path: inner)
                )
            }
        }
    }

    /// A table inside this one; nil when it is absent.
    package func table(_ key: String, _ section: Section) -> Table? {
        guard let toml = members[key], case .table(let entries) = toml.value else { return nil }
        return Table(
            entries, at: toml.place, path: Self.join(path, key), section, findings)
    }

    /// The tables of an array of tables.
    package func tables(_ key: String, _ section: Section) -> [Table] {
        elements(key).compactMap { element in
            guard case .table(let entries) = element.value.value else { return nil }
            return Table(entries, at: element.place, path: element.path, section, findings)
        }
    }

    /// Everything in it, for what is passed through.
    package var everything: [String: Toml] { members }
}
