internal import FoundationEssentials
internal import Glibc
internal import Records
internal import Smelt

/// A `kubectl get --watch` at work: a line for each event. Ended when let go.
final class EventStream {
    private var process: Coprocess?
    private let output: Descriptor
    private let errors: Descriptor
    private var rest: [UInt8] = []
    private(set) var isOver = false
    /// Why it is over, where kubectl failed. What it complains while all goes well is no fault, and a watch that a server
    /// ends has only become too old.
    private(set) var fault: KubernetesFault?

    /// Longer than any object that a cluster stores.
    private static let longest = 8 << 20

    init(_ kubectl: Kubectl, _ words: [String]) throws {
        let (printed, complained) = (try Descriptor.pipe(), try Descriptor.pipe())
        output = Descriptor(owning: printed.reading)
        errors = Descriptor(owning: complained.reading)
        let writing = Descriptor(owning: printed.writing)
        let complaining = Descriptor(owning: complained.writing)
        _ = fcntl(output.number, F_SETFL, O_NONBLOCK)
        var command = Command(
            kubectl.words(words + ["--watch", "--output-watch-events", "--output", "json"]))
        command.output = .descriptor(writing.number)
        process = try command.start(errors: complaining.number)
    }

    private func finish() {
        isOver = true
        let said = try? errors.readAll(upTo: 1 << 16, name: "kubectl")
        guard let process = process.take(), process.finish() != .exited(code: 0) else { return }
        fault = KubernetesFault(
            "watch the cluster", complaint: String(decoding: said ?? [], as: UTF8.self))
    }

    /// Waits until one of them has something to say, at most so long; a signal ends it as `Cancelled`.
    static func wait(_ streams: [EventStream], seconds: Double) throws {
        var waiting = streams.map {
            pollfd(fd: $0.isOver ? -1 : $0.output.number, events: Int16(POLLIN), revents: 0)
        }
        waiting.append(pollfd(fd: Interruption.descriptor, events: Int16(POLLIN), revents: 0))
        poll(&waiting, nfds_t(waiting.count), Int32(min(seconds, 3600) * 1000) + 1)
        try Interruption.check()
    }

    /// The events that have come since.
    func read() throws -> [JSONValue] {
        var events: [JSONValue] = []
        while !isOver {
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = retrying { Glibc.read(output.number, &chunk, chunk.count) }
            if count < 0, errno == EAGAIN { break }
            guard count > 0 else {
                finish()
                break
            }
            rest += chunk[..<count]
            while let end = rest.firstIndex(of: 10) {
                if let event = try? JSONDecoder().decode(
                    JSONValue.self, from: Data(rest[..<end]))
                {
                    events.append(event)
                }
                rest.removeSubrange(...end)
            }
            guard rest.count < Self.longest else {
                throw CommandFault.tooMuchOutput(command: "kubectl", limit: Self.longest)
            }
        }
        return events
    }
}
