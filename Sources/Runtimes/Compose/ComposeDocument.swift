package import Records

/// The file that compose gets from us: the manifest's services, whole, and what they share. The user's own files come
/// before it.
package struct ComposeDocument {
    /// As the manifest has them.
    package var services: [JSONValue]
    /// What the user's files declare.
    package var others: ComposeNames
    /// On everything that is made for the run.
    package var labels: [String: String]
    /// The network that is there already, on which sessions and services meet.
    package var network: String
    /// Whether the services reach more than each other and the sessions.
    package var isOpen: Bool

    package init(
        services: [JSONValue], others: ComposeNames, labels: [String: String], network: String,
        isOpen: Bool
    ) {
        self.services = services
        self.others = others
        self.labels = labels
        self.network = network
        self.isOpen = isOpen
    }

    /// Where nobody answers for names: an address of the container's own, in which no server is.
    static let noServer = "127.0.0.1"
    /// Nor does the host have an address on a network that leads nowhere: its own services would listen on it.
    static let withoutHost = "com.docker.network.bridge.inhibit_ipv4"

    package var value: JSONValue {
        var all: [String: JSONValue] = [:]
        for name in others.services.keys {
            all[name] = .object(["labels": .object(marks)])
        }
        for case .object(let members) in services {
            guard case .string(let name)? = members["name"] else { continue }
            all[name] = service(members)
        }
        var document: [String: JSONValue] = ["services": .object(all)]
        document["networks"] = .object(
            named(networks.subtracting(others.networks), ownNetwork).merging(
                ["default": .object(["external": .bool(true), "name": .string(network)])]
            ) { $1 })
        let own = named(volumes.subtracting(others.volumes), [:])
        if !own.isEmpty { document["volumes"] = .object(own) }
        return .object(document)
    }

    /// The labels as compose leaves them alone.
    private var marks: [String: JSONValue] {
        labels.mapValues { Self.literal(.string($0)) }
    }

    private var ownNetwork: [String: JSONValue] {
        guard !isOpen else { return [:] }
        return [
            "internal": .bool(true),
            "driver_opts": .object([Self.withoutHost: .string("true")]),
        ]
    }

    private func named(_ names: Set<String>, _ members: [String: JSONValue]) -> [String: JSONValue]
    {
        var all: [String: JSONValue] = [:]
        for name in names {
            all[name] = .object(members.merging(["labels": .object(marks)]) { $1 })
        }
        return all
    }

    private func service(_ members: [String: JSONValue]) -> JSONValue {
        var members = members.mapValues(Self.literal)
        members["name"] = nil
        switch members["labels"] {
        case .array(let lines)?:
            let ours = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            members["labels"] = .array(lines + ours.map(JSONValue.string).map(Self.literal))
        case .object(let own)?: members["labels"] = .object(own.merging(marks) { $1 })
        default: members["labels"] = .object(marks)
        }
        let choosesNetwork = ["networks", "network_mode", "dns"].contains { members[$0] != nil }
        if !isOpen, !choosesNetwork { members["dns"] = .array([.string(Self.noServer)]) }
        return .object(members)
    }

    /// Compose fills in variables wherever it finds `$` in a value; two stand for one.
    private static func literal(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text):
            .string(
                text.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$")
            )
        case .array(let elements): .array(elements.map(literal))
        case .object(let members): .object(members.mapValues(literal))
        default: value
        }
    }

    /// The networks that services ask for by name.
    private var networks: Set<String> {
        var names: Set<String> = []
        for case .object(let service) in services {
            switch service["networks"] {
            case .array(let elements)?:
                for case .string(let name) in elements { names.insert(name) }
            case .object(let members)?: names.formUnion(members.keys)
            default: break
            }
        }
        return names.subtracting(["default"])
    }

    /// The volumes that services ask for by name: what is no path.
    private var volumes: Set<String> {
        var names: Set<String> = []
        for case .object(let service) in services {
            guard case .array(let volumes)? = service["volumes"] else { continue }
            for volume in volumes {
                switch volume {
                case .string(let text):
                    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
                    if parts.count > 1, let first = parts[0].first, !"/.~".contains(first) {
                        names.insert(String(parts[0]))
                    }
                case .object(let members):
                    if members["type"] == .string("volume"),
                        case .string(let name)? = members["source"]
                    {
                        names.insert(name)
                    }
                default: break
                }
            }
        }
        return names
    }
}
