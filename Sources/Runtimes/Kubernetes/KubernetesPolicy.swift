internal import Records

/// What the pod may reach, for the cluster's network to enforce.
extension KubernetesOrder {
    /// Nobody may call the pod. It may call everything, or nothing: what the manifest opens besides is carried out of it, and
    /// smelt-egress decides.
    var policy: JSONValue {
        let isOpen = network.mode == .host
        return [
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": metadata,
            "spec": .members([
                "podSelector": ["matchLabels": [EngineLabel.run: .string("\(run)")]],
                "policyTypes": isOpen ? ["Ingress"] : ["Ingress", "Egress"],
                "ingress": [],
                "egress": isOpen ? nil : [],
            ]),
        ]
    }
}
