import Glibc
import Records
import Smelt
import Testing

@testable import Manifest
@testable import Toml

/// `[kubernetes]`: where in a cluster the pod runs.
struct KubernetesTests {
    static let head = "[environment]\nruntime='kubernetes'\nimage='i'\n"

    static func whole(_ text: String) -> String {
        ReaderTests.head + ReaderTests.session + ReaderTests.merge + head + text
    }

    static func target(_ text: String) throws -> KubernetesTarget? {
        try ReaderTests.manifest(whole("[kubernetes]\nnamespace = 'n'\n" + text)).job.kubernetes
    }

    @Test func `every key has its effect`() throws {
        let target = try Self.target(
            """
            context = "c"
            service_account = "runner"
            ssh_key_env = "NO_SUCH_KEY"
            cpu_request = "250m"
            memory_request = "512Mi"
            node_selector = { "kubernetes.io/arch" = "amd64" }
            tolerations = [{ key = "gpu", operator = "Exists", effect = "NoExecute", tolerationSeconds = 5 }]
            affinity.nodeAffinity = {}
            priority_class = "low"
            image_pull_secrets = ["registry"]
            runtime_class = "gvisor"
            labels = { "kueue.x-k8s.io/queue-name" = "agents" }
            annotations = { "example.com/why" = "a b" }
            user = 1000770000
            start_timeout = "6h"
            ttl = 60
            """)
        var expected = KubernetesTarget(namespace: "n", startSeconds: 21_600, ttlSeconds: 60)
        expected.context = "c"
        expected.serviceAccount = "runner"
        expected.sshKeyEnv = "NO_SUCH_KEY"
        expected.cpuRequest = "250m"
        expected.memoryRequest = "512Mi"
        expected.nodeSelector = ["kubernetes.io/arch": "amd64"]
        expected.tolerations = [
            .object([
                "key": .string("gpu"), "operator": .string("Exists"),
                "effect": .string("NoExecute"), "tolerationSeconds": .integer(5),
            ])
        ]
        expected.affinity = .object(["nodeAffinity": .object([:])])
        expected.priorityClass = "low"
        expected.imagePullSecrets = ["registry"]
        expected.runtimeClass = "gvisor"
        expected.labels = ["kueue.x-k8s.io/queue-name": "agents"]
        expected.annotations = ["example.com/why": "a b"]
        expected.user = 1_000_770_000
        #expect(target == expected)
    }

    @Test func `what is left out has its default`() throws {
        #expect(try Self.target("") == KubernetesTarget(namespace: "n"))
    }

    @Test func `the older names of the limits are the limits`() throws {
        let job = try ReaderTests.manifest(
            Self.whole("[kubernetes]\nnamespace='n'\ncpu_limit='1500m'\nmemory_limit='2Gi'\n")
        ).job
        #expect(job.limits.cpu == 1.5)
        #expect(job.limits.memoryBytes == 2 << 30)
    }

