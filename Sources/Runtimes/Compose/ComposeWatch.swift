internal import Glibc
internal import Smelt

/// Waits until a project's services are ready, by what the engine tells of its containers: a look at them after every
/// event, and none without.
final class ComposeWatch {
    private let project: ComposeProject
    /// `docker events`, which ends with us.
    private let process: Coprocess
    private let events: Descriptor
    private let deadline: Double
    private let patience: Double
    private var hasBegun = false

    /// `since` is a time of the engine's clock: what happened from then on is told, however late the listening begins.
    /// `deadline` is one of `monotonicSeconds`.
    init(_ project: ComposeProject, since: String, until deadline: Double, patience: Double) throws
    {
        self.project = project
        self.deadline = deadline
        self.patience = patience
        let pipe = try Descriptor.pipe()
        events = Descriptor(owning: pipe.reading)
        let writing = Descriptor(owning: pipe.writing)
        var words = ["events", "--since", since, "--filter", "type=container"]
        words += ["--filter", "label=com.docker.compose.project=\(project.name)"]
        for event in ["start", "die", "oom", "health_status", "destroy"] {
            words += ["--filter", "event=\(event)"]
        }
        var command = Command([Docker.program] + words + ["--format", "{{.Status}}"])
        command.output = .descriptor(writing.number)
        process = try command.start()
    }

    /// The containers, all ready. Throws the fault of the first service that fails, and of those that are not ready in time.
    func wait() throws -> [ComposeContainer] {
        var containers = try project.containers()
        guard !containers.isEmpty else { return [] }
        while true {
            if let fault = fault(of: containers) { throw fault }
            if containers.allSatisfy({ $0.readiness == .ready }) { return containers }
            guard try listen() else { throw late(containers) }
            // The first event, of what was started before, shows that from now on nothing is missed.
            containers = try project.containers()
        }
    }

    /// Of a service that does not run.
    func failure() throws -> ComposeFault? { fault(of: try project.containers()) }

    func late() throws -> ComposeFault { late(try project.containers()) }

    private func fault(of containers: [ComposeContainer]) -> ComposeFault? {
        for container in containers {
            guard case .failed(let why) = container.readiness else { continue }
            return .failed(
                service: container.service, why: why, check: container.check,
                lines: project.lastLines(of: container))
        }
        return nil
    }

    private func late(_ containers: [ComposeContainer]) -> ComposeFault {
        let waiting = containers.filter { $0.readiness == .waiting }
        return .late(
            services: Set(waiting.map(\.service)).sorted(), seconds: patience,
            lines: waiting.first.map(project.lastLines) ?? [])
    }

    /// Waits for the next event, or several; false when the time is over.
    private func listen() throws -> Bool {
        while true {
            try Interruption.check()
            let left = deadline - monotonicSeconds()
            guard left > 0 else { return false }
            var waiting = [
                pollfd(fd: events.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let ready = retrying { poll(&waiting, 2, Int32(min(left * 1000 + 1, 3e8))) }
            guard ready > 0, waiting[0].revents != 0 else { continue }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = retrying { read(events.number, &chunk, chunk.count) }
            guard count > 0 else {
                throw EngineFault.unreachable(
                    engine: Docker.program,
                    reason: "it told no more of what happens to '\(project.name)'")
            }
            return true
        }
    }
}
