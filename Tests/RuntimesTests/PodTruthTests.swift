import Records
import Smelt
import Testing

@testable import Runtimes

/// What is tried, and read, in a pod.
struct PodTruthTests {
    static let variables = [
        "KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443",
    ]

    @Test(arguments: [
        (Network(mode: .none), ["192.0.2.9 10250", "10.96.0.1 443"]),
        // Of another network's days.
        (
            Network(mode: .none, allow: ["192.0.2.9:10250"]),
            ["192.0.2.9 10250", "10.96.0.1 443"]
        ),
        (Network(mode: .allow, allow: ["192.0.2.7"]), ["192.0.2.9 10250", "10.96.0.1 443"]),
        (Network(mode: .allow, allow: ["10.96.0.1:443"]), ["192.0.2.9 10250"]),
        (Network(mode: .allow, allow: ["192.0.2.9:10250"]), ["10.96.0.1 443"]),
        (Network(mode: .allow, allow: ["192.0.2.9:22", "10.96.0.1"]), []),
    ])
    func `what is opened is not tried`(network: Network, targets: [String]) {
        #expect(
            PodConnection.targets(host: "192.0.2.9", variables: Self.variables, network: network)
                == targets)
    }

    @Test func `only an address and a port are tried`() {
        let odd = ["KUBERNETES_SERVICE_HOST": "$(id)", "KUBERNETES_SERVICE_PORT": "443"]
        #expect(
            PodConnection.targets(host: nil, variables: odd, network: Network(mode: .none)) == [])
    }

    @Test(arguments: [
        ("HOME", true), ("HOSTNAME", true), ("KUBERNETES_PORT", true), ("HOMEBREW_PREFIX", false),
        ("HOSTNAMES", false), ("PATH", false),
    ])
    func `the cluster's variables are left out, and no others`(name: String, isCluster: Bool) {
        #expect(PodConnection.isCluster(name) == isCluster)
    }
}
