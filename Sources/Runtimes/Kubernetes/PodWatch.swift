internal import FoundationEssentials
internal import Glibc
internal import Records
internal import Smelt

/// Follows a run's pod from the job's creation until it runs, by the events that the cluster sends.
package struct PodWatch {
    private let kubectl: Kubectl
    private let order: KubernetesOrder
    /// Told once of each new reason to wait.
    private let tell: (String) -> Void

    package init(_ kubectl: Kubectl, _ order: KubernetesOrder, tell: @escaping (String) -> Void) {
        self.kubectl = kubectl
        self.order = order
        self.tell = tell
    }

    /// The pod, once all its containers run, and how many were lost before it.
    package func waitUntilReady() throws -> (pod: KubernetesPod, lost: Int) {
        let deadline = monotonicSeconds() + order.target.startSeconds
        var findings = StartFindings(retries: KubernetesOrder.retries)
        while true {
            // The server ends a watch from time to time; the next one begins with what there is.
            let pods = try EventStream(kubectl, Self.pods(of: order))
            // Of the job, as long as there is no pod that could say more itself.
            var events = findings.hasPod ? nil : try EventStream(kubectl, Self.events(of: order))
            while !pods.isOver {
                let left = deadline - monotonicSeconds()
                guard left > 0 else {
                    throw KubernetesFault.notStarted(
                        seconds: order.target.startSeconds, reason: findings.waiting)
                }
                try EventStream.wait([pods] + (events.map { [$0] } ?? []), seconds: left)
                for object in try pods.read() { try findings.note(pod: object) }
                if findings.hasPod { events = nil }
                for object in try events?.read() ?? [] { try findings.note(event: object) }
                if let pod = findings.ready { return (pod, findings.lost.count) }
                if let news = findings.news() { tell(news) }
            }
            if let fault = pods.fault, fault.exit != .later { throw fault }
            try Self.rest()
        }
    }

    private static func pods(of order: KubernetesOrder) -> [String] {
        ["get", "pods", "--selector", "\(EngineLabel.run)=\(order.run)"]
    }

    private static func events(of order: KubernetesOrder) -> [String] {
        [
            "get", "events", "--field-selector",
            "involvedObject.kind=Job,involvedObject.name=\(order.name)",
        ]
    }

    /// A second, unless a signal comes.
    private static func rest() throws {
        var waiting = pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0)
        poll(&waiting, 1, 1000)
        try Interruption.check()
    }
}

/// What is known of a pod that is to start.
struct StartFindings {
    /// Pods that were lost before this number is up are made anew by the cluster.
    let retries: Int
    private(set) var ready: KubernetesPod?
    /// Why it is not there yet.
    private(set) var waiting: String?
    /// The cluster has made one.
    private(set) var hasPod = false
    private var told: String?
    private(set) var lost: Set<String> = []
    /// The registry's words, which the back-off after them does not repeat.
    private var imageErrors: [String: String] = [:]
    private var backedOff: Set<String> = []

    init(retries: Int) {
        self.retries = retries
    }

    /// Of an event of the watch: its type and the pod.
    mutating func note(pod event: JSONValue) throws {
        guard let pod = event["object"].flatMap({ KubernetesPod($0) }), ready == nil else { return }
        hasPod = true
        if event["type"] == "DELETED" { return try end(.deleted, of: pod) }
        switch pod.state {
        case .ready: ready = pod
        case .waiting(let reason):
            waiting = reason ?? waiting
            if let reason { imageErrors[pod.name] = reason }
        case .over(.image(let image, let reason)):
            let says = reason.hasPrefix("Back-off") && !reason.contains(": ")
            if says, imageErrors[pod.name] == nil, backedOff.insert(pod.name).inserted {
                // Nobody has told why; the next try does.
                waiting = reason
                return
            }
            throw PodEnd.image(image, reason: says ? imageErrors[pod.name] ?? reason : reason)
        case .over(let end): try self.end(end, of: pod)
        }
    }

    private mutating func end(_ end: PodEnd, of pod: KubernetesPod) throws {
        switch end {
        case .evicted, .nodeLost, .deleted:
            lost.insert(pod.name)
            waiting = "\(end)"
            if lost.count > retries { throw end }
        default: throw end
        }
    }

    /// Of an event about the job: what keeps the cluster from making a pod.
    mutating func note(event: JSONValue) throws {
        guard let object = event["object"], object["reason"] == "FailedCreate",
            let message = object["message"]?.text, ready == nil
        else { return }
        let fault = KubernetesFault("make the pod", complaint: message)
        // A quota may have room later; a rule stays.
        if case .refused = fault { throw fault }
        waiting = Visible.line(message)
    }

    /// A reason to wait that was not told yet.
    mutating func news() -> String? {
        guard let waiting, waiting != told else { return nil }
        told = waiting
        return Visible.line(waiting)
    }
}
