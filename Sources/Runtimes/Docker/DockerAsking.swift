internal import Glibc
internal import Smelt

/// A call of docker's command that goes on while its caller does something else, another one perhaps. It is not cut short
/// by a signal.
final class DockerAsking {
    private let process: Int32
    private let output: Descriptor
    private let errors: Descriptor
    private var isOver = false

    /// Starts it. What it says goes to memory, so nobody need read meanwhile.
    init(_ arguments: [String]) throws {
        output = try Descriptor(memory: "output")
        errors = try Descriptor(memory: "errors")
        let command = Command(
            ["timeout", "--kill-after=1", "\(Int(Docker.patience))", Docker.program] + arguments)
        process = try command.spawn(input: -1, output: output.number, errors: errors.number)
    }

    deinit {
        guard !isOver else { return }
        kill(-process, SIGKILL)
        _ = Command.Ending(of: process)
    }

    /// Waits for its end.
    func finish() throws -> Command.Finished {
        let ending = Command.Ending(of: process)
        isOver = true
        func text(_ file: borrowing Descriptor) throws -> [UInt8] {
            lseek(file.number, 0, SEEK_SET)
            return try file.readAll(upTo: 16 << 20, name: Docker.program)
        }
        return Command.Finished(
            ending: ending, output: try text(output),
            errors: String(decoding: try text(errors), as: UTF8.self))
    }
}
