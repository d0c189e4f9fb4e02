import Glibc
import Smelt
import Testing

@testable import Results

/// A key for git's ssh: whoever is told of the agent has it, nobody else, and it ends with its owner.
struct KeyAgentTests {
    /// A directory with a fresh key in it.
    static func withKey(_ body: (_ directory: String, _ key: String) throws -> Void) throws {
        var template = Array("/tmp/smelt-test-key-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemFault(errno, "make", "a directory") }
        let directory = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { _ = try? Command("rm", "-rf", "--", directory).run() }
        let made = try Command(
            "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", "\(directory)/key"
        ).run()
        try #require(made.succeeded)
        try body(directory, Files.readText("\(directory)/key"))
    }

    static func keys(_ agent: KeyAgent) throws -> String {
        var command = Command("ssh-add", "-L")
        command.environment = ["PATH=/usr/bin:/bin", agent.variable]
        return try command.run().text
    }

    @Test func `the agent has the key, and is gone with its owner`() throws {
        try Self.withKey { directory, key in
            var agent: KeyAgent? = try KeyAgent(key: key, in: directory)
            let shown = try agent.map(Self.keys)
            #expect(try shown == Files.readText("\(directory)/key.pub"))
            let variable = agent?.variable
            agent = nil
            var command = Command("ssh-add", "-L")
            command.environment = ["PATH=/usr/bin:/bin", try #require(variable)]
            #expect(try command.run().ending == .exited(code: 2))
            #expect(Files.names(in: directory) == ["key", "key.pub"])
        }
    }

    @Test func `what is no key is refused in ssh-add's words`() throws {
        try Self.withKey { directory, key in
            let fault = #expect(throws: KeyFault.self) {
                _ = try KeyAgent(key: "a path, perhaps", in: directory)
            }
            #expect(fault?.exit == .misconfigured)
            #expect(fault?.description.hasPrefix("could not use the key: ") == true)
        }
    }
}
