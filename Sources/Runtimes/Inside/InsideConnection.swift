internal import Glibc
package import Smelt

/// A connection to `smelt-inside` in a container: a local process, usually the engine's own client, whose standard
/// input and output lead there. Nothing here waits: the owner polls `descriptor` for reading and, while
/// `wantsToWrite`, `writing`. Let go, the process is killed, the other side sees the end of its input and ends
/// everything that runs there.
package final class InsideConnection {
    /// Readable when answers come; -1 after the end.
    package private(set) var descriptor: Int32
    package private(set) var writing: Int32
    private let complaints: Int32
    private let process: Int32
    /// How the local process ended, once it is not open any more.
    package private(set) var end: Command.Ending?
    private var pending: [UInt8] = []
    private var unread: [UInt8] = []
    private var said: [UInt8] = []

    /// Starts the command, which becomes the connection.
    package init(_ command: Command) throws {
        let requests = try Descriptor.pipe()
        let answers = try Descriptor.pipe()
        let errors = try Descriptor.pipe()
        defer {
            close(requests.reading)
            close(answers.writing)
            close(errors.writing)
        }
        descriptor = answers.reading
        writing = requests.writing
        complaints = errors.reading
        do {
            process = try command.spawn(
                input: requests.reading, output: answers.writing, errors: errors.writing)
        } catch {
            close(answers.reading)
            close(requests.writing)
            close(errors.reading)
            throw error
        }
        widenPipe(descriptor, to: 1 << 20)
        for number in [descriptor, writing, complaints] {
            _ = fcntl(number, F_SETFL, O_NONBLOCK)
        }
    }

    deinit {
        if end == nil {
            kill(-process, SIGKILL)
            _ = Command.Ending(of: process)
        }
        for number in [descriptor, writing, complaints] where number >= 0 { close(number) }
    }

    package var isOpen: Bool { descriptor >= 0 }
    package var wantsToWrite: Bool { !pending.isEmpty && writing >= 0 }
    /// Bytes that were asked and have not left; what is asked next comes behind them.
    package var backlog: Int { pending.count }

    /// Asks; what cannot go at once goes with `push`.
    package func ask(_ request: InsideFrame.Request) {
        pending += InsideFrame.bytes(request)
        push()
    }

    package func push() {
        while wantsToWrite {
            let count = pending.withUnsafeBytes { raw in
                retrying { Glibc.write(writing, raw.baseAddress, raw.count) }
            }
            if count < 0 {
                if errno == EAGAIN { return }
                // Its end shows where we read.
                pending = []
                return
            }
            if count == pending.count { pending = [] } else { pending.removeFirst(count) }
        }
    }

    /// Reads once; the answers that are whole now. None any more once it is not open.
    package func answers() throws -> [InsideFrame.Answer] {
        guard isOpen else { return [] }
        var chunk = [UInt8](repeating: 0, count: 1 << 17)
        let count = retrying { read(descriptor, &chunk, chunk.count) }
        if count < 0 {
            if errno == EAGAIN { return [] }
            throw SystemFault(errno, "read", "a connection to a container")
        }
        guard count > 0 else {
            // It ends now, if it has not; whatever it is waiting for, it does not hold us up.
            Glibc.close(writing)
            writing = -1
            end = ended()
            listen()
            Glibc.close(descriptor)
            descriptor = -1
            return []
        }
        listen()
        unread += chunk[..<count]
        var found: [InsideFrame.Answer] = []
        var at = 0
        while unread.count - at >= InsideFrame.head {
            let length = InsideFrame.length(in: unread[at...])
            guard length <= InsideFrame.longest else { throw RuntimeFault.badAnswer }
            let end = at + InsideFrame.head + length
            guard unread.count >= end else { break }
            let body = unread[(at + InsideFrame.head)..<end]
            guard let answer = InsideFrame.answer(kind: unread[at], body) else {
                throw RuntimeFault.badAnswer
            }
            found.append(answer)
            at = end
        }
        if at == unread.count { unread = [] } else { unread.removeFirst(at) }
        return found
    }

    /// What the local process complained: its last telling line, for a connection that ended before its time.
    package var reason: String {
        listen()
        let lines = String(decoding: said, as: UTF8.self).split(whereSeparator: \.isNewline)
        let line = lines.last { !$0.allSatisfy(\.isWhitespace) }
        return line.map { Visible.line(String($0)) } ?? "it said nothing"
    }

    /// It has closed its output and is about to end; given a moment to say why.
    private func ended() -> Command.Ending {
        let deadline = monotonicSeconds() + 2
        while true {
            var waiting = pollfd(fd: complaints, events: Int16(POLLIN), revents: 0)
            let left = Int32((deadline - monotonicSeconds()) * 1000)
            guard left > 0, retrying({ poll(&waiting, 1, left) }) == 1 else { break }
            if waiting.revents & Int16(POLLIN) == 0 { return Command.Ending(of: process) }
            listen()
        }
        kill(-process, SIGKILL)
        return Command.Ending(of: process)
    }

    private func listen() {
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = retrying { read(complaints, &chunk, chunk.count) }
            guard count > 0 else { return }
            said += chunk[..<count]
            if said.count > 65_536 { said.removeFirst(said.count - 65_536) }
        }
    }
}
