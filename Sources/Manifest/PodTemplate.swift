internal import FoundationEssentials
internal import Records
internal import Smelt

/// A file that names a pod: `metadata` and `spec` of a Pod or a PodTemplate.
enum PodTemplate {
    enum Problem: Fault {
        case yaml, otherKind(String), noSpec, variables(String)

        var exit: Exit { .invalid }

        var description: String {
            switch self {
            case .yaml:
                "it is no JSON; 'kubectl patch --local -f FILE --type merge -p {} -o json' makes that "
                    + "of YAML"
            case .otherKind(let kind): "its kind is '\(kind)', not Pod or PodTemplate"
            case .noSpec: "it has no spec"
            case .variables(let member):
                "its container 'session' has '\(member)', which reaches no session: set variables in env "
                    + "of [[session]]"
            }
        }
    }

    static func read(_ bytes: [UInt8]) throws -> JSONValue {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)),
            case .object(var members) = value
        else { throw Problem.yaml }
        if case .string(let kind)? = members["kind"], kind != "Pod" {
            guard kind == "PodTemplate" else { throw Problem.otherKind(kind) }
            guard case .object(let inner)? = members["template"] else { throw Problem.noSpec }
            members = inner
        }
        guard case .object? = members["spec"] else { throw Problem.noSpec }
        // Commands of sessions get what the job says, whatever the first process of their container has.
        for container in members["spec"]?["containers"]?.elements ?? []
        where container["name"] == "session" {
            for member in ["env", "envFrom"] where container[member] != nil {
                throw Problem.variables(member)
            }
        }
        return .object(members.filter { ["metadata", "spec"].contains($0.key) })
    }
}
