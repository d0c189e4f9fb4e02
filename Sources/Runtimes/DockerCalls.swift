internal import Glibc
internal import Smelt

/// Several calls of docker's command at the same time, none of which waits for another. They are not cut short by a
/// signal: they are for what must happen in any case.
struct DockerCalls: ~Copyable {
    private struct Call {
        let process: Int32
        let output: Int32
        let errors: Int32
    }

    private var calls: [Call] = []

    /// Starts them. Each prints little: nobody reads before `finish`.
    init(_ arguments: [[String]]) throws {
        for words in arguments {
            let output = try Descriptor.pipe()
            let errors = try Descriptor.pipe()
            defer {
                close(output.writing)
                close(errors.writing)
            }
            let process = try Command([Docker.program] + words).spawn(
                input: -1, output: output.writing, errors: errors.writing)
            calls.append(
                Call(process: process, output: output.reading, errors: errors.reading))
        }
    }

    /// What each of them said, in their order.
    consuming func finish() throws -> [Command.Finished] {
        try calls.map { call in
            let output = try Descriptor(owning: call.output).readAll(upTo: 1 << 22, name: "docker")
            let errors = try Descriptor(owning: call.errors).readAll(upTo: 1 << 22, name: "docker")
            return Command.Finished(
                ending: Command.Ending(of: call.process), output: output,
                errors: String(decoding: errors, as: UTF8.self))
        }
    }
}
