import Records
import Smelt

@main
enum SmeltProvision {
    static let bestEffort = Option(
        "best-effort", nil, .flag, "go on without the limits that cannot be enforced here")
    static let keep = Option("keep", nil, .flag, "leave the environment, and say how to get in")
    static let json = Option("json", nil, .flag, "records, also on a terminal")
    static let human = Option("human", nil, .flag, "a table, also into a pipe")
    static let olderThan = Option(
        "older-than", nil, .duration, "what counts as old: kept environments, unused checkouts")
    static let discard = Option(
        "discard", nil, .text("ID"), "remove this environment without rescuing what is in it")

    static func main() {
        Tool(
            "smelt-provision", summary: "prepare the environment of a run, and clear it away",
            verbs: [
                Verb(
                    "", options: [bestEffort],
                    summary: "prepare the environment of the run that stdin plans"
                ) { words in
                    try none(words)
                    return try Preparation(bestEffort: words[bestEffort]).run()
                },
                Verb(
                    "release", options: [keep],
                    summary: "rescue and remove the environment at the end of the input"
                ) { words in
                    try none(words)
                    return try Release(keep: words[keep]).run()
                },
                Verb(
                    "documents", summary: "show what a cluster would be asked with for the run"
                ) { words in
                    try none(words)
                    return try Documents().run()
                },
                Verb("list", options: [json, human], summary: "show the environments that exist") {
                    words in
                    try none(words)
                    guard !words[json] || !words[human] else {
                        throw Smelt.Usage("--json and --human exclude each other")
                    }
                    return try List(asTable: words[human] ? true : words[json] ? false : nil).run()
                },
                Verb(
                    "gc", options: [olderThan, discard],
                    summary: "rescue and remove what nobody uses any more"
                ) { words in
                    try none(words)
                    return try Collection(
                        olderThan: words[olderThan], discarded: words.all(discard)
                    ).run()
                },
            ]
        ).start()
    }

    private static func none(_ words: Words) throws(Smelt.Usage) {
        if let word = words.operands.first { throw Smelt.Usage("unexpected '\(word)'") }
    }
}
