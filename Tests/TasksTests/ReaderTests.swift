import Records
import Testing

@testable import Tasks

@Suite struct ReaderTests {
    @Test(arguments: [Samples.domain, Samples.wire])
    func `both forms say the same`(text: String) throws {
        #expect(try Samples.read(text) == Samples.task)
        #expect(try Samples.read("{\"spec\":\(text)}") == Samples.task)
    }

    @Test func `numbers may be text and text numbers, names snake_case, enumerations numbers`()
        throws
    {
        let text = """
            {"slot":"s","kind":{"subprocess":{"command":{"command":"true"},"fail_on_non_zero":true}},
             "timeout_ms":1500,"restart":3,"restart_interval_ms":2.5e2,
             "backoff":{"jitter":3,"first_ms":500.0,"max_ms":"20000","factor":1.5},"admission":3}
            """
        #expect(try Samples.read(text) == Samples.task)
    }

    @Test(arguments: [
        ("RESTART_STRATEGY_", "JITTER_STRATEGY_", "ADMISSION_STRATEGY_"),
        ("RESTART_POLICY_", "JITTER_POLICY_", "ADMISSION_POLICY_"),
    ])
    func `the words of all versions are known`(restart: String, jitter: String, admission: String)
        throws
    {
        let restarts: [(String, TaskSpec.Restart)] = [
            ("NEVER", .never), ("ON_FAILURE", .onFailure), ("ALWAYS", .always(everySeconds: 0.25)),
        ]
        let jitters: [(String, BackOff.Jitter)] = [
            ("NONE", .none), ("FULL", .full), ("EQUAL", .equal), ("DECORRELATED", .decorrelated),
        ]
        let admissions: [(String, TaskSpec.Admission)] = [
            ("DROP_IF_RUNNING", .dropIfRunning), ("REPLACE", .replace), ("QUEUE", .queue),
        ]
        for (index, row) in jitters.enumerated() {
            let (one, two) = (restarts[index % 3], admissions[index % 3])
            let text = Samples.wire
                .replacing("RESTART_STRATEGY_ALWAYS", with: restart + one.0)
                .replacing("JITTER_STRATEGY_EQUAL", with: jitter + row.0)
                .replacing("ADMISSION_STRATEGY_QUEUE", with: admission + two.0)
            let task = try Samples.read(text)
            #expect(
                task.restart == one.1 && task.backOff.jitter == row.1 && task.admission == two.1)
        }
    }

    @Test(arguments: [
        ("\"type\":\"always\"", "\"type\":\"Always\""), ("\"queue\"", "\"add\""),
        ("\"queue\"", "\"NEW\""), ("\"equal\"", "\"Equal\""),
    ])
    func `the domain form takes what Solti parses elsewhere`(old: String, new: String) throws {
        #expect(try Samples.read(Samples.domain.replacing(old, with: new)) == Samples.task)
    }

    @Test func `failOnNonZero left out means true in one form and false in the other`() throws {
        #expect(try Samples.read(Samples.domain).work.failsOnNonZero)
        let text = Samples.wire.replacing(",\n \"failOnNonZero\":true", with: "")
        #expect(text != Samples.wire)
        #expect(try !Samples.read(text).work.failsOnNonZero)
    }

    @Test func `the last of several variables counts`() throws {
        let env = #"{"key":"A","value":"1"},{"key":"B","value":"x=y"},{"key":"A","value":"2"}"#
        let text = Samples.wire.replacing("\"env\":[]", with: "\"env\":[\(env),{\"key\":\"C\"}]")
        #expect(try Samples.read(text).work.environment == ["A": "2", "B": "x=y", "C": ""])
    }

    @Test(arguments: [
        (#""runtime":"bash""#, Subprocess.Interpreter.bash),
        (#""runtime":"python""#, .python), (#""runtime":"node""#, .node),
        (#""runtime":{"custom":{"command":"ruby","flag":"-e"}}"#, .custom("ruby")),
        (#""wellKnown":"SCRIPT_RUNTIME_BASH""#, .bash), (#""well_known":2"#, .python),
        (#""wellKnown":3"#, .node), (#""custom":{"command":"ruby","flag":"-e"}"#, .custom("ruby")),
    ])
    func `scripts name their interpreter`(runtime: String, interpreter: Subprocess.Interpreter)
        throws
    {
        let body = "echo é\n"
        let script =
            "\"script\":{\(runtime),\"body\":\"\(Base64.encode(body.utf8))\",\"args\":[\"a\"]}"
        let text =
            runtime.contains("runtime")
            ? Samples.domain.replacing(#""command":{"command":"true"}"#, with: script)
            : Samples.wire.replacing(#""command":{"command":"true","args":[]}"#, with: script)
        #expect(
            try Samples.read(text).work.mode
                == .script(interpreter, body: Array(body.utf8), arguments: ["a"]))
    }
}
