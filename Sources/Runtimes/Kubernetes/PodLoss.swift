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
    func end() throws -> (any Fault)? {
        let end = try lastState()
        return end as? PodEnd == .deleted ? try removal() : end
    }

    private func lastState() throws -> (any Fault)? {
        let deadline = monotonicSeconds() + Self.patience
        while true {
            let events = try EventStream(
                kubectl, ["get", "pods", "--field-selector", "metadata.name=\(pod)"])
            if let end = try end(events, until: deadline) { return end }
            // Of a cluster that does not answer nobody knows whether it runs.
            if let fault = events.fault { return fault }
            guard monotonicSeconds() < deadline else { break }
        }
        // Of a pod that is not there, no event ever comes.
        do {
            return try kubectl.pod(pod) == nil ? PodEnd.deleted : nil
        } catch let fault as KubernetesFault {
            return fault
        }
    }

    private func end(_ events: EventStream, until deadline: Double) throws -> PodEnd? {
        while !events.isOver {
            for event in try events.read() {
                guard event["type"] != "DELETED" else { return .deleted }
                guard let now = event["object"].flatMap({ KubernetesPod($0) }) else { continue }
                if let end = now.end(of: container) { return end }
            }
            let left = deadline - monotonicSeconds()
            guard left > 0 else { return nil }
            try EventStream.wait([events], seconds: left)
        }
        return nil
    }

    /// Who removed it. Before Kubernetes 1.26 no condition of the pod says that it went for its node's sake, but an event of the
    /// manager of taints does, which takes the pods off a node that is lost.
    private func removal() throws -> PodEnd {
        let events = try kubectl.events(
            of: pod, reason: "TaintManagerEviction")
        return events.last.map { .nodeLost(reason: $0) } ?? .deleted
    }
}
