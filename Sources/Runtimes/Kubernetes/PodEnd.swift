internal import Records
package import Smelt

/// Why a pod does not run, or no longer.
package enum PodEnd: Fault, Equatable {
    /// The registry's own words.
    case image(String, reason: String)
    /// The node could not make the container.
    case notCreated(reason: String)
    case evicted(reason: String)
    case outOfMemory(container: String)
    /// Of the pod, beyond the job's own time.
    case deadline
    case nodeLost(reason: String)
    /// Somebody removed it.
    case deleted
    /// A container's own process came to an end.
    case ended(container: String, status: Int, reason: String)

    /// Of a pod that has failed or succeeded, or one container of which ended; nil when none did.
    init?(_ status: JSONValue, _ containers: [JSONValue]) {
        let reason = status["reason"]?.text ?? ""
        let message = status["message"]?.text
        let phase = status["phase"]?.text
        switch reason {
        case "Evicted", "Preempting", "Preempted":
            self = .evicted(reason: message ?? reason)
            return
        case "DeadlineExceeded":
            self = .deadline
            return
        case "NodeLost", "NodeAffinity", "NodeShutdown", "Shutdown", "Terminated", "NodeReboot":
            self = .nodeLost(reason: message ?? reason)
            return
        default: break
        }
        for condition in status["conditions"]?.elements ?? []
        where condition["type"] == "DisruptionTarget" && condition["status"] == "True" {
            let reason = condition["message"]?.text ?? condition["reason"]?.text ?? ""
            switch condition["reason"]?.text {
            case "DeletionByTaintManager", "DeletionByPodGC": self = .nodeLost(reason: reason)
            default: self = .evicted(reason: reason)
            }
            return
        }
        for container in containers {
            guard let end = container["state"]?["terminated"] else { continue }
            let name = container["name"]?.text ?? ""
            let reason = end["message"]?.text ?? end["reason"]?.text ?? ""
            switch end["reason"]?.text {
            case "OOMKilled": self = .outOfMemory(container: name)
            case "ContainerCannotRun", "StartError": self = .notCreated(reason: reason)
            default:
                self = .ended(
                    container: name, status: end["exitCode"]?.whole ?? 0, reason: reason)
            }
            return
        }
        guard phase == "Failed" || phase == "Succeeded" else { return nil }
        // Refused by the node itself: OutOfcpu, UnexpectedAdmissionError and others.
        self = .evicted(reason: message ?? reason)
    }

    /// Of a container that waits; nil where waiting may help.
    init?(waiting reason: String, _ message: String?, image: String) {
        switch reason {
        // The first failure may be a moment's; the back-off says that it was tried again.
        case "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError",
            "RegistryUnavailable":
            self = .image(image, reason: message ?? reason)
        case "CreateContainerConfigError", "CreateContainerError", "RunContainerError",
            "CrashLoopBackOff", "StartError":
            self = .notCreated(reason: message ?? reason)
        default: return nil
        }
    }

    package var exit: Exit {
        switch self {
        case .image, .notCreated: .unavailable
        case .evicted, .nodeLost, .deleted: .later
        case .outOfMemory, .deadline, .ended: .no
        }
    }

    package var code: String {
        switch self {
        case .image: "image"
        case .notCreated: "container"
        case .evicted: "evicted"
        case .outOfMemory: "out_of_memory"
        case .deadline: "deadline"
        case .nodeLost: "node_lost"
        case .deleted: "pod_deleted"
        case .ended: "pod_ended"
        }
    }

    package var description: String {
        switch self {
        case .image(let image, let reason):
            "could not get the image '\(image)': \(Self.line(reason))"
        case .notCreated(let reason): "could not start the container: \(Self.line(reason))"
        case .evicted(let reason): "the cluster took the pod off its node: \(Self.line(reason))"
        case .outOfMemory(let container):
            "the container '\(container)' needed more than limits.memory and was killed as a whole"
        case .deadline: "the pod outlived the job's time and was ended by the cluster"
        case .nodeLost(let reason): "the pod's node was lost: \(Self.line(reason))"
        case .deleted: "the pod was removed by somebody else"
        case .ended(let container, let status, let reason):
            "the container '\(container)' ended with status \(status)"
                + (reason.isEmpty ? "" : ": \(Self.line(reason))")
        }
    }

    package var hint: String? {
        switch self {
        case .image: "look at environment.image, environment.pull and kubernetes.image_pull_secrets"
        case .evicted:
            "run it again, or set limits.memory and limits.disk so that the node has the room"
        case .outOfMemory: "set a higher limits.memory"
        case .nodeLost: "run it again"
        default: nil
        }
    }

    private static func line(_ text: String) -> String { Visible.line(text) }
}
