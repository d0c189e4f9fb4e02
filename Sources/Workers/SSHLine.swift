internal import Glibc
internal import Records
internal import Smelt

/// The near end of one line: the user's own ssh, with his configuration, keys, agent and shared connections. Host keys are
/// checked, nothing is asked, and nothing is forwarded.
final class SSHLine {
    let frames: FrameLine
    private let worker: String
    private let process: Int32
    private let input: Descriptor
    private let output: Descriptor
    private let complaints: Complaints
    private var hasEnded = false

    init(to target: WorkerTarget, pulse: Double) throws {
        worker = target.name
        let (toFar, fromFar, errors) = (
            try Descriptor.pipe(), try Descriptor.pipe(), try Descriptor.pipe()
        )
        output = Descriptor(owning: toFar.writing)
        input = Descriptor(owning: fromFar.reading)
        complaints = Complaints(owning: errors.reading)
        defer { for end in [toFar.reading, fromFar.writing, errors.writing] { close(end) } }
        process = try Command(try Self.words(target, pulse: pulse)).spawn(
            input: toFar.reading, output: fromFar.writing, errors: errors.writing)
        frames = FrameLine(input: input.number, output: output.number, patience: 60)
        frames.complaints = complaints
    }

    deinit { end() }

    static func words(_ target: WorkerTarget, pulse: Double) throws -> [String] {
        var words = [
            "ssh", "-T", "-a", "-x", "-oBatchMode=yes", "-oStrictHostKeyChecking=yes",
            "-oClearAllForwardings=yes", "-oConnectTimeout=\(max(1, Int(target.connect)))",
            "-oServerAliveInterval=\(max(1, Int(pulse)))", "-oServerAliveCountMax=3",
        ]
        if let port = target.port { words += ["-p", "\(port)"] }
        if let user = target.user { words += ["-l", user] }
        if let variable = target.keyEnv {
            if let key = Environment.nonEmpty(variable) {
                words += ["-i", key]
            } else {
                say(
                    "smelt-queue: the variable '\(variable)' is not set: ssh's own keys are tried\n"
                )
            }
        }
        return words + ["--", target.host, "\(Shell.quoted(target.command ?? "smelt-queue")) work"]
    }

    /// Why nobody answers; ends the line.
    func diagnosis(_ fault: LineFault) -> WorkerFault {
        // It may be about to say why.
        var status: Int32 = 0
        let deadline = monotonicSeconds() + 2
        var code: Int32?
        let handle = Handle(process)
        if case .ended = fault, handle.waits(until: deadline),
            retrying({ waitpid(process, &status, 0) }) == process
        {
            hasEnded = true
            code = status & 0x7f == 0 ? (status >> 8) & 0xff : nil
        }
        complaints.take()
        let said = complaints.text
        let lines = said.split(whereSeparator: \.isNewline).map { Visible.line(String($0)) }
        let last = lines.last { !$0.isEmpty } ?? ""
        let reason: String
        if said.contains("Host key verification failed") {
            reason =
                "its host key is not known here, or has changed: compare it, and have it in known_hosts"
        } else if said.contains("Permission denied (") {
            reason = "it lets nobody in who comes from here: \(last)"
        } else if code == 127 {
            reason =
                "there is no smelt-queue in its PATH: install smelt there, or name the program in "
                + "[[workers]] command"
        } else {
            switch fault {
            case .strange(let text): reason = "it answers '\(text)': its shell must print nothing"
            case .silent(let seconds):
                reason = "it was silent for \(Quantity.describe(seconds: seconds))"
            case .ended: reason = last.isEmpty ? "the connection ended" : last
            }
        }
        end()
        return .unreachable(worker, reason: reason)
    }

    /// A shared connection of the user's goes on; it has a session of its own.
    private func end() {
        guard !hasEnded else { return }
        hasEnded = true
        kill(-process, SIGKILL)
        _ = Command.Ending(of: process)
    }
}
