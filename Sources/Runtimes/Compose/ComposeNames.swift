internal import Smelt

/// What compose's files declare, from what `config` prints. That is YAML of one form only, whichever program prints it:
/// blocks, two or more spaces deeper each, so that the names are found by how far to the right they begin.
package struct ComposeNames: Equatable, Sendable {
    package struct Service: Equatable, Sendable {
        package var image: String?
        package var isBuilt = false
    }

    package var services: [String: Service] = [:]
    package var volumes: Set<String> = []
    package var networks: Set<String> = []

    package init() {}

    package init(parsing text: String) {
        var section = ""
        var name = ""
        var depths: (name: Int, member: Int)?
        for line in text.split(whereSeparator: \.isNewline) {
            let content = line.drop { $0 == " " }
            let depth = line.count - content.count
            guard !content.isEmpty, !content.hasPrefix("#") else { continue }
            if depth == 0 {
                section = Self.key(content)?.name ?? ""
                depths = nil
                continue
            }
            if depths == nil { depths = (depth, 0) }
            guard let known = depths, let (key, value) = Self.key(content) else { continue }
            if depth == known.name {
                name = key
                depths = (depth, 0)
                declare(name, in: section)
            } else if known.member == 0 || depth == known.member {
                depths = (known.name, depth)
                guard section == "services" else { continue }
                if key == "image" { services[name]?.image = Self.plain(value) }
                if key == "build" { services[name]?.isBuilt = true }
            }
        }
    }

    private mutating func declare(_ name: String, in section: String) {
        switch section {
        case "services": services[name] = Service()
        case "volumes": volumes.insert(name)
        case "networks": networks.insert(name)
        default: break
        }
    }

    /// `name: value`, the value perhaps on further lines; nil for anything else.
    private static func key(_ line: Substring) -> (name: String, value: Substring)? {
        guard !line.hasPrefix("-") else { return nil }
        let end: Substring.Index?
        if let quote = line.first, quote == "'" || quote == "\"" {
            let rest = line.dropFirst()
            end = rest.firstIndex(of: quote).map { rest.index(after: $0) }
        } else {
            end = line.firstIndex(of: ":")
        }
        guard let end, end < line.endIndex, line[end] == ":" else { return nil }
        let value = line[line.index(after: end)...]
        guard value.isEmpty || value.first == " " else { return nil }
        return (plain(line[..<end]), value.drop { $0 == " " })
    }

    /// Names and images hold nothing that would be escaped.
    private static func plain(_ text: Substring) -> String {
        guard let quote = text.first, quote == "'" || quote == "\"", text.count > 1,
            text.last == quote
        else { return String(text) }
        return String(text.dropFirst().dropLast())
    }
}