    @Test(arguments: [
        ("namespace='N'", "kubernetes.namespace: 'N' is no name in Kubernetes"),
        ("namespace='a.b'", "'a.b' is no name"),
        ("service_account='-a'", "'-a' is no name"),
        ("priority_class='a..b'", "'a..b' is no name"),
        ("image_pull_secrets=['a','B']", "kubernetes.image_pull_secrets[1]: 'B' is no name"),
        ("cpu_request='much'", "kubernetes.cpu_request must be a quantity"),
        ("cpu_limit='0'", "kubernetes.cpu_limit must be a quantity"),
        ("cpu_limit='1'\ncpu_request='1001m'", "kubernetes.cpu_request is more than the limit"),
        ("memory_limit='1G'\nmemory_request='1Gi'", "memory_request is more than the limit"),
        ("cpu_limit='1'\n[limits]\ncpu=1", "kubernetes.cpu_limit and limits.cpu are the same"),
        ("memory_limit='1G'\n[limits]\nmemory='1G'", "memory_limit and limits.memory are the same"),
        ("labels={'a b'='c'}", "'a b' is no key of a label"),
        ("labels={'a/b/c'='c'}", "'a/b/c' is no key of a label"),
        ("labels={a='b c'}", "'b c' is no label"),
        ("labels={'smelt.run'='c'}", "'smelt.run' is set by smelt"),
        ("labels={'app.kubernetes.io/managed-by'='c'}", "managed-by' is set by smelt"),
        ("cpu_limit='9m'", "kubernetes.cpu_limit must be from \"10m\" to \"4096\""),
        ("cpu_limit='5k'", "kubernetes.cpu_limit must be from"),
        ("memory_limit='100m'", "kubernetes.memory_limit must be from 1 byte to 1 PiB"),
        ("memory_limit='2Pi'", "kubernetes.memory_limit must be a quantity"),
        ("annotations={'smelt.x'='c'}", "'smelt.x' is set by smelt"),
        ("node_selector={'/a'='c'}", "'/a' is no key of a label"),
        ("tolerations=[{value='x'}]", "kubernetes.tolerations[0] names no key"),
        ("tolerations=[{key='a', opreator='Equal'}]", "did you mean 'operator'?"),
        ("tolerations=[{key='a', effect='Never'}]", "effect must be one of NoSchedule"),
        ("user=0", "kubernetes.user must be a whole number from 1"),
        ("ttl='0s'", "kubernetes.ttl must be more than 0 seconds"),
        ("pod_template='no-such-file'", "'no-such-file' is no pod"),
        ("affinity='x'", "kubernetes.affinity must be a table"),
        ("node='x'", "has no key 'node'"),
    ])
    func `this is refused`(text: String, sentence: String) {
        let namespace = text.hasPrefix("namespace") ? "" : "namespace = 'n'\n"
        let problems = ReaderTests.problems(whole: Self.whole("[kubernetes]\n\(namespace)\(text)"))
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.contains(sentence) == true, "\(problems)")
    }

    @Test func `a name of Kubernetes has at most so many characters`() {
        let long = String(repeating: "a", count: 63)
        #expect(KubernetesNames.isLabel(long) && !KubernetesNames.isLabel(long + "a"))
        #expect(KubernetesNames.isValue(long) && !KubernetesNames.isValue(long + "a"))
        #expect(KubernetesNames.isSubdomain("\(long).\(long)"))
        #expect(!KubernetesNames.isSubdomain([long, long, long, long].joined(separator: ".")))
    }

    @Test func `quantities count as in Kubernetes`() {
        #expect(KubernetesNames.quantity("500m") == 0.5)
        #expect(KubernetesNames.quantity("2") == 2)
        #expect(KubernetesNames.quantity("1.5Gi") == 1.5 * 0x1p30)
        #expect(KubernetesNames.quantity("3k") == 3000)
        for text in ["", "m", "-1", "1 G", "1Kib", ".", "0", "1.2.3"] {
            #expect(KubernetesNames.quantity(text) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        (#"{"kind":"Pod","metadata":{"labels":{}},"spec":{"volumes":[]},"status":{}}"#, true),
        (
            #"{"kind":"PodTemplate","template":{"spec":{"volumes":[]},"metadata":{"labels":{}}}}"#,
            true
        ),
        (#"{"spec":{"volumes":[]},"metadata":{"labels":{}}}"#, true),
        (#"{"kind":"Deployment","spec":{}}"#, false), (#"{"kind":"Pod"}"#, false),
        (#"{"spec":{"containers":[{"name":"session","env":[]}]}}"#, false),
        (#"{"spec":{"containers":[{"name":"session","envFrom":[]}]}}"#, false),
        ("kind: Pod", false), ("[]", false), (#"{"spec":[]}"#, false),
    ])
    func `a template is a pod in JSON`(text: String, isGood: Bool) throws {
        guard isGood else {
            #expect(throws: PodTemplate.Problem.self) { try PodTemplate.read(Array(text.utf8)) }
            return
        }
        #expect(
            try PodTemplate.read(Array(text.utf8))
                == .object([
                    "metadata": .object(["labels": .object([:])]),
                    "spec": .object(["volumes": .array([])]),
                ]))
    }

    @Test func `variables of a template are refused with where they belong`() {
        let text = #"{"spec":{"containers":[{"name":"p","env":[]},{"name":"session","env":[]}]}}"#
        let problem = #expect(throws: PodTemplate.Problem.self) {
            try PodTemplate.read(Array(text.utf8))
        }
        #expect(problem?.description.contains("'env'") == true)
        #expect(problem?.description.contains("[[session]]") == true)
    }

    @Test func `a container beside the sessions has its own variables`() throws {
        let text = #"{"spec":{"containers":[{"name":"p","env":[]}]}}"#
        #expect(try PodTemplate.read(Array(text.utf8))["spec"] != nil)
    }

    @Test func `a template goes into the job whole`() throws {
        let path = "/tmp/smelt-test-\(getpid())-pod.json"
        defer { unlink(path) }
        try Files.replace(path, with: Array(#"{"spec":{"hostname":"h"}}"#.utf8))
        #expect(
            try Self.target("pod_template = '\(path)'")?.podTemplate
                == .object(["spec": .object(["hostname": .string("h")])]))
    }
}
