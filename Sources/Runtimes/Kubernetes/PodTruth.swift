internal import Records
internal import Smelt

/// What is so in a pod, whatever was asked for.
extension PodConnection {
    /// The variables that a container starts with: the image's, and the cluster's.
    func variables() throws -> [String: String] {
        let bytes = try run(
            PodScript.variables, in: KubernetesOrder.keeper, to: "read the image's variables")
        var variables: [String: String] = [:]
        for entry in bytes.split(separator: 0) {
            let text = String(decoding: entry, as: UTF8.self)
            guard let equals = text.firstIndex(of: "=") else { continue }
            variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
        return variables
    }

    /// Whether the cluster, or the order, sets a variable, which is nobody's business inside.
    static func isCluster(_ variable: String) -> Bool {
        variable.hasPrefix("KUBERNETES_") || ["HOSTNAME", "HOME"].contains(variable)
    }

    /// What every pod can reach, unless a policy forbids it: the node and the cluster's server, each an address and a
    /// port.
    static func targets(host: String?, variables: [String: String]) -> [String] {
        [
            (host, "10250"),
            (variables["KUBERNETES_SERVICE_HOST"], variables["KUBERNETES_SERVICE_PORT"]),
        ].compactMap { name, port in
            guard let address = name.flatMap({ NetworkAddress($0) }),
                let port = port.flatMap({ UInt16($0) })
            else { return nil }
            return "\(address) \(port)"
        }
    }

    /// Whether the network is what it was to be: a policy is enforced only where the cluster's network knows policies,
    /// and the cluster does not say. So what every pod can reach is tried. `variables` are those of a container.
    func unenforced(
        _ order: KubernetesOrder, _ pod: KubernetesPod, _ variables: [String: String]
    ) throws -> [String] {
        guard order.network.mode != .host else { return [] }
        let targets = Self.targets(host: pod.host, variables: variables)
        // What nobody can try nobody can promise.
        guard !targets.isEmpty else { return ["network"] }
        let answered = try run(
            "\(EnginePlace.program) reach \(Self.patience) \(targets.joined(separator: " "))",
            in: order.names(of: .session)[0], to: "try the pod's network")
        return answered.isEmpty ? [] : ["network"]
    }

    /// Milliseconds that a policy may take until it is in force.
    private static let patience = 3000
}
