import FoundationEssentials
import Testing

@testable import Runtimes

/// What docker 20.10 and podman 4.3 answer to `docker info`, shortened.
@Suite struct DockerInfoTests {
    private func read(_ text: String) throws -> DockerInfo {
        try JSONDecoder().decode(DockerInfo.self, from: Data(text.utf8))
    }

    @Test func dockerSaysWhatItsKernelCounts() throws {
        let info = try read(
            """
            {"ID": "OQ6W:Y2VK", "Name": "host", "MemoryLimit": true, "SwapLimit": false, "PidsLimit": true,
             "CpuCfsQuota": true, "CPUShares": true, "SecurityOptions": ["name=seccomp,profile=default"]}
            """)
        #expect(info.identity == "OQ6W:Y2VK")
        #expect(!DockerInfo.isPodman(info.identity))
        #expect(info.counts(.memory) && info.counts(.processes) && info.counts(.cpuWeight))
        #expect(!info.counts(.swap))
        // It does not say.
        #expect(info.counts(.cpus))
        #expect(info.filtersCalls)
        #expect(try !read("{}").filtersCalls)
    }

    @Test(arguments: [(false, "podman:vm:/data"), (true, "podman:remote:vm:/data")])
    func podmanSaysWhichControllersItHas(_ isFar: Bool, _ identity: String) throws {
        let info = try read(
            """
            {"host": {"hostname": "vm", "serviceIsRemote": \(isFar), "cgroupControllers": ["memory", "pids"],
             "security": {"seccompEnabled": true}}, "store": {"graphRoot": "/data"}, "version": {"Version": "4.3.1"}}
            """)
        #expect(info.identity == identity)
        #expect(DockerInfo.isPodman(identity))
        #expect(DockerInfo.isFarPodman(identity) == isFar)
        #expect(info.counts(.memory) && info.counts(.swap) && info.counts(.processes))
        #expect(!info.counts(.cpu) && !info.counts(.cpuWeight) && !info.counts(.cpus))
        #expect(info.filtersCalls)
    }

    @Test(arguments: ["17b09170afed", "sha256:17b09170afed"])
    func anImageHasOneDigest(_ id: String) throws {
        let text = #"[{"Id": "\#(id)", "Architecture": "amd64", "Config": {"Env": null}}]"#
        let images = try JSONDecoder().decode([DockerImage].self, from: Data(text.utf8))
        #expect(images.first?.digest == "sha256:17b09170afed")
    }

    @Test func bothWaysToHaveNoImage() {
        #expect(DockerImage.isMissing("Error: No such image: nobody"))
        #expect(DockerImage.isMissing("Error: inspecting object: nobody: image not known"))
        #expect(!DockerImage.isMissing("Cannot connect to Podman"))
    }
}
