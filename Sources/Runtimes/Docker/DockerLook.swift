internal import FoundationEssentials
package import Records
internal import Smelt

/// What an engine can do for a job, and with which image.
extension Docker {
    package func look(at job: Job) throws -> Readiness {
        let name = job.environment.image ?? ""
        // Both take the engine a moment, so they are asked at once.
        let asking = try DockerAsking(["info", "--format", "{{json .}}"])
        let image = try image(name, pulling: job.environment.pull ?? .missing)
        let info = try info(asking.finish())
        if let has = image.Architecture, has != Self.architecture {
            throw EngineFault.otherArchitecture(
                image: name, has: has, here: Self.architecture)
        }
        var readiness = Readiness(
            limits: job.limits, network: job.network, missing: [], imageDigest: image.digest,
            variables: Self.variables(image.Config?.Env ?? []), engine: info.identity)
        readiness.volumes = (image.Config?.Volumes ?? [:]).keys.sorted()
        if job.limits.diskBytes != nil { readiness.diskGuard = .watched }
        lessen(&readiness, info, job)
        try lessenFar(&readiness, job)
        return readiness
    }

    /// Takes out what only an engine of this host has: its files.
    private func lessenFar(_ readiness: inout Readiness, _ job: Job) throws {
        guard !job.workspace.mounts.isEmpty, try !isHere(readiness.engine) else { return }
        readiness.missing.append("workspace.mounts")
        readiness.reason = "the engine is not on this host"
    }

    /// Whether it sees this host's files.
    func isHere(_ engine: String) throws -> Bool {
        if DockerInfo.isPodman(engine) { return !DockerInfo.isFarPodman(engine) }
        let host =
            try Environment.nonEmpty("DOCKER_HOST")
            ?? run(
                ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"], to: "look at",
                "the context of docker")
        return host.hasPrefix("unix://")
    }

    func info() throws -> DockerInfo {
        try info(call(["info", "--format", "{{json .}}"]))
    }

    private func info(_ finished: Command.Finished) throws -> DockerInfo {
        guard finished.succeeded else { throw Self.fault(finished, "ask", Self.program) }
        let info = try decode(DockerInfo.self, finished.text, of: "docker info")
        // Newer commands end with 0 although nobody answered.
        if let error = info.ServerErrors?.first {
            throw EngineFault.unreachable(engine: Self.program, reason: Visible.line(error))
        }
        return info
    }

    func image(_ name: String, pulling: JobEnvironment.Pull) throws -> DockerImage {
        if pulling == .always { try pull(name) }
        var found = try call(["image", "inspect", "--", name])
        if !found.succeeded, pulling == .missing, DockerImage.isMissing(found.errors) {
            try pull(name)
            found = try call(["image", "inspect", "--", name])
        }
        guard found.succeeded else { throw Self.fault(found, "use the image", name) }
        let what = "docker image inspect"
        guard let image = try decode([DockerImage].self, found.text, of: what).first else {
            throw EngineFault.refused(
                action: "understand", object: what, reason: "it told of no image")
        }
        return image
    }

    private func pull(_ name: String) throws {
        try run(["pull", "--quiet", "--", name], to: "pull the image", name)
    }

    private static func variables(_ list: [String]) -> [String: String] {
        list.reduce(into: [:]) { variables, line in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, !parts[0].isEmpty {
                variables[String(parts[0])] = String(parts[1])
            }
        }
    }

    static let architecture = {
        #if arch(x86_64)
            "amd64"
        #elseif arch(arm64)
            "arm64"
        #else
            "unknown"
        #endif
    }()

    /// Takes out what the engine, or its host's kernel, does not enforce.
    private func lessen(_ readiness: inout Readiness, _ info: DockerInfo, _ job: Job) {
        let limits = job.limits
        func lack(_ isMissing: Bool, _ name: String, _ leave: (inout Limits) -> Void) {
            guard isMissing else { return }
            readiness.missing.append("limits.\(name)")
            leave(&readiness.limits)
        }
        lack(limits.memoryBytes != nil && !info.counts(.memory), "memory") {
            $0.memoryBytes = nil
        }
        // Docker bounds memory and swap together only where the kernel counts swap.
        let needsSwap = limits.memoryBytes != nil || limits.swapBytes != nil
        lack(needsSwap && !info.counts(.swap), "swap") { $0.swapBytes = nil }
        lack(limits.swapBytes != nil && limits.memoryBytes == nil, "swap") { $0.swapBytes = nil }
        lack(limits.processes != nil && !info.counts(.processes), "processes") {
            $0.processes = nil
        }
        lack(limits.cpu != nil && !info.counts(.cpu), "cpu") { $0.cpu = nil }
        lack(limits.cpuWeight != nil && !info.counts(.cpuWeight), "cpu_weight") {
            $0.cpuWeight = nil
        }
        lack(limits.cpus != nil && !info.counts(.cpus), "cpus") { $0.cpus = nil }
        lack(limits.memoryHighBytes != nil, "memory_high") { $0.memoryHighBytes = nil }
        lack(limits.ioWeight != nil, "io_weight") { $0.ioWeight = nil }
        lack(limits.ioReadBytesPerSecond != nil, "io_read") { $0.ioReadBytesPerSecond = nil }
        lack(limits.ioWriteBytesPerSecond != nil, "io_write") { $0.ioWriteBytesPerSecond = nil }
        lack(limits.ioReadOperationsPerSecond != nil, "io_read_ops") {
            $0.ioReadOperationsPerSecond = nil
        }
        lack(limits.ioWriteOperationsPerSecond != nil, "io_write_ops") {
            $0.ioWriteOperationsPerSecond = nil
        }
        if !info.filtersCalls { readiness.missing.append("sandbox.seccomp") }
    }
}
