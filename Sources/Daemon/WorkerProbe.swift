internal import CSystem
internal import Glibc
internal import Records
internal import Smelt

/// A look whether a worker can be used: `smelt-queue carry --probe`, which ends by itself after some seconds. Gone with this object.
final class WorkerProbe {
    /// Readable when it has ended.
    let handle: Int32
    private let process: Int32
    private let errors: Descriptor
    private var hasEnded = false

    init(_ target: WorkerTarget, _ environment: [String]) throws {
        let own = Files.goal(ofLink: "/proc/self/exe") ?? "smelt-queue"
        var command = Command(own, "carry", "--probe")
        command.environment = environment + ["\(WorkerTarget.variable)=\(target.json)"]
        let ends = try Descriptor.pipe()
        errors = Descriptor(owning: ends.reading)
        let writing = Descriptor(owning: ends.writing)
        process = try command.spawn(input: -1, output: -1, errors: writing.number)
        handle = system_process_handle(process)
        let number = errno
        _ = fcntl(errors.number, F_SETFL, O_NONBLOCK)
        // Nothing would ever be readable, and nobody asked again; what was started ends with this object.
        guard handle >= 0 else { throw SystemFault(number, "watch", own) }
    }

    /// What it said when it has ended, without the line's end; empty when all is well.
    func answer() -> String {
        let ending = Command.Ending(of: process)
        hasEnded = true
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = retrying { read(errors.number, &bytes, bytes.count) }
        if ending == .exited(code: 0) { return "" }
        let text = String(decoding: bytes[..<max(0, count)], as: UTF8.self)
        return text.split(separator: "\n").last.map { Visible.line(String($0)) }
            ?? "smelt-queue: a look at a worker ended with \(ending)"
    }

    deinit {
        if !hasEnded {
            kill(-process, SIGKILL)
            _ = Command.Ending(of: process)
        }
        if handle >= 0 { close(handle) }
    }
}
