internal import Records
internal import Smelt

/// Why a container that was connected to is not any more: its node tells a moment later.
struct PodLoss {
    let kubectl: Kubectl
    let pod: String
    let container: String

    /// What a node may take to say so, seconds.
    private static let patience = 10.0

    /// Nil when it runs all the same.
    func end() throws -> PodEnd? {
        let deadline = monotonicSeconds() + Self.patience
        let events = try EventStream(
            kubectl, ["get", "pods", "--field-selector", "metadata.name=\(pod)"])
        var isThere = false
        while !events.isOver {
            for event in try events.read() {
                guard event["type"] != "DELETED" else { return .deleted }
                guard let now = event["object"].flatMap({ KubernetesPod($0) }) else { continue }
                isThere = true
                if let end = now.end(of: container) { return end }
            }
            let left = deadline - monotonicSeconds()
            // Of a pod that is not there, no event ever comes.
            guard left > 0 else { return isThere ? nil : .deleted }
            try EventStream.wait([events], seconds: left)
        }
        return nil
    }
}
