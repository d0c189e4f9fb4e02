internal import Policies
internal import Toml

/// The keys of `[kubernetes]`. Tables that Kubernetes has too keep the names that they have there.
extension JobKeys {
    static let kubernetes = Section(
        "kubernetes", "Where the pod runs.",
        [
            Key("namespace", .text, required: true, "of everything that is made"),
            Key("context", .text, "of the kubeconfig; else the one in use"),
            Key("service_account", .text, "of the pod, which gets no token of it"),
            Key("cpu_request", .text, normally: "the limit", "a quantity such as \"500m\""),
            Key("memory_request", .text, normally: "the limit", "a quantity such as \"512Mi\""),
            Key("cpu_limit", .text, "limits.cpu, under its older name: a quantity"),
            Key("memory_limit", .text, "limits.memory, under its older name: a quantity"),
            Key("node_selector", .map, "labels that the node must have"),
            Key("tolerations", .list(.table(toleration)), "taints of nodes that are borne"),
            Key("affinity", .any, "as Kubernetes has it"),
            Key("priority_class", .text, "its name"),
            Key("image_pull_secrets", .list(.text), "names of secrets in the namespace"),
            Key("runtime_class", .text, "its name, such as \"gvisor\""),
            Key("labels", .map, "on everything that is made; queueing systems read them"),
            Key("annotations", .map, "on the job and its pod"),
            Key(
                "user", .integer(1...2_147_483_647), normally: "one for each environment",
                "user and group in the pod, where the cluster prescribes them"),
            Key(
                "start_timeout", .duration(SandboxKeys.durations), normally: "30m",
                "how long the pod may wait for a node, its image and its start"),
            Key(
                "ttl", .duration(SandboxKeys.durations), normally: "1h",
                "how long the cluster keeps what has finished and nobody has removed"),
            Key("pod_template", .text, "a file in JSON: a Pod that ours is built on"),
            Key("ssh_key_env", .text, "the variable that holds a private key for git over ssh"),
        ])

    static let toleration = Section(
        "toleration", "A taint that is borne.",
        [
            Key("key", .text, "of the taint; without it, every one"),
            Key("operator", .choice(["Exists", "Equal"]), normally: "Equal", "what is compared"),
            Key("value", .emptyText, "of the taint"),
            Key(
                "effect", .choice(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
                "of the taint; without it, every one"),
            Key(
                "tolerationSeconds", .integer(0...31_536_000), "how long NoExecute is borne"),
        ])
}
