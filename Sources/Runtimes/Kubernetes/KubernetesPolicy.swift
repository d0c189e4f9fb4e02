internal import Records

/// What the pod may reach, for the cluster's network to enforce.
extension KubernetesOrder {
    /// Nobody may call the pod. What it may call is everything, nothing, or the addresses of `network.allow`.
    var policy: JSONValue {
        let isOpen = network.mode == .host
        let egress: JSONValue? = isOpen ? nil : .array(network.mode == .allow ? destinations : [])
        return [
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": [
                "name": .string(name), "namespace": .string(target.namespace),
                "labels": .strings(labels),
            ],
            "spec": .members([
                "podSelector": ["matchLabels": [Self.runLabel: .string("\(run)")]],
                "policyTypes": isOpen ? ["Ingress"] : ["Ingress", "Egress"],
                "ingress": [],
                "egress": egress,
            ]),
        ]
    }

    private var destinations: [JSONValue] {
        network.allow.compactMap { NetworkRule($0) }.compactMap { rule in
            guard let block = Self.block(of: rule) else { return nil }
            return [
                "to": [["ipBlock": ["cidr": .string(block)]]],
                "ports": .array(
                    rule.ports.map { ["protocol": "TCP", "port": .integer($0)] }),
            ]
        }
    }

    /// The rules that a network policy cannot say, which knows addresses and ports.
    static func beyondPolicies(_ rules: [String]) -> [String] {
        rules.filter { text in NetworkRule(text).flatMap(block) == nil }
    }

    private static func block(of rule: NetworkRule) -> String? {
        guard case .exactly(.address(let address)) = rule.host, !rule.isPlainOnly else {
            return nil
        }
        return "\(address)/\(address.isLong ? 128 : 32)"
    }
}
