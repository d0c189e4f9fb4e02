import Smelt
import Testing

struct CommandTests {
    @Test func `what goes in comes out`() throws {
        var cat = Command("cat")
        let bytes = [UInt8](repeating: 65, count: 1 << 20)
        cat.input = .bytes(bytes)
        let finished = try cat.run()
        #expect(finished.output == bytes)
        #expect(finished.succeeded)
    }

    @Test func `the status and the complaints are kept`() throws {
        let finished = try Command("sh", "-c", "echo oh >&2; exit 3").run()
        #expect(finished.ending == .exited(code: 3))
        #expect(finished.errors == "oh\n")
    }

    @Test func `a program that does not end is ended`() throws {
        var endless = Command("sh", "-c", "while :; do :; done")
        endless.timeout = 0.1
        #expect(throws: CommandFault.self) { try endless.run() }
    }

    @Test func `too much output ends it`() throws {
        var yes = Command("yes")
        yes.output = .captured(limit: 100_000)
        #expect(throws: CommandFault.self) { try yes.run() }
    }

    @Test func `a program that is not there is named`() throws {
        let fault = #expect(throws: CommandFault.self) { try Command("no-such-program").run() }
        #expect(fault?.description.contains("'no-such-program'") == true)
        #expect(fault?.exit == .unavailable)
    }
}
