import Glibc
import Records
import Sandbox
import Smelt
import Testing

@testable import Manifest
@testable import Toml

/// `[sandbox]`: the walls around the sessions' programs.
struct WallsTests {
    static func walls(_ text: String) throws -> JobSandbox? {
        try ReaderTests.manifest(
            ReaderTests.head + ReaderTests.session + ReaderTests.merge + "[sandbox]\n" + text
        ).job.sandbox
    }

    @Test func `a profile goes on by its name`() throws {
        let walls = try Self.walls("seccomp = 'strict'\nlandlock = 'required'")
        #expect(walls == JobSandbox(seccomp: .string("strict"), landlock: "required"))
        #expect(try Self.walls("") == nil)
    }

    @Test func `a policy goes into the job whole, from a table or a file`() throws {
        let directory = "/tmp/smelt-test-\(getpid())-walls"
        defer {
            unlink("\(directory)/calls.toml")
            rmdir(directory)
        }
        try Files.makeDirectories(directory)
        let text = "deny = [{ call = 'socket', when = ['arg0 == AF_INET'], errno = 'EACCES' }]"
        try Files.replace("\(directory)/calls.toml", with: text.utf8)
        let walls = try Self.walls("[sandbox.seccomp]\n\(text)")
        #expect(try Self.walls("seccomp = '\(directory)/calls.toml'") == walls)
        #expect(
            walls?.seccomp
                == .object([
                    "base": .string("default"), "errno": .integer(1), "allow": .array([]),
                    "deny": .array([
                        .object([
                            "call": .string("socket"), "errno": .integer(13),
                            "when": .array([.string("arg0 == 2")]),
                        ])
                    ]),
                ]))
    }

    @Test func `what is wrong with a policy is found with the rest`() {
        #expect(
            ReaderTests.problems("[sandbox]\nseccomp = { deny = ['mkdri'] }\nlandlock = 'on'") == [
                "sandbox.seccomp.deny[0]: there is no system call 'mkdri'; did you mean 'mkdir'?",
                "sandbox.landlock must be one of available, required, none, not 'on'",
            ])
        #expect(
            ReaderTests.problems("[sandbox]\nseccomp = './none.toml'") == [
                "sandbox.seccomp: could not open '/d/none.toml': No such file or directory"
            ])
        #expect(
            ReaderTests.problems("[sandbox]\nlandlock = 'none'\n[environment]\nimage = 'i'") == [
                "sandbox has no use with the runtime docker: remove it, or choose sandbox"
            ])
    }
}
