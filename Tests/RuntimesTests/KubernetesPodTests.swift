import Records
import Smelt
import Testing

@testable import Runtimes

/// Pods as clusters have told of them: on Kubernetes 1.20 and, where it differs, as later versions document it.
struct KubernetesPodTests {
    static func pod(
        _ status: JSONValue, containers: Int = 1, name: String = "p", deleted: Bool = false
    ) -> JSONValue {
        .members([
            "kind": "Pod",
            "metadata": .members([
                "name": .string(name),
                "deletionTimestamp": deleted ? "2026-01-01T00:00:00Z" : nil,
            ]),
            "spec": [
                "containers": .array((1...containers).map { ["name": .string("session-\($0)")] })
            ],
            "status": status,
        ])
    }

    static func container(_ state: JSONValue, name: String = "session-1") -> JSONValue {
        [
            "name": .string(name), "image": "i:1", "imageID": "docker-pullable://i@sha256:1",
            "state": state,
        ]
    }

    static let running = container(["running": [:]])

    static func waiting(_ reason: String, _ message: String? = nil) -> JSONValue {
        [
            "phase": "Pending",
            "containerStatuses": [
                container([
                    "waiting": .members([
                        "reason": .string(reason), "message": message.map(JSONValue.string),
                    ])
                ])
            ],
        ]
    }

    static func ended(_ reason: String, status: Int = 137) -> JSONValue {
        [
            "phase": "Failed",
            "containerStatuses": [
                container(["terminated": ["reason": .string(reason), "exitCode": .integer(status)]])
            ],
        ]
    }

    static func disrupted(_ reason: String) -> JSONValue {
        [
            "phase": "Failed",
            "conditions": [
                [
                    "type": "DisruptionTarget", "status": "True", "reason": .string(reason),
                    "message": "why",
                ]
            ],
        ]
    }

    static let states: [(JSONValue, KubernetesPod.State)] = [
        (["phase": "Pending"], .waiting(nil)),
        (waiting("ContainerCreating"), .waiting(nil)),
        (waiting("ErrImagePull", "denied"), .waiting("denied")),
        (waiting("ImagePullBackOff", "Back-off"), .over(.image("i:1", reason: "Back-off"))),
        (waiting("ErrImageNeverPull"), .over(.image("i:1", reason: "ErrImageNeverPull"))),
        (waiting("CreateContainerError", "x"), .over(.notCreated(reason: "x"))),
        (
            [
                "phase": "Pending",
                "conditions": [
                    [
                        "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                        "message": "0/1 nodes are available: 1 Insufficient cpu.",
                    ]
                ],
            ], .waiting("0/1 nodes are available: 1 Insufficient cpu.")
        ),
        (["phase": "Running", "containerStatuses": [running]], .ready),
        (ended("OOMKilled"), .over(.outOfMemory(container: "session-1"))),
        (
            ended("ContainerCannotRun", status: 127),
            .over(.notCreated(reason: "ContainerCannotRun"))
        ),
        (
            ended("Error", status: 3),
            .over(.ended(container: "session-1", status: 3, reason: "Error"))
        ),
        (
            [
                "phase": "Failed", "reason": "Evicted",
                "message": "The node was low on resource: memory.",
            ], .over(.evicted(reason: "The node was low on resource: memory."))
        ),
        (
            [
                "phase": "Failed", "reason": "DeadlineExceeded", "message": "too long",
                "containerStatuses": [running],
            ], .over(.deadline)
        ),
        (["phase": "Running", "reason": "NodeLost"], .over(.nodeLost(reason: "NodeLost"))),
        (disrupted("DeletionByTaintManager"), .over(.nodeLost(reason: "why"))),
        (disrupted("PreemptionByScheduler"), .over(.evicted(reason: "why"))),
        (
            ["phase": "Failed", "reason": "OutOfcpu", "message": "no room"],
            .over(.evicted(reason: "no room"))
        ),
    ]

    @Test(arguments: states)
    func `a pod's state is told`(status: JSONValue, state: KubernetesPod.State) {
        #expect(KubernetesPod(Self.pod(status))?.state == state)
    }

    @Test func `a pod that is being removed is over, one of whose containers lacks is not ready`() {
        let status: JSONValue = ["phase": "Running", "containerStatuses": [Self.running]]
        #expect(KubernetesPod(Self.pod(status, deleted: true))?.state == .over(.deleted))
        #expect(KubernetesPod(Self.pod(status, containers: 2))?.state == .waiting(nil))
    }

    @Test func `nothing can be entered of a pod that has failed`() {
        for (phase, names) in [("Running", ["session-1"]), ("Failed", [])] {
            let status: JSONValue = [
                "phase": .string(phase), "containerStatuses": [Self.running],
            ]
            #expect(KubernetesPod(Self.pod(status))?.running == names)
        }
    }

