import Records
import Testing

@testable import Tasks

@Suite struct ReaderTests {
    static let domain = """
        {"slot":"s","kind":{"subprocess":{"mode":{"command":{"command":"true"}}}},"timeout":1500,
         "restart":{"type":"always","intervalMs":250},
         "backoff":{"jitter":"equal","firstMs":500,"maxMs":20000,"factor":1.5},"admission":"queue"}
        """
    static let wire = """
        {"slot":"s","kind":{"subprocess":{"command":{"command":"true","args":[]},"env":[],
         "failOnNonZero":true}},"timeoutMs":"1500","restart":"RESTART_STRATEGY_ALWAYS","restartIntervalMs":"250",
         "backoff":{"jitter":"JITTER_STRATEGY_EQUAL","firstMs":"500","maxMs":"20000","factor":1.5},
         "admission":"ADMISSION_STRATEGY_QUEUE","labels":{}}
        """
    static let task = TaskSpec(
        slot: "s", work: Subprocess(mode: .command("true", arguments: [])), timeoutSeconds: 1.5,
        restart: .always(everySeconds: 0.25),
        backOff: BackOff(jitter: .equal, firstSeconds: 0.5, mostSeconds: 20, factor: 1.5),
        admission: .queue)

    static func read(_ text: String) throws -> TaskSpec {
        try TaskReader.read(Array(text.utf8), file: "t", runner: "smelt-exec")
    }

    /// The problems without their places, or none.
    static func problems(_ text: String) -> [String] {
        do { _ = try read(text) } catch TaskFault.invalid(_, let problems) {
            return problems.map {
                $0.split(separator: " ", maxSplits: 1).last.map(String.init) ?? ""
            }
        } catch { return ["\(error)"] }
        return []
    }

    @Test(arguments: [domain, wire])
    func `both forms say the same`(text: String) throws {
        #expect(try Self.read(text) == Self.task)
        #expect(try Self.read("{\"spec\":\(text)}") == Self.task)
    }

