internal import Glibc

/// A program that goes on while its caller reads and writes what lies between them; ended and
/// reaped when let go.
package struct Coprocess: ~Copyable {
    /// Also its process group.
    package let process: Int32

    fileprivate init(_ process: Int32) {
        self.process = process
    }

    deinit {
        kill(-process, SIGKILL)
        _ = Command.Ending(of: process)
    }

    /// Waits for its end.
    package consuming func finish() -> Command.Ending {
        let ending = Command.Ending(of: process)
        discard self
        return ending
    }
}

extension Command {
    /// Starts it and returns at once. Input and output must be descriptors or nothing: bytes and
    /// capturing are for `run`, and so are time-outs. What it complains goes to `errors`, or nowhere.
    package func start(errors: Int32 = -1) throws -> Coprocess {
        var reading: Int32 = -1
        var writing: Int32 = -1
        if case .descriptor(let number) = input { reading = number }
        if case .descriptor(let number) = output { writing = number }
        return Coprocess(try spawn(input: reading, output: writing, errors: errors))
    }
}
