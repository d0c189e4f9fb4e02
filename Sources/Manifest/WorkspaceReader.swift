internal import Records
internal import Toml

/// What is brought into a session's file system.
struct WorkspaceReader {
    let paths: Paths
    let findings: Findings

    func read(_ section: Table?) -> Workspace {
        guard let section else { return Workspace() }
        return Workspace(
            setup: section.text("setup")?.value, copy: shares(section, "copy"),
            mounts: shares(section, "mounts"))
    }

    private static let keys: Section? = {
        guard case .either(let shapes) = JobKeys.share else { return nil }
        for case .table(let section) in shapes { return section }
        return nil
    }()

    private func shares(_ section: Table, _ key: String) -> [Workspace.Share] {
        section.elements(key).compactMap { element in
            if let text = element.value.text {
                let parts = text.split(separator: ":", omittingEmptySubsequences: false)
                guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else {
                    findings.complain(
                        element.place,
                        "\(element.path) must be \"SOURCE\" or \"SOURCE:TARGET\"; a path with a "
                            + "colon is written { source = …, target = … }")
                    return nil
                }
                return share(
                    String(parts[0]), parts.count == 2 ? String(parts[1]) : nil, element)
            }
            guard let keys = Self.keys, case .table(let members) = element.value.value else {
                return nil
            }
            let table = Table(members, at: element.place, path: element.path, keys, findings)
            guard let source = table.text("source") else { return nil }
            return share(source.value, table.text("target")?.value, element)
        }
    }

    /// Without a target a path appears under the name it has here.
    private func share(
        _ source: String, _ target: String?, _ element: Found<Toml>
    ) -> Workspace.Share? {
        let inside = target ?? source
        let first = inside.split(separator: "/").first { $0 != "." }
        if Paths.climbs(inside) || first == nil || inside == "~" {
            findings.complain(
                element.place,
                "\(element.path): '\(inside)' cannot be its place inside: name a path without '..'")
            return nil
        }
        if inside.hasPrefix("/"), let first, ["proc", "dev", "sys"].contains(first) {
            findings.complain(
                element.place, "\(element.path): nothing can be placed in '/\(first)'")
            return nil
        }
        return Workspace.Share(source: paths.absolute(source), target: inside)
    }
}
