internal import CSystem
@preconcurrency internal import Glibc

/// Another program, run without a shell, to its end. It gets its own process group, default signal
/// handling and the three standard descriptors, nothing else.
package struct Command: Sendable {
    package enum Input: Sendable {
        case null
        case bytes([UInt8])
        /// Stays the caller's.
        case descriptor(Int32)
    }

    package enum Output: Sendable {
        case null
        /// Kept, up to so many bytes; more is a fault.
        case captured(limit: Int)
        /// Stays the caller's.
        case descriptor(Int32)
    }

    package var arguments: [String]
    /// `NAME=value`, whole; nil is this process's own environment.
    package var environment: [String]?
    package var directory: String?
    package var input = Input.null
    package var output = Output.captured(limit: 64 << 20)
    /// Seconds after which it is ended.
    package var timeout: Double?
    /// Descriptors that it inherits under their own numbers.
    package var passing: [Int32] = []
    /// It leads a group of its own; else it is of the caller's.
    package var leadsGroup = true
    /// It leads a session of its own, and in it a group: it goes on when its caller ends, and no terminal is its.
    package var leadsSession = false
    /// Ended when INT or TERM comes. Off for what must happen in any case, such as a release.
    package var cancellable = true

    package init(_ arguments: [String]) {
        self.arguments = arguments
    }

    package init(_ arguments: String...) {
        self.arguments = arguments
    }

    /// What is left of a program: how it ended, what it printed (the last 64 KiB of its complaints).
    package struct Finished: Sendable {
        package let ending: Ending
        package let output: [UInt8]
        package let errors: String

        package init(ending: Ending, output: [UInt8], errors: String) {
            self.ending = ending
            self.output = output
            self.errors = errors
        }

        package var succeeded: Bool { ending == .exited(code: 0) }
        package var text: String { String(decoding: output, as: UTF8.self) }
    }

    package enum Ending: Equatable, Sendable {
        case exited(code: Int32)
        case killed(signal: Int32)
    }

    /// Starts it and waits for its end.
    package func run() throws -> Finished {
        let input = try Pipe(wanted: { if case .bytes = self.input { true } else { false } }())
        let output = try Pipe(wanted: { if case .captured = self.output { true } else { false } }())
        let errors = try Pipe(wanted: true)
        let child = try spawn(
            input: {
                if case .descriptor(let number) = self.input { number } else { input.reading }
            }(),
            output: {
                if case .descriptor(let number) = self.output { number } else { output.writing }
            }(),
            errors: errors.writing)
        input.closeReading()
        output.closeWriting()
        errors.closeWriting()
        return try Relay(self, child: child, input: input, output: output, errors: errors).finish()
    }

    /// Starts it with these descriptors as its 0, 1 and 2 (`/dev/null` for a negative one), which stay
    /// the caller's. Whoever calls this waits for the process.
    package func spawn(
        input: Int32, output: Int32, errors: Int32
    ) throws(CommandFault) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, source) in [(Int32(0), input), (1, output), (2, errors)] {
            if source < 0 {
                posix_spawn_file_actions_addopen(
                    &actions, number, "/dev/null", number == 0 ? O_RDONLY : O_WRONLY, 0)
            } else {
                posix_spawn_file_actions_adddup2(&actions, source, number)
            }
        }
        for number in passing { posix_spawn_file_actions_adddup2(&actions, number, number) }
        if let directory { system_spawn_chdir(&actions, directory) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigfillset(&defaults)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        // Who leads a session leads a group already.
        let group = leadsSession ? 0 : leadsGroup ? POSIX_SPAWN_SETPGROUP : 0
        let session = leadsSession ? Int32(system_spawn_session) : 0
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | group | session))

        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            (environment ?? Environment.all).map { strdup($0) } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var child = pid_t()
        let number = posix_spawnp(&child, arguments[0], &actions, &attributes, &words, &variables)
        guard number == 0 else { throw .notStarted(SystemFault(number, "run", arguments[0])) }
        return child
    }
}

/// What can go wrong with a program of somebody else's, apart from what it says itself.
package enum CommandFault: Fault {
    case notStarted(SystemFault)
    case timedOut(command: String, seconds: Double)
    case tooMuchOutput(command: String, limit: Int)

    package var exit: Exit {
        switch self {
        case .notStarted(let fault): fault.number == ENOENT ? .unavailable : fault.exit
        case .timedOut: .later
        case .tooMuchOutput: .invalid
        }
    }

    package var code: String {
        switch self {
        case .notStarted: "not_started"
        case .timedOut: "timed_out"
        case .tooMuchOutput: "too_long"
        }
    }

    package var description: String {
        switch self {
        case .notStarted(let fault): "\(fault)"
        case .timedOut(let command, let seconds):
            "'\(command)' was still running after \(Quantity.describe(seconds: seconds))"
        case .tooMuchOutput(let command, let limit):
            "'\(command)' printed more than \(limit) bytes"
        }
    }
}

extension Command {
    /// Becomes the program in this process, with its standard descriptors as they are and default signal handling; gives
    /// why not.
    package func become() -> CommandFault {
        signal(SIGPIPE, SIG_DFL)
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        execvp(arguments[0], &words)
        let fault = SystemFault(errno, "run", arguments[0])
        words.forEach { free($0) }
        return .notStarted(fault)
    }
}