    @Test func `numbers may be text and text numbers, names snake_case, enumerations numbers`()
        throws
    {
        let text = """
            {"slot":"s","kind":{"subprocess":{"command":{"command":"true"},"fail_on_non_zero":true}},
             "timeout_ms":1500,"restart":3,"restart_interval_ms":2.5e2,
             "backoff":{"jitter":3,"first_ms":500.0,"max_ms":"20000","factor":1.5},"admission":3}
            """
        #expect(try Self.read(text) == Self.task)
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
            let text = Self.wire
                .replacing("RESTART_STRATEGY_ALWAYS", with: restart + one.0)
                .replacing("JITTER_STRATEGY_EQUAL", with: jitter + row.0)
                .replacing("ADMISSION_STRATEGY_QUEUE", with: admission + two.0)
            let task = try Self.read(text)
            #expect(
                task.restart == one.1 && task.backOff.jitter == row.1 && task.admission == two.1)
        }
    }

    @Test(arguments: [
        ("\"type\":\"always\"", "\"type\":\"Always\""), ("\"queue\"", "\"add\""),
        ("\"queue\"", "\"NEW\""), ("\"equal\"", "\"Equal\""),
    ])
    func `the domain form takes what Solti parses elsewhere`(old: String, new: String) throws {
        #expect(try Self.read(Self.domain.replacing(old, with: new)) == Self.task)
    }

    @Test func `failOnNonZero left out means true in one form and false in the other`() throws {
        #expect(try Self.read(Self.domain).work.failsOnNonZero)
        let text = Self.wire.replacing(",\n \"failOnNonZero\":true", with: "")
        #expect(text != Self.wire)
        #expect(try !Self.read(text).work.failsOnNonZero)
    }

    @Test func `the last of several variables counts`() throws {
        let env = #"{"key":"A","value":"1"},{"key":"B","value":"x=y"},{"key":"A","value":"2"}"#
        let text = Self.wire.replacing("\"env\":[]", with: "\"env\":[\(env),{\"key\":\"C\"}]")
        #expect(try Self.read(text).work.environment == ["A": "2", "B": "x=y", "C": ""])
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
            ? Self.domain.replacing(#""command":{"command":"true"}"#, with: script)
            : Self.wire.replacing(#""command":{"command":"true","args":[]}"#, with: script)
        #expect(
            try Self.read(text).work.mode
                == .script(interpreter, body: Array(body.utf8), arguments: ["a"]))
    }

    @Test(arguments: [
        (
            #""slot":"s""#, #""slot":"a/b""#,
            "'slot' must be 1 to 64 letters, digits, '.', '_' and '-', and not '.' or '..'"
        ),
        (
            #""slot":"s""#, #""slot":"..""#,
            "'slot' must be 1 to 64 letters, digits, '.', '_' and '-', and not '.' or '..'"
        ),
        (#""slot":"s""#, #""slot":7"#, "'slot' must be a text, not a number"),
        (#""slot":"s","#, "", "'slot' is missing"),
        (#""timeout":1500"#, #""timeout":0"#, "'timeout' must be at least 1"),
        (#""timeout":1500"#, #""timeout":null"#, "'timeout' is missing"),
        (
            #""timeout":1500"#, #""timeout":-1"#,
            "'timeout' must be a whole number from 1 to 18446744073709551615, not '-1'"
        ),
        (
            #""timeout":1500"#, #""timeout":1.5"#,
            "'timeout' must be a whole number from 1 to 18446744073709551615, not '1.5'"
        ),
        (
            #""timeout":1500"#, #""timeout":18446744073709551616"#,
            "'timeout' must be a whole number from 1 to 18446744073709551615, not '18446744073709551616'"
        ),
        (#""timeout":1500"#, #""timeout":1,"timeout":2"#, "'timeout' is there twice"),
        (
            #""timeout":1500"#, #""timeout":1,"timeoutMs":2"#,
            "'timeoutMs' is of the wire form, and this task is in the domain form"
        ),
        (
            #""timeout":1500"#, #""timeout":1,"timeuot":2"#,
            "'timeuot' is unknown; did you mean 'timeout'?"
        ),
        (#""timeout":1500"#, #""timeout":1,"maxRetries":0"#, "'maxRetries' must be at least 1"),
        (
            #""type":"always""#, #""type":"sometimes""#,
            "'restart.type' must be one of never, onFailure, always"
        ),
        (#""type":"always""#, #""type":"never""#, "'restart.intervalMs' is unknown"),
        (#""queue""#, #""QUEUED""#, "'admission' must be one of dropIfRunning, replace, queue"),
        (#""maxMs":20000"#, #""maxMs":499"#, "'backoff.maxMs' must not be below 'firstMs'"),
        (#""firstMs":500"#, #""firstMs":0"#, "'backoff.firstMs' must be at least 1"),
        (#""factor":1.5"#, #""factor":0.5"#, "'backoff.factor' must be at least 1"),
        (#""factor":1.5"#, #""factor":1e999"#, "'backoff.factor' must be at least 1"),
        (#""factor":1.5"#, #""factor":"2""#, "'backoff.factor' must be a number, not a text"),
        (
            #"{"command":"true"}"#, #"{"command":" \t"}"#,
            "'kind.subprocess.mode.command.command' must not be blank"
        ),
        (
            #"{"command":"true"}"#, #"{"command":"a\u0000"}"#,
            "'kind.subprocess.mode.command.command' must not hold a NUL character"
        ),
        (
            #"{"command":"true"}"#, #"{"command":"a","args":["b",1]}"#,
            "'kind.subprocess.mode.command.args[1]' must be a text, not a number"
        ),
        (
            #""mode":{"command":{"command":"true"}}"#, #""mode":{}"#,
            "'kind.subprocess.mode' must have exactly one of 'command' and 'script'"
        ),
        (#"{"mode":"#, #"{"cwd":"","mode":"#, "'kind.subprocess.cwd' must not be blank"),
        (
            #"{"mode":"#, #"{"env":[{"key":"A=","value":""}],"mode":"#,
            "'kind.subprocess.env[0].key' must be a name without '='"
        ),
        (
            #"{"mode":"#, #"{"env":[{"key":"A"}],"mode":"#,
            "'kind.subprocess.env[0].value' is missing"
        ),
        (
            #"{"mode":"#, #"{"env":{},"mode":"#,
            "'kind.subprocess.env' must be a list, not an object"
        ),
        (
            #"{"mode":"#, #"{"failOnNonZero":"yes","mode":"#,
            "'kind.subprocess.failOnNonZero' must be true or false, not a text"
        ),
        (
            #"{"mode":"#, #"{"script":{},"mode":"#,
            "'kind.subprocess.script' is of the wire form, and this task is in the domain form"
        ),
        (
            #"{"subprocess":"#, #"{"wasm":{},"subprocess":"#,
            "'kind' must have exactly one of 'subprocess', 'container' and 'wasm'"
        ),
        (
            #""admission":"queue""#, #""admission":"queue","labels":{"a":1}"#,
            "'labels.a' must be a text, not a number"
        ),
        (
            #""admission":"queue""#,
            #""admission":"queue","runnerSelector":{"matchExpressions":[{"key":"a","operator":"In"}]}"#,
            "'runnerSelector.matchExpressions[0].values' must not be empty for 'In'"
        ),
        (
            #""admission":"queue""#,
            #""admission":"queue","runnerSelector":{"matchExpressions":[{"key":"a","operator":"Is"}]}"#,
            "'runnerSelector.matchExpressions[0].operator' must be one of In, NotIn, Exists, DoesNotExist"
        ),
    ])
    func `what is wrong is said with its path`(old: String, new: String, sentence: String) {
        let text = Self.domain.replacing(old, with: new)
        #expect(text != Self.domain)
        #expect(Self.problems(text) == [sentence])
    }

    @Test(arguments: [
        (
            #""RESTART_STRATEGY_ALWAYS""#, "0",
            "'restart' must be one of RESTART_STRATEGY_NEVER, RESTART_STRATEGY_ON_FAILURE, RESTART_STRATEGY_ALWAYS"
        ),
        (
            #""RESTART_STRATEGY_ALWAYS""#, #""RESTART_STRATEGY_UNSPECIFIED""#,
            "'restart' must be one of RESTART_STRATEGY_NEVER, RESTART_STRATEGY_ON_FAILURE, RESTART_STRATEGY_ALWAYS"
        ),
        (
            #""RESTART_STRATEGY_ALWAYS""#, #""always""#,
            "'restart' must be one of RESTART_STRATEGY_NEVER, RESTART_STRATEGY_ON_FAILURE, RESTART_STRATEGY_ALWAYS"
        ),
        (
            #""timeoutMs":"1500""#, #""timeoutMs":"1500","timeout_ms":1"#,
            "'timeout_ms' is there twice"
        ),
        (
            #""timeoutMs":"1500""#, #""timeoutMs":"1500 ""#,
            "'timeoutMs' must be a whole number from 1 to 18446744073709551615, not '1500 '"
        ),
        (
            #""command":{"command":"true","args":[]}"#, #""mode":{"command":{"command":"true"}}"#,
            "'kind.subprocess.mode' is of the domain form, and this task is in the wire form"
        ),
        (
            #""labels":{}"#, #""runnerSelector":{}"#,
            "'runnerSelector' is of the domain form, and this task is in the wire form"
        ),
        (
            #""command":{"command":"true","args":[]}"#, #""script":{"body":"eA=="}"#,
            "'kind.subprocess.script' must have exactly one of 'wellKnown' and 'custom'"
        ),
        (
            #""command":{"command":"true","args":[]}"#, #""script":{"wellKnown":1,"body":""}"#,
            "'kind.subprocess.script.body' must not be empty"
        ),
        (
            #""command":{"command":"true","args":[]}"#, #""script":{"wellKnown":1,"body":"eA"}"#,
            "'kind.subprocess.script.body' must be padded base64"
        ),
        (
            #""command":{"command":"true","args":[]}"#, #""script":{"wellKnown":1,"body":"/w=="}"#,
            "'kind.subprocess.script.body' must be UTF-8, decoded"
        ),
        (
            #""command":{"command":"true","args":[]}"#,
            #""script":{"custom":{"command":"x"},"body":"eA=="}"#,
            "'kind.subprocess.script.custom.flag' is missing"
        ),
    ])
    func `so it is in the wire form`(old: String, new: String, sentence: String) {
        let text = Self.wire.replacing(old, with: new)
        #expect(text != Self.wire)
        #expect(Self.problems(text) == [sentence])
    }

    @Test func `a script may have two MiB and no more`() throws {
        // Three bytes in four characters; 2 MiB are so many threes and two more.
        func text(_ threes: Int, _ rest: String) throws -> String {
            let parts = Self.wire.split(separator: #""command":{"command":"true","args":[]}"#)
            try #require(parts.count == 2)
            let body = String(repeating: "IyMj", count: threes) + rest
            return parts[0] + #""script":{"wellKnown":1,"body":""# + body + #""}"# + parts[1]
        }
        _ = try Self.read(text(699_050, "IyM="))
        #expect(
            try Self.problems(text(699_051, "")) == [
                "'kind.subprocess.script.body' must be at most 2097152 bytes, decoded"
            ])
    }

    @Test func `everything is found at once, in the order of the file, with places`() {
        let text = """
            {"slot": "é/",
             "kind": {"subprocess": {"mode": {"command": {"command": "", "argz": []}}}},
             "restart": {"type": "never"}, "é": "é", "backoff": {"jitter": "none"},
             "admission": "drop"}
            """
        let fault = #expect(throws: TaskFault.self) { try Self.read(text) }
        guard case .invalid(_, let problems)? = fault else { return }
        #expect(
            problems == [
                "t:1:1: 'timeout' is missing",
                "t:1:10: 'slot' must be 1 to 64 letters, digits, '.', '_' and '-', and not '.' or '..'",
                "t:2:58: 'kind.subprocess.mode.command.command' must not be blank",
                "t:2:62: 'kind.subprocess.mode.command.argz' is unknown; did you mean 'args'?",
                "t:3:32: 'é' is unknown",
                "t:3:53: 'backoff.firstMs' is missing", "t:3:53: 'backoff.maxMs' is missing",
                "t:3:53: 'backoff.factor' is missing",
            ])
        #expect(
            fault?.description == "could not use the task: t:1:1: 'timeout' is missing (and 7 more)"
        )
    }

    @Test(arguments: ["wasm", "container", "embedded"])
    func `other kinds are refused by name`(kind: String) {
        let text = Self.domain.replacing(
            #"{"subprocess":{"mode":{"command":{"command":"true"}}}}"#,
            with: kind == "embedded" ? #""embedded""# : #"{"\#(kind)":{"image":"x"}}"#)
        #expect(throws: TaskFault.noRunner(kind: kind)) { try Self.read(text) }
    }

    @Test(arguments: [
        ("{}", true), (#"{"matchLabels":{"runner-name":"smelt-exec"}}"#, true),
        (#"{"matchLabels":{"runner-name":"gpu"}}"#, false),
        (#"{"matchLabels":{"zone":"a"}}"#, false),
        (
            #"{"matchExpressions":[{"key":"runner-name","operator":"In","values":["x","smelt-exec"]}]}"#,
            true
        ),
        (
            #"{"matchExpressions":[{"key":"runner-name","operator":"NotIn","values":["smelt-exec"]}]}"#,
            false
        ),
        (#"{"matchExpressions":[{"key":"zone","operator":"NotIn","values":["a"]}]}"#, true),
        (#"{"matchExpressions":[{"key":"zone","operator":"Exists"}]}"#, false),
        (#"{"matchExpressions":[{"key":"zone","operator":"DoesNotExist","values":[]}]}"#, true),
        (
            #"{"matchExpressions":[{"key":"zone","operator":"In","values":["a"]},{"key":"runner-name","operator":"Exists"}]}"#,
            false
        ),
    ])
    func `a selector that no label satisfies is refused`(selector: String, fits: Bool) throws {
        let text = Self.domain.replacing(
            #""admission":"queue""#, with: #""admission":"queue","runnerSelector":\#(selector)"#)
        if fits {
            _ = try Self.read(text)
        } else {
            #expect(throws: TaskFault.notSelected(runner: "smelt-exec")) { try Self.read(text) }
        }
    }

    @Test(arguments: [
        ("", "the text ends where a value should stand"),
        ("[]", "'the task' must be an object, not a list"),
        ("{\"spec\":{}} x", "there is more after the end"),
        ("null", "'the task' must be an object, not null"),
    ])
    func `what is no object is no task`(text: String, sentence: String) {
        #expect(Self.problems(text) == [sentence])
    }

    @Test func `beside the wrapper there is nothing`() {
        #expect(
            Self.problems("{\"spec\":\(Self.domain),\"specs\":1}") == [
                "'specs' is unknown; did you mean 'spec'?"
            ])
    }
}
