internal import Records

/// The containers of an environment's pod and what they have to write on. The image's own files can only be read.
///
/// `keeper` brings in what all share. A session has one of `session-1` and so on to itself, and its gate one of `gate-1`
/// and so on. `rescue` can read what sessions have written, for those whose container was killed as a whole. All have
/// the same user, and each its own files and processes.
extension KubernetesOrder {
    static let keeper = "keeper"
    static let rescue = "rescue"

    /// Of one kind: as many as sessions may run at the same time.
    package func names(of kind: EnginePlace.Kind) -> [String] {
        Self.names(of: kind, count: slots)
    }

    static func names(of kind: EnginePlace.Kind, count: Int) -> [String] {
        (1...max(1, count)).map { "\(kind.rawValue)-\($0)" }
    }

    var places: [String] { names(of: .session) + names(of: .gate) }

    /// Where a place has `workspace` and `home`; gone with the pod.
    static let work = "/smelt"
    /// Who is connected where: each container can write what is its own there, and read the keeper's.
    static let lease = "/run/smelt-lease"
    static func lease(of container: String) -> String { "\(lease)/\(container)" }

    /// Where `rescue` sees a session's work.
    static func left(of container: String) -> String { "/run/smelt-left/\(container)" }

    var containers: [JSONValue] { [keeperContainer, rescueContainer] + places.map(container) }

    var volumes: [JSONValue] {
        [
            ["name": "base", "emptyDir": [:]],
            // A directory and a file for each container.
            ["name": "lease", "emptyDir": ["sizeLimit": "16Mi"]],
        ]
            + ([Self.keeper, Self.rescue] + places).flatMap(ownVolumes)
    }

    // MARK: containers

    private var keeperContainer: JSONValue {
        described(
            Self.keeper, resources: Self.little,
            [
                Self.mount("base", EnginePlace.base),
                Self.mount("lease", Self.lease, readOnly: true),
            ])
    }

    private var rescueContainer: JSONValue {
        described(
            Self.rescue, resources: resources(isGate: true),
            shared
                + names(of: .session).map {
                    Self.mount("\($0)-work", Self.left(of: $0), part: "smelt", readOnly: true)
                })
    }

    private func container(_ name: String) -> JSONValue {
        described(
            name, resources: resources(isGate: name.hasPrefix(EnginePlace.Kind.gate.rawValue)),
            shared)
    }

    /// The keeper's, which all can read.
    private var shared: [JSONValue] {
        [
            Self.mount("base", EnginePlace.base, readOnly: true),
            Self.mount(
                "lease", Self.lease(of: Self.keeper), part: Self.keeper, readOnly: true),
        ]
    }

    private func described(_ name: String, resources: JSONValue, _ mounts: [JSONValue]) -> JSONValue
    {
        [
            "name": .string(name), "image": .string(image), "imagePullPolicy": .string(pull),
            "command": ["/bin/sh", "-c", .string(Self.waiting(in: name))],
            "workingDir": .string(Self.work),
            "env": [["name": "HOME", "value": .string(EnginePlace.home)]],
            "resources": resources,
            "securityContext": [
                "allowPrivilegeEscalation": false, "privileged": false,
                "readOnlyRootFilesystem": true, "runAsNonRoot": true,
                "capabilities": ["drop": ["ALL"]],
            ],
            "volumeMounts": .array(
                mounts + [
                    Self.mount("lease", Self.lease(of: name), part: name),
                    Self.mount("\(name)-work", Self.work, part: "smelt"),
                    Self.mount("\(name)-work", "/tmp", part: "tmp"),
                    Self.mount("\(name)-memory", EnginePlace.memory),
                    Self.mount("\(name)-secrets", EnginePlace.secrets),
                    // The runtime's own is the pod's, for all of its containers.
                    Self.mount("\(name)-shm", "/dev/shm"),
                ]),
        ]
    }

    /// A volume, or a directory of it that is made when the pod is.
    private static func mount(
        _ name: String, _ path: String, part: String? = nil, readOnly: Bool? = nil
    ) -> JSONValue {
        .members([
            "name": .string(name), "mountPath": .string(path),
            "subPath": part.map(JSONValue.string),
            "readOnly": readOnly.map(JSONValue.bool),
        ])
    }

    private func ownVolumes(_ name: String) -> [JSONValue] {
        let disk = JSONValue.members([
            "sizeLimit": limits.diskBytes.map { JSONValue.string("\($0)") }
        ])
        let memory: JSONValue = ["medium": "Memory", "sizeLimit": "64Mi"]
        return [
            ("work", disk), ("memory", memory), ("secrets", memory), ("shm", memory),
        ].map { ["name": .string("\(name)-\($0.0)"), "emptyDir": $0.1] }
    }

    // MARK: resources

    private static let little: JSONValue = [
        "limits": ["cpu": "500m", "memory": "256Mi"], "requests": ["cpu": "10m", "memory": "32Mi"],
    ]

    /// A session asks for what it may have, so that a node that takes it can give it. Its gate runs when nothing else of
    /// it does, and asks for next to nothing, in words: else a LimitRange of the namespace would ask for it. On disks a
    /// session writes in a volume only, which has the limit: one of the container would be one of the pod, and of what
    /// all share in it.
    private func resources(isGate: Bool) -> JSONValue {
        let processors = limits.cpu.map { JSONValue.string("\(Int(($0 * 1000).rounded(.up)))m") }
        let memory = limits.memoryBytes.map { JSONValue.string("\($0)") }
        let asked: JSONValue =
            isGate
            ? ["cpu": "1m", "memory": "1Mi"]
            : .members([
                "cpu": target.cpuRequest.map(JSONValue.string) ?? processors,
                "memory": target.memoryRequest.map(JSONValue.string) ?? memory,
                "ephemeral-storage": limits.diskBytes.map { .string("\($0)") },
            ])
        return ["limits": .members(["cpu": processors, "memory": memory]), "requests": asked]
    }

    // MARK: waiting

    /// Minutes without anybody at work after which the pod ends by itself.
    static let patience = 15

    /// What a container does while nobody works in it. As its first process must, a shell that waits reaps. Once a minute
    /// it tells the keeper whether somebody is connected, which tells the others, and it ends when nobody was anywhere for
    /// so long: whoever made the pod is gone, and its time to live begins.
    static func waiting(
        in name: String, memory: String = EnginePlace.memory, lease: String = lease,
        processes: String = "/proc"
    ) -> String {
        let own = "\(lease)/\(name)"
        let all = "\(lease)/\(keeper)"
        let passOn = """
            for name in \(lease)/*/renewed; do
                    [ $name -nt $looked ] && echo >\(all)/renewed && break
                done
            """
        return """
            looked=\(memory)/.looked silent=0
            echo >$looked
            while [ $silent -lt \(patience) ]; do
                sleep 60 &
                wait $! || continue
                for name in \(processes)/[0-9]*/comm; do
                    read -r word <$name && [ "$word" = smelt-inside ] && echo >\(own)/renewed && break
                done 2>/dev/null
                \(name == keeper ? passOn : ":")
                if [ \(own)/renewed -nt $looked ] || [ \(all)/renewed -nt $looked ] || [ -e \(all)/kept ]; then silent=0; else silent=$((silent + 1)); fi
                echo >$looked
            done
            """
    }
}