    @Test func `the image is what the node has, without the runtime's name`() {
        let proxy: JSONValue = [
            "name": "a-proxy", "imageID": "docker-pullable://p@sha256:2", "state": ["running": [:]],
        ]
        let keeper = Self.container(["running": [:]], name: "keeper")
        #expect(
            KubernetesPod(Self.pod(["containerStatuses": [proxy, keeper]]))?.image == "i@sha256:1")
        #expect(KubernetesPod(Self.pod(["containerStatuses": [proxy]]))?.image == nil)
    }

    // MARK: while it starts

    static func event(_ status: JSONValue, name: String = "p", type: String = "MODIFIED")
        -> JSONValue
    {
        ["type": .string(type), "object": pod(status, name: name)]
    }

    @Test func `the registry's words are kept when the node backs off`() throws {
        var findings = StartFindings(retries: 3)
        try findings.note(pod: Self.event(Self.waiting("ErrImagePull", "access denied")))
        #expect(findings.news() == "access denied")
        #expect(findings.news() == nil)
        let fault = #expect(throws: PodEnd.self) {
            try findings.note(
                pod: Self.event(Self.waiting("ImagePullBackOff", "Back-off pulling image")))
        }
        #expect(fault == .image("i:1", reason: "access denied"))
    }

    @Test func `a back-off without a word is waited for once`() throws {
        var findings = StartFindings(retries: 3)
        let silent = Self.event(Self.waiting("ImagePullBackOff", "Back-off pulling image \"i:1\""))
        try findings.note(pod: silent)
        #expect(findings.news() == "Back-off pulling image \"i:1\"")
        #expect(throws: PodEnd.self) { try findings.note(pod: silent) }
    }

    @Test func `one container's error is what the others wait for`() {
        let status: JSONValue = [
            "phase": "Pending",
            "containerStatuses": [
                Self.container(["waiting": ["reason": "ImagePullBackOff", "message": "Back-off"]]),
                Self.container(["waiting": ["reason": "ErrImagePull", "message": "denied"]]),
            ],
        ]
        #expect(
            KubernetesPod(Self.pod(status, containers: 2))?.state
                == .over(.image("i:1", reason: "denied")))
    }

    @Test func `a pod that is lost before it ran is waited for again, so often`() throws {
        var findings = StartFindings(retries: 1)
        let lost: JSONValue = ["phase": "Failed", "reason": "Evicted", "message": "full"]
        try findings.note(pod: Self.event(lost))
        try findings.note(pod: Self.event(lost, type: "DELETED"))
        #expect(throws: PodEnd.evicted(reason: "full")) {
            try findings.note(pod: Self.event(lost, name: "q"))
        }
        try findings.note(
            pod: Self.event(["phase": "Running", "containerStatuses": [Self.running]], name: "r"))
        #expect(findings.ready?.name == "r")
    }

    static func failure(_ message: String) -> JSONValue {
        ["type": "ADDED", "object": ["reason": "FailedCreate", "message": .string(message)]]
    }

    @Test func `a quota is waited for, a rule is not`() throws {
        var findings = StartFindings(retries: 1)
        let full = "pods \"p\" is forbidden: exceeded quota: q, requested: pods=1"
        try findings.note(event: Self.failure(full))
        #expect(findings.waiting == full)
        let rule = "pods \"p\" is forbidden: violates PodSecurity \"restricted:latest\""
        #expect(throws: KubernetesFault.refused(action: "make the pod", reason: rule)) {
            try findings.note(event: Self.failure(rule))
        }
    }

    @Test(arguments: [
        ("Error from server (Forbidden): jobs.batch is forbidden: User \"u\"", Exit.refused),
        ("error: You must be logged in to the server (Unauthorized)", .refused),
        ("Error from server (Forbidden): exceeded quota: q", .later),
        ("Error from server (NotFound): namespaces \"n\" not found", .missing),
        ("The Job \"j\" is invalid: spec.template.spec: x", .invalid),
        ("error: context \"c\" does not exist", .misconfigured),
        ("The connection to the server h:1 was refused - did you specify", .later),
        ("Unable to connect to the server: dial tcp: no route to host", .later),
        ("Warning: something\nerror: unknown\n\n", .unavailable),
        ("", .unavailable),
    ])
    func `who must act shows in the status`(complaint: String, exit: Exit) {
        let fault = KubernetesFault("make the job 'j'", complaint: complaint)
        #expect(fault.exit == exit)
        #expect("\(fault)".hasPrefix("could not make the job 'j': "))
        #expect(!"\(fault)".contains("Warning"))
    }
}
