package import Records
package import Smelt

/// What is asked of a cluster for one environment, and the documents that say so: a Job with one pod, and the network
/// policy of that pod.
///
/// The pod has a container for each session that may run at the same time, and for its gate. So what `limits` say of a
/// session is its container's, and no session sees another's files or processes.
package struct KubernetesOrder: Equatable, Sendable {
    package var run: RunID
    package var job: String
    /// Whose environments these are: what gc may remove.
    package var owner: String
    /// The lock of whoever is at work with it, as `HOST:PATH`.
    package var lease: String
    package var image: String
    /// As `imagePullPolicy` has it.
    package var pull: String
    package var target: KubernetesTarget
    package var limits: Limits
    package var network: Network
    /// User and group of everything inside.
    package var user: UInt32
    /// Sessions at the same time, at least 1.
    package var slots: Int

    package init(
        run: RunID, job: String, owner: String, lease: String, image: String,
        pull: String = "IfNotPresent",
        target: KubernetesTarget, limits: Limits, network: Network, user: UInt32, slots: Int
    ) {
        self.run = run
        self.job = job
        self.owner = owner
        self.lease = lease
        self.image = image
        self.pull = pull
        self.target = target
        self.limits = limits
        self.network = network
        self.user = target.user.flatMap(UInt32.init(exactly:)) ?? user
        self.slots = max(1, slots)
    }

    /// Of the job and the policy; the pod's begins with it.
    package var name: String { "smelt-\(run)" }

    /// Both, as one document. The policy comes first: no pod is ever without it.
    package var objects: JSONValue {
        ["apiVersion": "v1", "kind": "List", "items": [policy, jobDocument]]
    }

    // MARK: what everything carries

    var labels: [String: String] {
        (target.labels ?? [:]).merging([
            EngineLabel.run: "\(run)", EngineLabel.job: Self.label(job), EngineLabel.owner: owner,
            EngineLabel.lease: Self.label(String(lease.prefix { $0 != ":" })),
            "app.kubernetes.io/managed-by": "smelt",
        ]) { $1 }
    }

    /// At most 63 letters, digits, `-`, `.` and `_`, a letter or digit first and last; the whole is an annotation.
    static func label(_ name: String) -> String {
        let isPlain = { (character: Character) in
            character.isASCII && (character.isLetter || character.isNumber)
        }
        var label = name.map { isPlain($0) || "-._".contains($0) ? $0 : "-" }.prefix(63)
        while let last = label.last, !isPlain(last) { label.removeLast() }
        return String(label.drop { !isPlain($0) })
    }

    private var annotations: [String: String] {
        (target.annotations ?? [:]).merging([EngineLabel.job: job, EngineLabel.lease: lease]) { $1 }
    }

    /// Of the job and the policy.
    var metadata: JSONValue {
        .members([
            "name": .string(name), "namespace": .string(target.namespace),
            "labels": .strings(labels), "annotations": .strings(annotations),
        ])
    }

    // MARK: the job

    /// How often the cluster tries again: with a node that was lost before the environment was ready.
    static let retries = 3
    /// Seconds beside the job's own time, for start, salvage and collection.
    static let slack = 1800.0

    var jobDocument: JSONValue {
        [
            "apiVersion": "batch/v1", "kind": "Job", "metadata": metadata,
            "spec": [
                "parallelism": 1, "completions": 1, "backoffLimit": .integer(Self.retries),
                "ttlSecondsAfterFinished": .integer(Int(target.ttlSeconds.rounded(.up))),
                "template": pod,
            ],
        ]
    }

    /// The pod, built on the template. What we set ourselves stays as it is.
    private var pod: JSONValue {
        let ours: JSONValue = [
            "metadata": ["labels": .strings(labels), "annotations": .strings(annotations)],
            "spec": spec,
        ]
        guard let template = target.podTemplate else { return ours }
        return PodMerging.merge(PodMerging.spread(template, over: places), ours)
    }

    private var spec: JSONValue {
        // Of the pod, not of the job: time in a queue is not the job's.
        let seconds = limits.wallSeconds.map { JSONValue.integer(Int(($0 + Self.slack).rounded())) }
        return .members([
            "restartPolicy": "Never",
            "activeDeadlineSeconds": seconds,
            "terminationGracePeriodSeconds": 0,
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "hostNetwork": false, "hostPID": false, "hostIPC": false,
            // Each container sees its own processes alone, whatever a template says: by that, too, is known whose a
            // connection is.
            "shareProcessNamespace": false,
            // Whoever asks for a name is told at once that nobody answers; a query would carry data out where no policy
            // is enforced.
            "dnsPolicy": network.mode == .host ? nil : "None",
            "dnsConfig": network.mode == .host ? nil : ["nameservers": ["127.0.0.1"]],
            "serviceAccountName": target.serviceAccount.map(JSONValue.string),
            "securityContext": [
                "runAsNonRoot": true, "runAsUser": .integer(Int(user)),
                "runAsGroup": .integer(Int(user)), "fsGroup": .integer(Int(user)),
                "seccompProfile": ["type": "RuntimeDefault"],
            ],
            "nodeSelector": .strings(
                [
                    // What we put into the containers is built for it.
                    "kubernetes.io/os": "linux", "kubernetes.io/arch": Docker.architecture,
                ].merging(target.nodeSelector ?? [:]) { $1 }),
            "tolerations": target.tolerations.map { .array($0) },
            "affinity": target.affinity,
            "priorityClassName": target.priorityClass.map(JSONValue.string),
            "imagePullSecrets": target.imagePullSecrets.map { names in
                .array(names.map { ["name": .string($0)] })
            },
            "runtimeClassName": target.runtimeClass.map(JSONValue.string),
            "containers": .array(containers),
            "volumes": .array(volumes),
        ])
    }
}
