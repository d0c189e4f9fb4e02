internal import CSystem
internal import FoundationEssentials
internal import Glibc
package import Smelt

/// Looks at the calls of a command and of all that it makes, and notes those that the kernel refused: which call, which
/// file or address, which error. It runs in a process of its own, outside of the sandbox. It decides nothing, writes to
/// nothing inside, and when it ends everything that it traces is killed, so whoever gets rid of it gains nothing.
///
///     a filter stops a thread at a call → go on until it returns → look at the result
///
/// Paths are read when the call has failed: most do not. See ptrace(2), "Attaching and detaching" and "Group-stop".
package struct Tracer {
    /// What smelt-exec asks, as JSON in one message on the socket that the command speaks on later.
    struct Order: Codable, Sendable {
        /// What grants put something empty over: what is looked for below it is not there because of that.
        var hidden: [String]
        /// Whether only the loopback is there, or only what smelt-egress serves.
        var isConfined: Bool
    }

    /// One kind of refused call, as a line of JSON.
    struct Word: Codable, Equatable, Sendable {
        var what: String
        var reason: String
        var path: String?
        var error: String?
        /// In place of all that: one of `met`.
        var signal: Int32?
        var count: Int
    }

    private let order: Order
    /// The calls that threads are in.
    private var calls: [Int32: system_trace_call] = [:]
    /// Whether the command is there; before that, its first process looks for it.
    private var hasBegun = false
    private var refusals = Refusals()
    /// How often somebody was sent the signal of a limit that each process has, also who ignores it.
    private var met: [Int32: Int] = [SIGXCPU: 0, SIGXFSZ: 0]

    private init(_ order: Order) {
        self.order = order
    }

    /// The longest order, bytes.
    static let longestOrder = 65_536

    /// Serves one sandbox: the socket is standard input, and the words leave on standard output.
    package static func run() throws -> Exit {
        var bytes = [UInt8](repeating: 0, count: longestOrder)
        let count = retrying { recv(0, &bytes, bytes.count, 0) }
        // The sandbox may have failed before its command was there.
        guard count > 0 else { return .done }
        var tracer = Tracer(try JSONDecoder().decode(Order.self, from: Data(bytes[..<count])))
        let command = system_sender(0)
        guard command > 0, system_trace_confine() == 0 else { return .done }
        // An errno, or 0 for go on.
        var answer = UInt8(truncatingIfNeeded: system_trace_seize(command) == 0 ? 0 : errno)
        guard retrying({ send(0, &answer, 1, Int32(MSG_NOSIGNAL)) }) == 1, answer == 0
        else { return .done }
        close(0)
        tracer.watch()
        try tracer.tell()
        return .done
    }

    /// Until nothing is left to trace.
    private mutating func watch() {
        while true {
            var status: Int32 = 0
            let thread = waitpid(-1, &status, __WALL)
            if thread < 0 {
                if errno == EINTR { continue }
                return
            }
            guard status & 0xff == 0x7f else {
                calls[thread] = nil
                continue
            }
            stopped(thread, signal: (status >> 8) & 0xff, event: status >> 16)
        }
    }

    private mutating func stopped(_ thread: Int32, signal: Int32, event: Int32) {
        // Threads that are killed meanwhile answer ESRCH; their ends are next.
        switch event {
        case Event.seccomp:
            let traces = enter(thread)
            _ = system_trace_go(thread, traces ? 1 : 0, 0)
        case Event.exec:
            hasBegun = true
            // Another thread of the same process may have been the one; it has this number now.
            calls[Int32(truncatingIfNeeded: system_trace_message(thread))] = nil
            calls[thread] = nil
            _ = system_trace_go(thread, 0, 0)
        case Event.stop where [SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU].contains(signal):
            // The job control of those inside: it stays stopped until somebody continues it.
            _ = system_trace_leave_stopped(thread)
        case 0 where signal == SIGTRAP | 0x80:
            leave(thread)
            _ = system_trace_go(thread, 0, 0)
        case 0:
            // A signal on its way; it arrives as if nobody looked on.
            if isOfLimit(signal, thread) { met[signal]? += 1 }
            _ = system_trace_go(thread, calls[thread] == nil ? 0 : 1, signal)
        default:
            _ = system_trace_go(thread, calls[thread] == nil ? 0 : 1, 0)
        }
    }

    /// Anybody can send one. The kernel says which SIGXCPU is its own; of a SIGXFSZ it does not.
    private func isOfLimit(_ signal: Int32, _ thread: Int32) -> Bool {
        signal != SIGXCPU || system_trace_is_kernels(thread) == 1
    }

    /// PTRACE_EVENT_*.
    private enum Event {
        static let exec: Int32 = 4
        static let seccomp: Int32 = 7
        static let stop: Int32 = 128
    }

    /// Whether the call's return is of interest.
    private mutating func enter(_ thread: Int32) -> Bool {
        var call = system_trace_call()
        // A filter of the command's own may have stopped it at another call.
        guard hasBegun, system_trace_call(thread, &call) == 1, Self.known(call) != nil else {
            return false
        }
        calls[thread] = call
        return true
    }

    private mutating func leave(_ thread: Int32) {
        guard var call = calls.removeValue(forKey: thread), system_trace_call(thread, &call) == 2
        else { return }
        guard (-4095..<0).contains(call.result) else { return }
        let error = Int32(-call.result)
        guard Self.errors.contains(error), let known = Self.known(call) else { return }
        note(known.name, known.objects, call, error, Tracee(thread: thread))
    }

    private static func known(_ call: system_trace_call) -> (
        name: String, objects: [TracedCalls.Object]
    )? {
        Int32(exactly: call.number).flatMap { TracedCalls.numbers[$0] }
    }

    // MARK: what is told

    /// Only these are looked at further.
    private static let errors: Set<Int32> = [
        EACCES, EPERM, EROFS, ENOENT, ENETUNREACH, EHOSTUNREACH, ECONNREFUSED,
    ]

    private mutating func note(
        _ name: String, _ objects: [TracedCalls.Object], _ call: system_trace_call, _ error: Int32,
        _ tracee: Tracee
    ) {
        let arguments = withUnsafeBytes(of: call.arguments) {
            Array($0.bindMemory(to: UInt64.self))
        }
        let named = objects.compactMap { tracee.describe($0, arguments) }
        // What goes to whom a socket is connected with names nobody.
        if named.isEmpty, case .message? = objects.first { return }
        var reason = String(cString: strerror(error))
        switch error {
        case EACCES, EPERM, EROFS:
            if name == "ptrace" { reason += ": --trace-denials traces it already" }
        case ENOENT:
            guard let above = named.lazy.compactMap(hidden).first else { return }
            reason += ": \(above) is hidden"
        default:
            // What the host's network refuses is not our business, nor what nobody listens for inside.
            guard order.isConfined, let object = objects.first,
                tracee.address(of: object, arguments)?.isLocal == false
            else { return }
        }
        let shown = named.map(Self.shown)
        let path = shown.isEmpty ? nil : shown.joined(separator: " to ")
        refusals.add(
            path.map { "\(name) \($0)" } ?? name, by: "trace", reason, path: path,
            error: system_error_name(error).map { String(cString: $0) })
    }

    /// The grant below which the path lies, which must be a plain one: through a link or a `..` it may lie elsewhere.
    private func hidden(_ path: String) -> String? {
        guard path.hasPrefix("/"), Files.normal(path) == path else { return nil }
        return order.hidden.first { Files.lies(path, in: $0) }
    }

    private static func shown(_ path: String) -> String {
        let line = Visible.line(path)
        guard line.utf8.count > Tracee.shownPath else { return line }
        return String(decoding: line.utf8.prefix(Tracee.shownPath), as: UTF8.self) + "…"
    }

    private func tell() throws {
        var refusals = refusals
        try refusals.tell(of: "") { record in
            try say(
                Word(
                    what: record.what, reason: record.reason ?? "", path: record.path,
                    error: record.error, count: record.count ?? 1))
        } sentence: { _ in
        }
        for (signal, count) in met where count > 0 {
            try say(Word(what: "", reason: "", signal: signal, count: count))
        }
    }

    private func say(_ word: Word) throws {
        var line = try JSONEncoder().encode(word)
        line.append(10)
        try line.withUnsafeBytes { try writeAll($0, to: 1, name: "what was traced") }
    }
}
