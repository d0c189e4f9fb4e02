@preconcurrency internal import Glibc

/// Feeds a running `Command` and reads what it prints until it ends.
struct Relay {
    private let command: Command
    private let child: pid_t
    private let input: Pipe
    private let output: Pipe
    private let errors: Pipe

    init(_ command: Command, child: pid_t, input: Pipe, output: Pipe, errors: Pipe) {
        self.command = command
        self.child = child
        self.input = input
        self.output = output
        self.errors = errors
    }

    func finish() throws -> Command.Finished {
        var printed: [UInt8] = []
        var complaints: [UInt8] = []
        var feeding: ArraySlice<UInt8> = []
        if case .bytes(let bytes) = command.input { feeding = bytes[...] }
        if feeding.isEmpty { input.closeWriting() }
        let deadline = command.timeout.map { monotonicSeconds() + $0 }
        var limit = Int.max
        if case .captured(let most) = command.output { limit = most }

        while output.reading >= 0 || errors.reading >= 0 {
            var waiting = [
                pollfd(fd: output.reading, events: Int16(POLLIN), revents: 0),
                pollfd(fd: errors.reading, events: Int16(POLLIN), revents: 0),
                pollfd(fd: input.writing, events: Int16(POLLOUT), revents: 0),
                pollfd(
                    fd: command.cancellable ? Interruption.descriptor : -1,
                    events: Int16(POLLIN), revents: 0),
            ]
            let left = deadline.map { max(0, Int32(($0 - monotonicSeconds()) * 1000) + 1) } ?? -1
            let ready = poll(&waiting, 4, left)
            if command.cancellable, let exit = Interruption.exit {
                end()
                throw Cancelled(exit)
            }
            if ready == 0, let seconds = command.timeout {
                end()
                throw CommandFault.timedOut(command: command.arguments[0], seconds: seconds)
            }
            if waiting[0].revents != 0 {
                do throws(SystemFault) { try output.read(into: &printed) } catch {
                    // A part of an answer must not be taken for the whole.
                    end()
                    throw error
                }
            }
            if waiting[1].revents != 0 {
                try? errors.read(into: &complaints)
                if complaints.count > 1 << 17 { complaints.removeFirst(complaints.count - 1 << 16) }
            }
            if waiting[2].revents != 0 { input.write(from: &feeding) }
            if printed.count > limit {
                end()
                throw CommandFault.tooMuchOutput(command: command.arguments[0], limit: limit)
            }
        }
        return Command.Finished(
            ending: Command.Ending(of: child), output: printed,
            errors: String(decoding: complaints, as: UTF8.self))
    }

    private func end() {
        kill(-child, SIGKILL)
        _ = Command.Ending(of: child)
    }
}

extension Command.Ending {
    /// Waits for a child's end. One that cannot be learnt counts as violent, never as a success.
    package init(of child: Int32) {
        var status: Int32 = 0
        guard retrying({ waitpid(child, &status, 0) }) == child else {
            self = .killed(signal: SIGKILL)
            return
        }
        let signal = status & 0x7f
        self = signal == 0 ? .exited(code: (status >> 8) & 0xff) : .killed(signal: signal)
    }
}

/// A pipe to a child, each end closed when nobody needs it.
final class Pipe {
    private(set) var reading: Int32 = -1
    private(set) var writing: Int32 = -1

    init(wanted: Bool) throws(SystemFault) {
        guard wanted else { return }
        let ends = try Descriptor.pipe()
        (reading, writing) = ends
    }

    deinit {
        closeReading()
        closeWriting()
    }

    func closeReading() {
        if reading >= 0 { close(reading) }
        reading = -1
    }

    func closeWriting() {
        if writing >= 0 { close(writing) }
        writing = -1
    }

    func read(into bytes: inout [UInt8]) throws(SystemFault) {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = retrying { Glibc.read(reading, &chunk, chunk.count) }
        if count > 0 { return bytes.append(contentsOf: chunk[..<count]) }
        let fault = count < 0 ? SystemFault(errno, "read", "the output of a program") : nil
        closeReading()
        if let fault { throw fault }
    }

    /// Writes as much as a pipe takes at once (so that reading goes on), closes at the end.
    func write(from bytes: inout ArraySlice<UInt8>) {
        let count = bytes.prefix(4096).withUnsafeBytes { raw in
            retrying { Glibc.write(writing, raw.baseAddress, raw.count) }
        }
        if count > 0 { bytes = bytes.dropFirst(count) }
        if count < 0 || bytes.isEmpty { closeWriting() }
    }
}
