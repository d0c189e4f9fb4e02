package import Records

/// A pod as the cluster tells of it.
package struct KubernetesPod: Equatable, Sendable {
    package let name: String
    /// The node's address.
    package let host: String?
    /// The names of the containers that run and can be entered. Of a pod that has failed none can, whatever is said of them until
    /// they have ended.
    package let running: [String]
    private let status: JSONValue
    package let state: State
    /// What the image of smelt's own containers is, `name@sha256:…`; nil where the node does not know.
    package let image: String?

    package enum State: Equatable, Sendable {
        /// Not yet; perhaps with what it waits for.
        case waiting(String?)
        /// Every container runs.
        case ready
        /// It will not come to run, or runs no more.
        case over(PodEnd)
    }

    /// Of an object of `kubectl get pod -o json`; nil when it is none.
    package init?(_ pod: JSONValue) {
        guard pod["kind"]?.text == "Pod", let metadata = pod["metadata"],
            let name = metadata["name"]?.text
        else { return nil }
        self.name = name
        status = pod["status"] ?? [:]
        let containers = status["containerStatuses"]?.elements ?? []
        host = status["hostIP"]?.text
        let isOver = ["Failed", "Succeeded"].contains(status["phase"]?.text ?? "")
        running = containers.filter { !isOver && $0["state"]?["running"] != nil }.compactMap {
            $0["name"]?.text
        }
        // They are listed by name, and a template may bring some of its own.
        image = containers.first { $0["name"]?.text == KubernetesOrder.keeper }?["imageID"]?.text
            .flatMap(Self.digest)
        state = Self.state(
            status, containers, wanted: pod["spec"]?["containers"]?.elements.count ?? 0,
            isDeleted: metadata["deletionTimestamp"] != nil)
    }

    /// Why a container does not run any more; nil while it does, or where nobody says.
    package func end(of container: String) -> PodEnd? {
        let own = status["containerStatuses"]?.elements.filter { $0["name"]?.text == container }
        if let end = PodEnd(status, own ?? []) { return end }
        return state == .over(.deleted) ? .deleted : nil
    }

    private static func digest(_ image: String) -> String? {
        guard !image.isEmpty else { return nil }
        // "docker-pullable://name@sha256:…", "docker://sha256:…", or without the scheme.
        guard let mark = image.firstRange(of: "://") else { return image }
        return String(image[mark.upperBound...])
    }

    private static func state(
        _ status: JSONValue, _ containers: [JSONValue], wanted: Int, isDeleted: Bool
    ) -> State {
        if let end = PodEnd(status, containers) { return .over(end) }
        if isDeleted { return .over(.deleted) }
        let running = containers.filter { $0["state"]?["running"] != nil }.count
        if running == wanted, wanted > 0 { return .ready }
        // The registry's words are those of the failure; the back-off after it repeats them in newer versions only.
        let errors = containers.compactMap { $0["state"]?["waiting"] }
            .filter { $0["reason"] == "ErrImagePull" }.compactMap { $0["message"]?.text }
        for container in containers {
            guard let waiting = container["state"]?["waiting"] else { continue }
            let reason = waiting["reason"]?.text ?? ""
            let message = waiting["message"]?.text
            let image = container["image"]?.text ?? ""
            if reason == "ImagePullBackOff", let error = errors.first {
                return .over(.image(image, reason: error))
            }
            if let end = PodEnd(waiting: reason, message, image: image) { return .over(end) }
            if reason == "ErrImagePull" { return .waiting(message) }
        }
        for condition in status["conditions"]?.elements ?? []
        where condition["type"] == "PodScheduled" && condition["status"] == "False" {
            return .waiting(condition["message"]?.text ?? condition["reason"]?.text)
        }
        return .waiting(nil)
    }
}
