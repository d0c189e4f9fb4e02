/// Where in a cluster an environment's pod runs, for the runtime `kubernetes`. What is nil or absent is left to the
/// cluster.
package struct KubernetesTarget: Codable, Equatable, Sendable {
    package var namespace: String
    /// Of the kubeconfig; nil is the one that kubectl uses.
    package var context: String?
    package var serviceAccount: String?
    /// The variable that holds a private key for git over ssh. It never leaves this machine.
    package var sshKeyEnv: String?
    /// Kubernetes quantities, where less is asked for than `limits` allow.
    package var cpuRequest: String?
    package var memoryRequest: String?
    package var nodeSelector: [String: String]?
    /// As Kubernetes has them.
    package var tolerations: [JSONValue]?
    package var affinity: JSONValue?
    package var priorityClass: String?
    package var imagePullSecrets: [String]?
    package var runtimeClass: String?
    /// On everything that is made.
    package var labels: [String: String]?
    package var annotations: [String: String]?
    /// User and group in the pod; nil is one that no other environment is likely to have.
    package var user: Int?
    /// How long the pod may wait for a node, its image and its start.
    package var startSeconds: Double
    /// How long the cluster keeps what has finished and nobody has removed.
    package var ttlSeconds: Double
    /// A pod that ours is built on, as Kubernetes has it: `metadata` and `spec`.
    package var podTemplate: JSONValue?

    package init(namespace: String, startSeconds: Double = 1800, ttlSeconds: Double = 3600) {
        self.namespace = namespace
        self.startSeconds = startSeconds
        self.ttlSeconds = ttlSeconds
    }
}
