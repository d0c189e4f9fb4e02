import Glibc
import Records
import Smelt

@main
enum SmeltRuns {
    static func main() {
        Tool(
            "smelt-runs", summary: "Records runs, and tells about those that were recorded.",
            verbs: [
                record, Listing.list, Listing.status, Logs.verb, Stop.verb, Rescue.verb,
                Verify.verb, Prune.verb,
            ]
        ).start()
    }

    static let stages = Option(
        "stages", nil, .number(1...1000), "fail unless so many stages say that they have ended")
    static let record = Verb(
        "record", options: [stages],
        summary: "keeps the log of the run that is piped in and ends with its status"
    ) { words in
        guard words.operands.isEmpty else { throw Usage("record takes no operands") }
        // A terminal gets the picture; whatever else is there gets the records.
        let isWatched = isatty(1) == 1
        let nowhere = try Descriptor(opening: "/dev/null", O_WRONLY)
        let recorder = Recorder(
            view: isWatched ? LiveView(1) : nil, output: isWatched ? nowhere.number : 1,
            stages: words[stages] ?? 0)
        if let trouble = try recorder.run() { return trouble }
        // A filter of the user's may end a run with any number.
        exit(recorder.status)
    }
}
