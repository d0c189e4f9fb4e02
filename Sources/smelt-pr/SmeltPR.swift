internal import Glibc
import Forges
import Records
import Smelt

/// Delivers a result: moves the branch, opens or updates the pull request, and watches it.
@main
enum SmeltPR {
    static let noPR = Option("no-pr", nil, .flag, "move the branch only")
    static let force = Option("force", nil, .flag, "replace the branch whatever it holds")
    static let patience = Option(
        "patience", nil, .duration, "how long to wait for a busy forge (default 5m)")
    static let repository = Option(
        "repository", "C", .directory, "the local forge (default: here)")
    static let json = Option("json", nil, .flag, "print records also on a terminal")
    static let human = Option("human", nil, .flag, "print a table also into a pipe")
    static let interval = Option(
        "interval", "i", .duration, "how long to wait between two looks (default 30s)")
    static let job = Option("job", nil, .text("NAME"), "watch the latest run of this job")
    static let runs = Option("runs", nil, .directory, "where the logs of runs are")
    static let tokenEnv = Option(
        "token-env", nil, .text("NAME"), "the variable that holds the token, for a URL")
    static let api = Option("api-url", nil, .text("URL"), "the forge's API, for a URL")

    static func main() {
        Tool(
            "smelt-pr", summary: "Moves the branch and opens or updates the pull request.",
            verbs: [
                Verb("", options: [noPR, force, patience], summary: "deliver, in the pipe") {
                    if let word = $0.operands.first { throw Usage("unknown command '\(word)'") }
                    return try DeliverStage(
                        .init(
                            noPullRequest: $0[noPR], force: $0[force],
                            patience: $0[patience] ?? 300)
                    ).run()
                },
                Verb(
                    "list", options: [repository, json, human],
                    summary: "the requests of a local forge", body: LocalVerbs.list),
                Verb(
                    "show", options: [repository, json, human], operands: "NUMBER|URL",
                    summary: "one request of a local forge", body: LocalVerbs.show),
                Verb(
                    "merge", options: [repository], operands: "NUMBER|URL",
                    summary: "merge a request of a local forge"
                ) { try LocalVerbs.end($0) { try $0.merge($1) } },
                Verb(
                    "close", options: [repository], operands: "NUMBER|URL",
                    summary: "close a request of a local forge"
                ) { try LocalVerbs.end($0) { try $0.close($1) } },
                Verb(
                    "watch", options: [interval, job, runs, tokenEnv, api, patience, json, human],
                    operands: "[RUN|URL]",
                    summary: "wait until a request is merged (0) or closed (1)", body: Watching.run),
            ]
        ).start()
    }
}
