import Testing

@testable import Tasks

@Suite struct ReaderProblemTests {
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
        let text = Samples.domain.replacing(old, with: new)
        #expect(text != Samples.domain)
        #expect(Samples.problems(text) == [sentence])
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
        let text = Samples.wire.replacing(old, with: new)
        #expect(text != Samples.wire)
        #expect(Samples.problems(text) == [sentence])
    }

    @Test func `a script may have two MiB and no more`() throws {
        // Three bytes in four characters; 2 MiB are so many threes and two more.
        func text(_ threes: Int, _ rest: String) throws -> String {
            let parts = Samples.wire.split(separator: #""command":{"command":"true","args":[]}"#)
            try #require(parts.count == 2)
            let body = String(repeating: "IyMj", count: threes) + rest
            return parts[0] + #""script":{"wellKnown":1,"body":""# + body + #""}"# + parts[1]
        }
        _ = try Samples.read(text(699_050, "IyM="))
        #expect(
            try Samples.problems(text(699_051, "")) == [
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
        let fault = #expect(throws: TaskFault.self) { try Samples.read(text) }
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

    @Test(arguments: [
        ("", "the text ends where a value should stand"),
        ("[]", "'the task' must be an object, not a list"),
        ("{\"spec\":{}} x", "there is more after the end"),
        ("null", "'the task' must be an object, not null"),
    ])
    func `what is no object is no task`(text: String, sentence: String) {
        #expect(Samples.problems(text) == [sentence])
    }

    @Test func `beside the wrapper there is nothing`() {
        #expect(
            Samples.problems("{\"spec\":\(Samples.domain),\"specs\":1}") == [
                "'specs' is unknown; did you mean 'spec'?"
            ])
    }
}
