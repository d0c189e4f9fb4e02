internal import Glibc
package import Records
package import Sandbox

/// What goes over a connection to `smelt-inside`; see its inside.h.
package enum InsideFrame {
    /// What it is asked to do.
    package enum Request: Sendable {
        /// Written whole; the directory is there.
        case file(path: String, mode: UInt32, contents: [UInt8])
        /// A file, or what is in a directory.
        case remove(path: String)
        case run(command: [String], environment: [String: String], directory: String, input: String)
        /// Opened, those that are not yet, and sent through the socket `path` for whoever serves them.
        case listen(path: String, [EgressPorts.Listener])
        /// So many are opened on the loopback, at ports that the kernel chooses; who connects there is told of by `relay`
        /// until the command that is run next has ended.
        case serve(Int)
        case relay(InsideRelay)
        /// To the command and its group.
        case signal(Int32)
        case kill
        /// Of who watches: how much there is on disk, or that it is more than so many bytes.
        case look(enough: Int)
    }

    /// What it says.
    package enum Answer: Sendable, Equatable {
        case hello(Hello)
        case output(ArraySlice<UInt8>)
        case errors(ArraySlice<UInt8>)
        case ended(End)
        /// A sentence.
        case refused(String)
        /// Of who watches; nil while he is still looking.
        case looked(DiskFound?)
        /// Of the listeners that were asked for, in their order.
        case ports([Int])
        case relay(InsideRelay)
    }

    /// What the kernel says of it, and so of all that it starts.
    package struct Hello: Equatable, Sendable {
        package var version: UInt32
        package var user: UInt32
        package var walls: UInt32
        /// Nil where nobody says; `.max` where there is none.
        package var memoryLimit: UInt64?
        package var processesLimit: UInt64?

        package init(
            version: UInt32, user: UInt32, walls: UInt32, memoryLimit: UInt64? = nil,
            processesLimit: UInt64? = nil
        ) {
            self.version = version
            self.user = user
            self.walls = walls
            self.memoryLimit = memoryLimit
            self.processesLimit = processesLimit
        }
    }

    /// How a command ended, and what it used with all that it started.
    package enum How: Equatable, Sendable {
        case exited(code: Int32)
        case killed(signal: Int32)
        case notStarted(errno: Int32)
        case noDirectory(errno: Int32)
        case noInput(errno: Int32)
    }

    package struct End: Equatable, Sendable {
        package var how: How
        package var usage: Usage
    }

    /// The longest answer, bytes: what it reads of an output at once, and something. Whoever says that more is coming
    /// is not smelt-inside.
    package static let longest = 1 << 17
    static let head = 5

    static func bytes(_ request: Request) -> [UInt8] {
        switch request {
        case .file(let path, let mode, let contents):
            frame("f", number(mode) + text(path) + contents)
        case .remove(let path): frame("u", Array(path.utf8))
        case .run(let command, let environment, let directory, let input):
            frame(
                "r",
                text(directory) + text(input) + list(command)
                    + list(environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }))
        case .listen(let path, let listeners):
            frame(
                "l",
                text(path) + number(UInt32(listeners.count))
                    + listeners.flatMap {
                        number($0.address) + number(UInt32($0.port)) + number($0.datagrams ? 1 : 0)
                    })
        case .serve(let count): frame("t", number(UInt32(count)))
        case .relay(let word): frame(word.kind, word.body)
        case .signal(let signal): frame("s", number(UInt32(bitPattern: signal)))
        case .kill: frame("k", [])
        case .look(let enough): frame("m", long(UInt64(max(0, enough))))
        }
    }

    /// Nil for what is no answer.
    static func answer(kind: UInt8, _ body: ArraySlice<UInt8>) -> Answer? {
        switch kind {
        case UInt8(ascii: "h"):
            guard body.count >= 28 else { return nil }
            let limits = [12, 20].map { long(in: body, at: $0) }.map { $0 == 0 ? nil : $0 }
            return .hello(
                Hello(
                    version: number(in: body, at: 0), user: number(in: body, at: 4),
                    walls: number(in: body, at: 8), memoryLimit: limits[0],
                    processesLimit: limits[1]))
        case UInt8(ascii: "o"): return .output(body)
        case UInt8(ascii: "e"): return .errors(body)
        case UInt8(ascii: "n"): return .refused(String(decoding: body, as: UTF8.self))
        case UInt8(ascii: "D"):
            guard body.count == 20 else { return nil }
            return .looked(found(body))
        case UInt8(ascii: "x"): return end(body).map { .ended($0) }
        case UInt8(ascii: "p"): return ports(body).map { .ports($0) }
        default: return InsideRelay(kind: kind, body).map { .relay($0) }
        }
    }

    /// Nil while it goes on.
    private static func found(_ body: ArraySlice<UInt8>) -> DiskFound? {
        let flags = number(in: body, at: 16)
        guard flags & 8 == 0 else { return nil }
        var found = DiskFound(flags: flags, bytes: long(in: body, at: 0))
        found.seconds = Double(long(in: body, at: 8)) / 1e6
        return found
    }

    private static func ports(_ body: ArraySlice<UInt8>) -> [Int]? {
        guard body.count % 4 == 0 else { return nil }
        let ports = stride(from: 0, to: body.count, by: 4).map { Int(number(in: body, at: $0)) }
        return ports.allSatisfy((1...65_535).contains) ? ports : nil
    }

    private static func end(_ body: ArraySlice<UInt8>) -> End? {
        guard body.count == 40 else { return nil }
        let value = Int32(truncatingIfNeeded: number(in: body, at: 4))
        let how: How
        switch number(in: body, at: 0) {
        case 0: how = .exited(code: value & 255)
        case 1 where (1...64).contains(value): how = .killed(signal: value)
        case 2: how = .notStarted(errno: value)
        case 3: how = .noDirectory(errno: value)
        case 4: how = .noInput(errno: value)
        default: return nil
        }
        var usage = Usage()
        usage.userSeconds = Double(figure(in: body, at: 8)) / 1e6
        usage.systemSeconds = Double(figure(in: body, at: 16)) / 1e6
        let peak = figure(in: body, at: 24)
        if peak > 0 { usage.peakMemoryBytes = peak }
        let kills = figure(in: body, at: 32)
        if kills > 0 { usage.oomKills = kills }
        return End(how: how, usage: usage)
    }

    /// What the other side counted: more than anything has is a lie, with which nobody need reckon.
    private static func figure(in body: ArraySlice<UInt8>, at offset: Int) -> Int {
        Int(min(long(in: body, at: offset), UInt64(DiskFound.most)))
    }

    /// The length that a head names.
    static func length(in head: ArraySlice<UInt8>) -> Int { Int(number(in: head, at: 1)) }

    private static func frame(_ kind: Unicode.Scalar, _ body: [UInt8]) -> [UInt8] {
        [UInt8(ascii: kind)] + number(UInt32(body.count)) + body
    }

    static func number(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func long(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func text(_ text: String) -> [UInt8] {
        number(UInt32(text.utf8.count)) + Array(text.utf8)
    }

    private static func list(_ texts: [String]) -> [UInt8] {
        texts.reduce(into: number(UInt32(texts.count))) { $0 += text($1) }
    }

    static func number(in bytes: ArraySlice<UInt8>, at offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[bytes.startIndex + offset + $1]) << (8 * $1) }
    }

    private static func long(in bytes: ArraySlice<UInt8>, at offset: Int) -> UInt64 {
        UInt64(number(in: bytes, at: offset)) | UInt64(number(in: bytes, at: offset + 4)) << 32
    }
}
