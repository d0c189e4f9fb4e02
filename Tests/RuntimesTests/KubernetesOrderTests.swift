import Records
import Smelt
import Testing

@testable import Runtimes

/// The documents that a cluster is asked with.
struct KubernetesOrderTests {
    static func order(
        _ target: KubernetesTarget = KubernetesTarget(namespace: "n"), limits: Limits = Limits(),
        network: Network = Network(), slots: Int = 1, job: String = "j"
    ) -> KubernetesOrder {
        KubernetesOrder(
            run: RunID.make(), job: job, owner: "o", lease: "-build host_1.example-:/l",
            image: "i:1",
            target: target, limits: limits,
            network: network, user: 1_900_000_001, slots: slots)
    }

    static func policy(_ order: KubernetesOrder) -> JSONValue {
        order.objects["items"]?.elements[0] ?? [:]
    }
    static func job(_ order: KubernetesOrder) -> JSONValue {
        order.objects["items"]?.elements[1] ?? [:]
    }
    static func pod(_ order: KubernetesOrder) -> JSONValue {
        job(order)["spec"]?["template"]?["spec"] ?? [:]
    }

    static func container(_ name: String, of pod: JSONValue) -> JSONValue? {
        pod["containers"]?.elements.first { $0["name"]?.text == name }
    }

    @Test func `the policy is there before the pod`() {
        let kinds = Self.order().objects["items"]?.elements.map { $0["kind"]?.text }
        #expect(kinds == ["NetworkPolicy", "Job"])
    }

    @Test func `everything says whose it is`() {
        let order = Self.order(job: String(repeating: "a", count: 62) + "_long-name")
        let things = [
            Self.policy(order), Self.job(order), Self.job(order)["spec"]?["template"] ?? [:],
        ]
        for thing in things {
            let labels = thing["metadata"]?["labels"]
            #expect(labels?["smelt.run"]?.text == "\(order.run)")
            #expect(labels?["smelt.owner"]?.text == "o")
            #expect(labels?["smelt.lease"]?.text == "build-host_1.example")
            #expect(labels?["smelt.job"]?.text == String(repeating: "a", count: 62))
        }
        let annotations = Self.job(order)["metadata"]?["annotations"]
        #expect(annotations?["smelt.job"]?.text == order.job)
        #expect(annotations?["smelt.lease"]?.text == order.lease)
    }

    @Test func `labels of the user's cannot be those of ours`() {
        var target = KubernetesTarget(namespace: "n")
        target.labels = ["smelt.owner": "somebody", "queue": "q"]
        let labels = Self.job(Self.order(target))["metadata"]?["labels"]
        #expect(labels?["smelt.owner"] == "o")
        #expect(labels?["queue"] == "q")
    }

    @Test func `a pod is confined as the profile restricted asks`() {
        let pod = Self.pod(Self.order(slots: 2))
        #expect(pod["automountServiceAccountToken"] == false)
        #expect(pod["securityContext"]?["runAsNonRoot"] == true)
        #expect(pod["securityContext"]?["seccompProfile"]?["type"] == "RuntimeDefault")
        #expect(pod["containers"]?.elements.count == 6)
        for container in pod["containers"]?.elements ?? [] {
            let walls = container["securityContext"]
            #expect(walls?["allowPrivilegeEscalation"] == false)
            #expect(walls?["readOnlyRootFilesystem"] == true)
            #expect(walls?["capabilities"]?["drop"] == ["ALL"])
        }
    }

