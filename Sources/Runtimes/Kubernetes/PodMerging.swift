internal import Records

/// A pod of the user's with ours in it. What both say is as ours says; lists of named things go together by their names,
/// other lists one behind the other.
enum PodMerging {
    static func merge(_ theirs: JSONValue, _ ours: JSONValue) -> JSONValue {
        switch (theirs, ours) {
        case (.object(let first), .object(let second)):
            .object(first.merging(second) { merge($0, $1) })
        case (.array(let first), .array(let second)): .array(merge(first, second))
        default: ours
        }
    }

    private static func merge(_ theirs: [JSONValue], _ ours: [JSONValue]) -> [JSONValue] {
        guard let key = key(of: theirs + ours) else {
            return theirs + ours.filter { !theirs.contains($0) }
        }
        var merged = theirs
        for element in ours {
            if let index = theirs.firstIndex(where: { $0[key] == element[key] }) {
                merged[index] = merge(theirs[index], element)
            } else {
                merged.append(element)
            }
        }
        return merged
    }

    /// By what the elements of a list are told apart: as in Kubernetes' own merging of patches.
    private static func key(of elements: [JSONValue]) -> String? {
        ["mountPath", "name"].first { key in elements.allSatisfy { $0[key]?.text != nil } }
    }

    /// A container `session` of the template is what each of ours is built on.
    static func spread(_ template: JSONValue, over names: [String]) -> JSONValue {
        guard case .object(var pod) = template, case .object(var spec)? = pod["spec"],
            case .array(let containers)? = spec["containers"]
        else { return template }
        spec["containers"] = .array(
            containers.flatMap { container -> [JSONValue] in
                guard container["name"] == "session", case .object(let members) = container else {
                    return [container]
                }
                return names.map { .object(members.merging(["name": .string($0)]) { $1 }) }
            })
        pod["spec"] = .object(spec)
        return .object(pod)
    }
}
