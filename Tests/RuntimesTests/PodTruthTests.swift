import Records
import Smelt
import Testing

@testable import Runtimes

/// What is tried, and read, in a pod.
struct PodTruthTests {
    static let variables = [
        "KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443",
    ]

    @Test func `what every pod can reach is tried`() {
        #expect(
            PodConnection.targets(host: "192.0.2.9", variables: Self.variables)
                == ["192.0.2.9 10250", "10.96.0.1 443"])
    }

    @Test func `only an address and a port are tried`() {
        let odd = ["KUBERNETES_SERVICE_HOST": "$(id)", "KUBERNETES_SERVICE_PORT": "443"]
        #expect(PodConnection.targets(host: nil, variables: odd) == [])
    }

    @Test(arguments: [
        ("HOME", true), ("HOSTNAME", true), ("KUBERNETES_PORT", true), ("HOMEBREW_PREFIX", false),
        ("HOSTNAMES", false), ("PATH", false),
    ])
    func `the cluster's variables are left out, and no others`(name: String, isCluster: Bool) {
        #expect(PodConnection.isCluster(name) == isCluster)
    }
}
