internal import Records
internal import Smelt
internal import Toml

/// What stands beside the sessions with the runtime compose: services, as the manifest or files of compose's own have
/// them.
struct ServicesReader {
    let table: Table
    let directory: String
    let findings: Findings

    /// Each service as it is, for compose to read.
    func readServices(_ environment: JobEnvironment?) -> [JSONValue]? {
        let services = table.tables("services", JobKeys.service)
        var seen: Set<String> = []
        for service in services {
            if let name = service.text("name") { check(name, &seen) }
            for (key, value) in service.everything.sorted(by: { $0.key < $1.key })
            where value.json == nil {
                findings.complain(
                    value.place,
                    "\(service.path).\(key) holds an infinite number or none at all: records cannot "
                        + "carry it")
            }
        }
        if let runtime = environment?.runtime, runtime != .compose, let first = services.first {
            findings.complain(
                first.place,
                "services have no use with the runtime \(runtime): remove them, or choose compose")
        }
        guard case .array(let tables)? = table.any("services")?.value.value else { return nil }
        return tables.compactMap { Self.exact($0, asText: false) }
    }

    private func check(_ name: Found<String>, _ seen: inout Set<String>) {
        let isGood = name.value.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122: true
            default: "._-".utf8.contains(byte)
            }
        }
        if !isGood {
            findings.complain(
                name.place,
                "\(name.path) '\(name.value)' cannot be a service: use letters, digits, '.', '_' and "
                    + "'-'")
        } else if !seen.insert(name.value).inserted {
            findings.complain(
                name.place, "\(name.path) '\(name.value)' is taken: choose another name")
        }
    }

    /// Maps whose numbers compose makes text of.
    private static let texts: Set<String> = [
        "environment", "labels", "annotations", "args", "options", "driver_opts", "sysctls",
        "storage_opt",
    ]

    /// JSON has one kind of number, so that `1.0` would be `1` on its way. Where compose makes text of a number, a
    /// fraction is made text here, as compose would do it; elsewhere both are the same to it.
    private static func exact(_ toml: Toml, asText: Bool) -> JSONValue? {
        switch toml.value {
        case .number(let number) where asText && number.isFinite: return .string("\(number)")
        case .array(let elements):
            let values = elements.compactMap { exact($0, asText: asText) }
            return values.count == elements.count ? .array(values) : nil
        case .table(let members):
            var object: [String: JSONValue] = [:]
            for member in members {
                guard
                    let value = exact(
                        member.value, asText: asText || texts.contains(member.key))
                else { return nil }
                object[member.key] = value
            }
            return .object(object)
        default: return toml.json
        }
    }

    /// What `[environment]` says of them; nothing for another runtime.
    func readFiles(_ section: Table, _ runtime: JobEnvironment.Runtime) -> JobEnvironment.Compose? {
        let paths = Paths(directory: directory)
        var files: [Found<String>] = section.texts("compose_file")
        if let one = section.text("compose_file") { files.append(one) }
        let seconds = section.duration("start_timeout")
        guard runtime == .compose else {
            for (key, place) in [
                ("compose_file", section.any("compose_file")?.place),
                ("start_timeout", seconds?.place),
            ] {
                guard let place else { continue }
                findings.complain(
                    place,
                    "environment.\(key) has no use with the runtime \(runtime): remove it, or choose "
                        + "compose")
            }
            return nil
        }
        let whole = files.map { paths.absolute($0.value) }
        for (file, path) in zip(files, whole) where !Files.exists(path) {
            findings.complain(file.place, "\(file.path): there is no '\(path)'")
        }
        return JobEnvironment.Compose(
            files: whole, directory: whole.first.map(Files.parent) ?? paths.absolute("."),
            startSeconds: seconds?.value ?? 120)
    }
}
