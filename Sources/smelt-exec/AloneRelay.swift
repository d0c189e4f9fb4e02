import Glibc
import Sandbox
import Smelt

/// Carries what a command prints to our own 1 and 2, and counts it; and between a terminal of the command's and the
/// caller. Each stream keeps its order; a slow reader of ours slows the command down and nothing else.
final class AloneRelay {
    private var streams: [Stream] = []
    private(set) var commandEnds: (output: Int32, errors: Int32) = (-1, -1)
    /// On the monotonic clock.
    private(set) var lastPrinted = monotonicSeconds()
    private var printed = 0
    /// Whether what was typed last ended in the middle of a line.
    private var isLineBegun = false
    private let most: Int
    /// Why something that was printed could not be passed on, for the first time; nobody who listens is EPIPE.
    private(set) var lost: SystemFault?

    private struct Stream {
        var reading: Int32
        let writing: Int32
        /// What is typed, on its way in.
        var isInput = false
        /// Somebody else closes the descriptors.
        var isBorrowed = false
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

    /// Between the caller's streams and a terminal of the command's.
    init(most: Int?, terminal: Terminal) {
        self.most = most ?? .max
        streams = [
            Stream(reading: terminal.descriptor, writing: 1, isBorrowed: true),
            Stream(reading: 0, writing: terminal.descriptor, isInput: true, isBorrowed: true),
        ]
    }

    deinit {
        for stream in streams where stream.reading >= 0 && !stream.isBorrowed {
            close(stream.reading)
        }
    }

    func closeCommandEnds() {
        guard commandEnds.output >= 0 else { return }
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

    /// Something waits for a slow reader of ours, and what the command prints is not read meanwhile.
    var isHeldUp: Bool { streams.contains { !$0.held.isEmpty } }

    /// Does what can be done at once; false when more was printed than allowed.
    func move(_ ready: ArraySlice<pollfd>) -> Bool {
        for (index, state) in zip(streams.indices, ready) where state.revents != 0 {
            if streams[index].held.isEmpty { read(index) } else { write(index) }
        }
        return printed <= most
    }

    /// The rest, after everything inside has ended and so nobody writes any more.
    func drain() {
        streams.removeAll { $0.isInput }
        while streams.contains(where: { $0.reading >= 0 || !$0.held.isEmpty }) {
            var states = waiting
            if poll(&states, nfds_t(states.count), -1) < 0, errno != EINTR {
                lost = lost ?? SystemFault(errno, "wait for", "the rest of the output")
                return
            }
            _ = move(states[...])
        }
    }

    private func read(_ index: Int) {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = retrying { Glibc.read(streams[index].reading, &bytes, bytes.count) }
        if count < 0, errno == EAGAIN { return }
        // A terminal whose other end nobody has any more says EIO.
        if count < 0, !streams[index].isBorrowed {
            lost = lost ?? SystemFault(errno, "read", "the output")
        }
        guard count > 0 else { return end(index) }
        if streams[index].isInput {
            isLineBegun = bytes[count - 1] != 10
            streams[index].held = bytes[..<count]
            return
        }
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
            // It may have been unable to print until now.
            lastPrinted = monotonicSeconds()
        } else if errno != EAGAIN {
            let stream = streams[index]
            if !stream.isInput {
                let name = stream.writing == 1 ? "standard output" : "standard error"
                lost = lost ?? SystemFault(errno, "write", name)
            }
            // The command learns it as it would without us; by a terminal it cannot, which is hung up then.
            streams[index].held = []
            end(index)
        }
    }

    private func end(_ index: Int) {
        let stream = streams[index]
        guard stream.reading >= 0 else { return }
        streams[index].reading = -1
        // A terminal has no end: its line editor takes one key for it, at the beginning of a line.
        if stream.isInput { streams[index].held = isLineBegun ? [4, 4] : [4] }
        if !stream.isBorrowed { close(stream.reading) }
    }
}
