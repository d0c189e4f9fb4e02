internal import Glibc
internal import Smelt

extension ComposeProject {
    /// Removes all of it, and those containers: killed, with volumes and networks. What is not there any more is no
    /// fault. Gives how many containers of the names were there, and whether the network was by which all is found.
    @discardableResult
    func remove(with names: [String] = []) throws -> (containers: Int, network: Bool) {
        let ours = try [
            ["ps", "--all", "--quiet", "--no-trunc"], ["volume", "ls", "--quiet"],
            ["network", "ls", "--format", "{{.Name}}"],
        ].map { try DockerAsking($0 + mine) }.map { asking in
            let finished = try asking.finish()
            guard finished.succeeded else {
                throw Docker.fault(finished, "list what there is of", name)
            }
            return finished.text.split(separator: "\n").map(String.init)
        }
        // In one call, which removes them side by side.
        let removed = try docker.remove(containers: names + ours[0])
        // The one by which the others are found comes last.
        try drop(["volume": ours[1], "network": ours[2].filter { $0 != name }])
        if ours[2].contains(name) { try drop(["network": [name]]) }
        return (removed.count - ours[0].count, ours[2].contains(name))
    }

    /// The projects of this state directory's runs of which there is something left.
    static func left(on docker: Docker) throws -> [String] {
        let text = try docker.run(
            [
                "network", "ls", "--filter", "label=\(EngineLabel.owner)=\(docker.owner)",
                "--filter", "label=\(label)", "--format", "{{.Label \"\(label)\"}}",
            ], to: "list the networks of", Docker.program)
        return Set(text.split(separator: "\n").map(String.init)).sorted()
    }

    /// Seconds in which the engine has let go of what a container had that is gone.
    private static let lettingGo = 10.0

    /// Names by their kinds, all at the same time, until the engine has let go of them.
    private func drop(_ names: [String: [String]]) throws {
        var left = names.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
        let end = monotonicSeconds() + Self.lettingGo
        while true {
            let calls = try left.map { try DockerAsking([$0.key, "rm", "--"] + $0.value) }
            var used: [(key: String, value: [String])] = []
            for (part, call) in zip(left, calls) {
                let finished = try call.finish()
                // Docker's own program ends what it says about networks with its exit status.
                let complaints = finished.errors.lowercased().split(whereSeparator: \.isNewline)
                    .filter {
                        !$0.contains("no such \(part.key)") && !$0.contains("not found")
                            && !$0.hasPrefix("exit status")
                    }
                // Who says nothing may have been ended before it was done.
                let isHarmless = complaints.isEmpty && !finished.errors.isEmpty
                if finished.succeeded || isHarmless { continue }
                let isInUse = !complaints.isEmpty && complaints.allSatisfy(Self.isUse)
                guard isInUse, monotonicSeconds() < end else {
                    throw Docker.fault(finished, "remove the \(part.key)", part.value[0])
                }
                used.append(part)
            }
            if used.isEmpty { return }
            for part in used where part.key == "network" {
                for network in part.value { try leave(network) }
            }
            left = used
            poll(nil, 0, 50)
        }
    }

    /// Whether docker complains that a network or a volume is in use. It says so for a moment after the last container is
    /// gone, too, since it ends that container's part in the network only then.
    private static func isUse(_ complaint: Substring) -> Bool {
        complaint.contains("has active endpoints") || complaint.contains("volume is in use")
    }

    /// Whoever is on the network is not any more: containers of others, which somebody connected to look at a run, live on
    /// without it.
    private func leave(_ network: String) throws {
        let names = try docker.call(
            ["network", "inspect", "--format", "{{range .Containers}}{{.Name}}\n{{end}}", network],
            cancellable: false)
        for name in names.text.split(separator: "\n") {
            // Who is gone meanwhile is no fault, and one that stays is told of by the removal.
            _ = try docker.call(
                ["network", "disconnect", "--force", network, String(name)], cancellable: false)
        }
    }
}
