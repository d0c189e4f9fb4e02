internal import Glibc
package import Smelt

/// A private key for git's ssh, in the memory of an ssh-agent of its own: on no disk, in no command line and no
/// environment of git's. It ends when this is let go, and soon after us if we are killed.
package final class KeyAgent {
    /// What makes ssh ask it.
    var variable: String { "SSH_AUTH_SOCK=\(socket)" }
    private let socket: String
    private let process: Coprocess
    /// The agent lives as long as a program that waits for the end of this.
    private let waiting: Descriptor

    /// `key` is the text of a private key without a pass phrase, `directory` nobody else's.
    package init(key: String, in directory: String) throws {
        socket = "\(directory)/agent.\(RunID.make().description.suffix(8))"
        let (input, output) = (try Descriptor.pipe(), try Descriptor.pipe())
        waiting = Descriptor(owning: input.writing)
        let answer = Descriptor(owning: output.reading)
        let reading = Descriptor(owning: input.reading)
        let writing = Descriptor(owning: output.writing)
        var command = Command("ssh-agent", "-a", socket, "cat")
        command.input = .descriptor(reading.number)
        command.output = .descriptor(writing.number)
        process = try command.start(errors: 2)
        _ = consume reading
        _ = consume writing
        // The agent listens before it starts the other program, which then gives back what it gets.
        try [10].withUnsafeBytes { try waiting.write($0, name: "ssh-agent") }
        guard try !answer.readOne().isEmpty else { throw KeyFault.noAgent }
        try add(key)
    }

    deinit { unlink(socket) }

    private func add(_ key: String) throws {
        var command = Command("ssh-add", "-q", "-")
        command.environment =
            Environment.all.filter { !$0.hasPrefix("SSH_") } + [
                variable, "SSH_ASKPASS_REQUIRE=never",
            ]
        command.input = .bytes(Array((key.hasSuffix("\n") ? key : key + "\n").utf8))
        command.timeout = 20
        let finished = try command.run()
        guard finished.succeeded else {
            let reason = finished.errors.split(separator: "\n").last.map(String.init)
            throw KeyFault.refused(reason: Visible.line(reason ?? "ssh-add said nothing"))
        }
    }
}

extension Descriptor {
    /// What comes next, or nothing at the end.
    fileprivate borrowing func readOne() throws(SystemFault) -> [UInt8] {
        var byte: UInt8 = 0
        let count = retrying { read(number, &byte, 1) }
        guard count >= 0 else { throw SystemFault(errno, "read from", "ssh-agent") }
        return count == 0 ? [] : [byte]
    }
}

/// Why a key cannot be used.
package enum KeyFault: Fault, Equatable {
    case noAgent
    /// In ssh-add's own words.
    case refused(reason: String)

    package var exit: Exit {
        switch self {
        case .noAgent: .unavailable
        case .refused: .misconfigured
        }
    }

    package var code: String { "ssh_key" }

    package var description: String {
        switch self {
        case .noAgent: "could not start an ssh-agent for the key"
        case .refused(let reason): "could not use the key: \(reason)"
        }
    }

    package var hint: String? {
        switch self {
        case .noAgent: nil
        case .refused:
            "the variable must hold a private key itself, whole and without a pass phrase"
        }
    }
}
