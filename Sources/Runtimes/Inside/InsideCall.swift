internal import Glibc
package import Sandbox
package import Smelt

/// One command in a place on an engine, from beginning to end, for who may wait.
struct InsideCall {
    /// Seconds after which it is ended.
    let timeout: Double
    /// What it may print, bytes.
    let largest: Int
    let cancellable: Bool

    init(timeout: Double, largest: Int, _ cancellable: Bool) {
        self.timeout = timeout
        self.largest = largest
        self.cancellable = cancellable
    }

    /// Runs the plan over the connection that `command` becomes; what it prints goes to the descriptor `output`. Nil
    /// when the place is not there any more.
    func run(_ plan: Plan, over command: Command, output: Int32) throws -> Command.Finished? {
        let connection = try InsideConnection(command)
        let deadline = monotonicSeconds() + timeout
        var errors: [UInt8] = []
        var count = 0
        var isAsked = false
        while true {
            for answer in try connection.answers() {
                switch answer {
                case .hello(let hello): try hello.checkVersion()
                case .output(let bytes):
                    count += bytes.count
                    guard count <= largest else {
                        throw CommandFault.tooMuchOutput(
                            command: plan.command.first ?? "", limit: largest)
                    }
                    try bytes.withUnsafeBytes { try writeAll($0, to: output, name: "a bundle") }
                case .errors(let bytes): errors = (errors + bytes).suffix(65_536)
                case .looked: throw RuntimeFault.badAnswer
                case .refused(let reason):
                    throw RuntimeFault.notInside(
                        command: plan.command.first ?? "", reason: Visible.line(reason))
                // Nothing of the kind was asked for.
                case .ports, .relay: throw RuntimeFault.badAnswer
                case .ended(let end):
                    return Command.Finished(
                        ending: try end.how.ending(of: plan), output: [],
                        errors: String(decoding: errors, as: UTF8.self))
                }
                if !isAsked {
                    isAsked = true
                    for request in try plan.requests(input: "") { connection.ask(request) }
                }
            }
            guard connection.isOpen else {
                if connection.end == .exited(code: EntryRequest.gone.rawValue) { return nil }
                throw RuntimeFault.notInside(
                    command: plan.command.first ?? "", reason: connection.reason)
            }
            if cancellable { try Interruption.check() }
            let left = deadline - monotonicSeconds()
            guard left > 0 else {
                throw CommandFault.timedOut(command: plan.command.first ?? "", seconds: timeout)
            }
            var waiting = [
                pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(
                    fd: connection.wantsToWrite ? connection.writing : -1, events: Int16(POLLOUT),
                    revents: 0),
                pollfd(
                    fd: cancellable ? Interruption.descriptor : -1, events: Int16(POLLIN),
                    revents: 0),
            ]
            _ = poll(&waiting, 3, Int32(min(left * 1000 + 1, 3e8)))
            connection.push()
        }
    }
}

extension InsideFrame.How {
    /// As that of any program; what could not be started is a fault.
    package func ending(of plan: Plan) throws -> Command.Ending {
        switch self {
        case .exited(let code): return .exited(code: code)
        case .killed(let signal): return .killed(signal: signal)
        case .notStarted(ENOENT): throw SandboxFault.notFound(command: plan.command.first ?? "")
        case .notStarted(let number):
            throw SandboxFault.notExecutable(command: plan.command.first ?? "", number: number)
        case .noDirectory(let number):
            throw SandboxFault.refused(step: .directory, object: plan.directory, number: number)
        case .noInput(let number):
            throw SystemFault(number, "read", "the standard input inside")
        }
    }
}
