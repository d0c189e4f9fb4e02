import Glibc
import Smelt

/// Carries what a command prints to our own 1 and 2, and counts it. Each stream keeps its order; a slow reader
/// of ours slows the command down and nothing else.
final class AloneRelay {
    private var streams: [Stream] = []
    private(set) var commandEnds: (output: Int32, errors: Int32) = (-1, -1)
    /// On the monotonic clock.
    private(set) var lastPrinted = monotonicSeconds()
    private var printed = 0
    private let most: Int

    private struct Stream {
        var reading: Int32
        let writing: Int32
        var held: ArraySlice<UInt8> = []
    }

    init(most: Int?) throws {
        self.most = most ?? .max
        let output = try Descriptor.pipe()
        let errors = try Descriptor.pipe()
        commandEnds = (output.writing, errors.writing)
        streams = [
            Stream(reading: output.reading, writing: 1),
            Stream(reading: errors.reading, writing: 2),
        ]
    }

    deinit {
        for stream in streams where stream.reading >= 0 { close(stream.reading) }
    }

    func closeCommandEnds() {
        close(commandEnds.output)
        close(commandEnds.errors)
    }

    /// For each stream its reader while something is held, else its source.
    var waiting: [pollfd] {
        streams.map {
            $0.held.isEmpty
                ? pollfd(fd: $0.reading, events: Int16(POLLIN), revents: 0)
                : pollfd(fd: $0.writing, events: Int16(POLLOUT), revents: 0)
        }
    }

    /// Does what can be done at once; false when more was printed than allowed.
    func move(_ ready: ArraySlice<pollfd>) -> Bool {
        for (index, state) in zip(streams.indices, ready) where state.revents != 0 {
            if streams[index].held.isEmpty { read(index) } else { write(index) }
        }
        return printed <= most
    }

    /// The rest, after everything inside has ended and so nobody writes any more.
    func drain() {
        while streams.contains(where: { $0.reading >= 0 || !$0.held.isEmpty }) {
            var states = waiting
            if poll(&states, nfds_t(states.count), -1) < 0, errno != EINTR { return }
            _ = move(states[...])
        }
    }

    private func read(_ index: Int) {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = retrying { Glibc.read(streams[index].reading, &bytes, bytes.count) }
        guard count > 0 else { return end(index) }
        lastPrinted = monotonicSeconds()
        printed += count
        // What goes over the limit is not passed on.
        streams[index].held = bytes[..<max(0, count - max(0, printed - most))]
    }

    private func write(_ index: Int) {
        // A pipe that is ready takes this much without blocking.
        let part = streams[index].held.prefix(4096)
        let count = part.withUnsafeBytes { raw in
            retrying { Glibc.write(streams[index].writing, raw.baseAddress, raw.count) }
        }
        if count > 0 {
            streams[index].held = streams[index].held.dropFirst(count)
        } else if errno != EAGAIN {
            // Nobody listens any more: the command learns it as it would without us.
            streams[index].held = []
            end(index)
        }
    }

    private func end(_ index: Int) {
        if streams[index].reading >= 0 { close(streams[index].reading) }
        streams[index].reading = -1
    }
}
