internal import Records
internal import Smelt

/// What is so in a pod, whatever was asked for.
extension PodConnection {
    /// The variables that the image sets.
    func variables() throws -> [String: String] {
        let bytes = try run(
            PodScript.variables, in: KubernetesOrder.keeper, to: "read the image's variables")
        var variables: [String: String] = [:]
        for entry in bytes.split(separator: 0) {
            let text = String(decoding: entry, as: UTF8.self)
            guard let equals = text.firstIndex(of: "=") else { continue }
            variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
        return variables.filter { name, _ in !Self.clusters.contains { name.hasPrefix($0) } }
    }

    /// What the cluster sets, which is nobody's business inside.
    private static let clusters = ["KUBERNETES_", "HOSTNAME", "HOME"]

    /// Whether the network is what it was to be: a policy is enforced only where the cluster's network knows policies,
    /// and the cluster does not say. So what every pod can reach is tried.
    func unenforced(_ order: KubernetesOrder, _ pod: KubernetesPod) throws -> [String] {
        guard order.network.mode != .host else { return [] }
        let targets =
            (pod.host.map { ["\($0) 10250"] } ?? []) + [
                "$KUBERNETES_SERVICE_HOST $KUBERNETES_SERVICE_PORT"
            ]
        let answered = try run(
            "\(EnginePlace.program) reach \(Self.patience) \(targets.joined(separator: " "))",
            in: order.names(of: .session)[0], to: "try the pod's network")
        return answered.isEmpty ? [] : ["network"]
    }

    /// Milliseconds that a policy may take until it is in force.
    private static let patience = 3000
}
