import Smelt
import Testing

@testable import Records

struct RunStateTests {
    @Test func `what is written is read again`() throws {
        var state = RunState(
            jobName: "a \"job\"\n", phase: .executing, sessions: ["one", "ü\\2"], startedAt: 5,
            pid: 7)
        state.run = RunID.make()
        state.pullRequestURL = "https://example.org/pull/1"
        state.pullRequestNumber = 1
        state.status = 2
        #expect(try RunState(state.text, path: "x") == state)
    }

    @Test func `a file of the earlier smelt is read`() throws {
        let text = """
            # written by another program
            job_name = 'add-user-auth'
            phase = "gates_failed"
            container_id = "0123456789ab"
            sessions = [
                "backend", # first
                "frontend",
            ]
            started_at = 1700000000
            updated_at = 1700000042
            pid = 4242
            unknown_key = true

            [table]
            job_name = "not this"
            """
        let state = try RunState(text, path: "x")
        #expect(state.jobName == "add-user-auth")
        #expect(state.phase == .gatesFailed)
        #expect(state.sessions == ["backend", "frontend"])
        #expect(state.updatedAt - state.startedAt == 42)
        #expect(state.run == nil)
    }

    @Test(arguments: ["", "job_name = ", "job_name = \"x", "phase = \"running\"", "\u{0}\u{1}"])
    func `anything else is refused with a sentence`(text: String) {
        #expect(throws: RunStateFault.self) { try RunState(text, path: "x") }
    }

    @Test(arguments: ["", ".", "..", ".git", "a/b", "a\nb", String(repeating: "x", count: 201)])
    func `names that are no directory have none`(name: String) {
        #expect(RunState.path(of: name, in: "/runs") == nil)
    }
}