    @Test func `no two containers share what they can write`() {
        let containers = Self.pod(Self.order(slots: 3))["containers"]?.elements ?? []
        var writers: [String: Set<String>] = [:]
        var wholes: Set<String> = []
        for container in containers {
            for mount in container["volumeMounts"]?.elements ?? [] where mount["readOnly"] != true {
                let (name, part) = (mount["name"]?.text ?? "", mount["subPath"]?.text)
                writers["\(name)/\(part ?? "")", default: []].insert(
                    container["name"]?.text ?? "")
                if part == nil { wholes.insert(name) }
            }
        }
        // Of each its own of the lease, two parts of work, memory, secrets and shm; and the base.
        #expect(writers.count == 8 * 6 + 1)
        #expect(writers.values.allSatisfy { $0.count == 1 })
        // Who can write a whole volume could write every part of it.
        #expect(
            !writers.keys.contains { key in
                wholes.contains { key.hasPrefix("\($0)/") && key != "\($0)/" }
            })
    }

    @Test func `of the lease a session sees its own and the keeper's, and it is small`() {
        let pod = Self.pod(Self.order(slots: 2))
        let mounts = Self.container("session-2", of: pod)?["volumeMounts"]?.elements.filter {
            $0["name"] == "lease"
        }
        #expect(
            mounts == [
                [
                    "name": "lease", "mountPath": "/run/smelt-lease/keeper", "subPath": "keeper",
                    "readOnly": true,
                ],
                [
                    "name": "lease", "mountPath": "/run/smelt-lease/session-2",
                    "subPath": "session-2",
                ],
            ])
        let lease = pod["volumes"]?.elements.first { $0["name"] == "lease" }
        #expect(lease?["emptyDir"]?["sizeLimit"] == "16Mi")
    }

    @Test func `limits are asked for, too`() {
        let limits = Limits(wallSeconds: 60, cpu: 1.5, memoryBytes: 1 << 30, diskBytes: 5000)
        let pod = Self.pod(Self.order(limits: limits))
        let resources = Self.container("session-1", of: pod)?["resources"]
        let all: JSONValue = ["cpu": "1500m", "memory": "1073741824"]
        #expect(resources?["limits"] == all)
        #expect(
            resources?["requests"] == [
                "cpu": "1500m", "memory": "1073741824", "ephemeral-storage": "5000",
            ])
        let work = pod["volumes"]?.elements.first { $0["name"] == "session-1-work" }
        #expect(work?["emptyDir"]?["sizeLimit"] == "5000")
        #expect(pod["activeDeadlineSeconds"] == 1860)
        let gate = Self.container("gate-1", of: pod)?["resources"]
        #expect(gate?["limits"] == all)
        #expect(gate?["requests"]?["memory"] == "1Mi")
    }

    @Test func `without limits a session leaves it to the namespace, and its gate asks for little`()
    {
        let pod = Self.pod(Self.order())
        #expect(Self.container("session-1", of: pod)?["resources"]?["requests"] == [:])
        for name in ["gate-1", "rescue"] {
            #expect(
                Self.container(name, of: pod)?["resources"]?["requests"]
                    == ["cpu": "1m", "memory": "1Mi"])
        }
    }

    @Test func `less can be asked for than is allowed`() {
        var target = KubernetesTarget(namespace: "n")
        target.cpuRequest = "100m"
        let order = Self.order(target, limits: Limits(cpu: 1))
        let resources = Self.container("session-1", of: Self.pod(order))?["resources"]
        #expect(resources?["requests"]?["cpu"] == "100m")
        #expect(resources?["limits"]?["cpu"] == "1000m")
    }

    static let networks: [(Network, JSONValue, JSONValue?)] = [
        (Network(mode: .none), ["Ingress", "Egress"], []),
        (Network(mode: .host), ["Ingress"], nil),
        // What it opens smelt-egress lets through; the pod has no more than with none.
        (
            Network(mode: .allow, allow: ["192.0.2.7:443", "a.example"]), ["Ingress", "Egress"], []
        ),
    ]

    @Test(arguments: networks)
    func `the network is as the manifest opens it`(
        network: Network, types: JSONValue, egress: JSONValue?
    ) {
        let spec = Self.policy(Self.order(network: network))["spec"]
        #expect(spec?["policyTypes"] == types)
        #expect(spec?["ingress"] == [])
        #expect(spec?["egress"] == egress)
    }

    @Test(arguments: networks)
    func `names are asked for nowhere unless all is open`(
        network: Network, _: JSONValue, _: JSONValue?
    ) {
        let pod = Self.pod(Self.order(network: network))
        let isOpen = network.mode == .host
        #expect(pod["dnsPolicy"] == (isOpen ? nil : "None"))
        #expect(pod["dnsConfig"]?["nameservers"] == (isOpen ? nil : ["127.0.0.1"]))
    }

    @Test func `what a cluster has no words for is named`() {
        let limits = Limits(
            cpu: 1, cpuWeight: 1, cpus: "0", memoryHighBytes: 1, swapBytes: 1, processes: 1,
            ioWeight: 1,
            ioReadBytesPerSecond: 1, ioWriteBytesPerSecond: 1, ioReadOperationsPerSecond: 1,
            ioWriteOperationsPerSecond: 1)
        let job = Job(
            name: "j", repository: "/r", baseRef: "main",
            environment: JobEnvironment(runtime: .kubernetes, image: "i"), sessions: [],
            limits: limits,
            network: Network(
                mode: .allow, allow: ["192.0.2.7", "a.example", "GET 192.0.2.8/x"],
                resolvers: ["192.0.2.53"], trafficBytes: 1),
            merge: Merge(target: "t"))
        let enforcement = KubernetesEnforcement(job)
        #expect(
            enforcement.missing == [
                "limits.cpu_weight", "limits.cpus", "limits.memory_high", "limits.swap",
                "limits.processes", "limits.io_weight", "limits.io_read", "limits.io_write",
                "limits.io_read_ops",
                "limits.io_write_ops",
            ])
        #expect(enforcement.limits == Limits(cpu: 1))
        #expect(enforcement.network == job.network)
    }

    @Test func `a template adds and takes nothing away`() {
        var target = KubernetesTarget(namespace: "n")
        target.podTemplate = [
            "metadata": ["labels": ["smelt.run": "x", "team": "t"]],
            "spec": [
                "hostNetwork": true,
                "shareProcessNamespace": true,
                "automountServiceAccountToken": true,
                "volumes": [
                    ["name": "cache", "emptyDir": [:]], ["name": "lease", "hostPath": [:]],
                ],
                "tolerations": [["operator": "Exists"]],
                "containers": [
                    [
                        "name": "session", "securityContext": ["readOnlyRootFilesystem": false],
                        "env": [["name": "HOME", "value": "/root"], ["name": "A", "value": "b"]],
                        "volumeMounts": [["name": "cache", "mountPath": "/cache"]],
                    ],
                    ["name": "proxy", "image": "p"],
                ],
            ],
        ]
        let order = Self.order(target, slots: 2)
        let pod = Self.pod(order)
        let labels = Self.job(order)["spec"]?["template"]?["metadata"]?["labels"]
        #expect(labels?["smelt.run"]?.text == "\(order.run)")
        #expect(labels?["team"] == "t")
        #expect(pod["automountServiceAccountToken"] == false)
        #expect(pod["hostNetwork"] == false)
        #expect(pod["shareProcessNamespace"] == false)
        #expect(pod["tolerations"] == [["operator": "Exists"]])
        let containers = pod["containers"]?.elements ?? []
        #expect(
            Set(containers.compactMap { $0["name"]?.text })
                == ["keeper", "rescue", "session-1", "session-2", "gate-1", "gate-2", "proxy"])
        for name in order.places {
            let container = Self.container(name, of: pod) ?? [:]
            #expect(container["securityContext"]?["readOnlyRootFilesystem"] == true)
            #expect(
                container["env"] == [
                    ["name": "HOME", "value": "/smelt/home"], ["name": "A", "value": "b"],
                ])
            #expect(
                container["volumeMounts"]?.elements.contains(
                    ["name": "cache", "mountPath": "/cache"]) == true)
        }
        #expect(
            pod["volumes"]?.elements.first { $0["name"] == "lease" }?["emptyDir"] != nil)
    }

    @Test func `the user is the environment's, unless the cluster prescribes one`() {
        #expect(Self.pod(Self.order())["securityContext"]?["runAsUser"] == 1_900_000_001)
        var target = KubernetesTarget(namespace: "n")
        target.user = 1000
        #expect(Self.pod(Self.order(target))["securityContext"]?["runAsUser"] == 1000)
    }
}
