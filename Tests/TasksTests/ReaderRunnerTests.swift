import Testing

@testable import Tasks

/// Whether a task is for this runner at all.
@Suite struct ReaderRunnerTests {
    @Test(arguments: ["wasm", "container", "embedded"])
    func `other kinds are refused by name`(kind: String) {
        let text = Samples.domain.replacing(
            #"{"subprocess":{"mode":{"command":{"command":"true"}}}}"#,
            with: kind == "embedded" ? #""embedded""# : #"{"\#(kind)":{"image":"x"}}"#)
        #expect(throws: TaskFault.noRunner(kind: kind)) { try Samples.read(text) }
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
        let text = Samples.domain.replacing(
            #""admission":"queue""#, with: #""admission":"queue","runnerSelector":\#(selector)"#)
        if fits {
            _ = try Samples.read(text)
        } else {
            #expect(throws: TaskFault.notSelected(runner: "smelt-exec")) { try Samples.read(text) }
        }
    }
}
