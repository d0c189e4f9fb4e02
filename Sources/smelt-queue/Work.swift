import Smelt
import Workers

/// The two ends of a line to a worker: `carry` where the daemon is, `work` where the sessions run.
enum Work {
    static let probe = Option("probe", nil, .flag, "only tell whether the worker can be used")
    static let release = Option(
        "release", nil, .flag, "at the end of the input, take away what has arrived")
    static let keep = Option(
        "keep", nil, .flag, "in the pipe there: keep what the sessions did for the other side")
    static let watch = Option(
        "watch", nil, .flag, "there: when what looks after the run is killed, end what it began")

    static let carry = Verb(
        "carry", options: [probe, release],
        summary: "in the pipe: runs the sessions on the worker that SMELT_WORKER names"
    ) { words in
        guard words.operands.isEmpty else { throw Usage("carry takes no operand") }
        guard !words[probe] || !words[release] else {
            throw Usage("--probe and --release exclude each other")
        }
        if words[probe] { return try Carry.probe() }
        return words[release] ? try Carry.release() : try Carry.run()
    }

    static let work = Verb(
        "work", options: [keep, watch], operands: "[RUN]",
        summary: "the far end of carry, which ssh begins; with a run, what looks after it"
    ) { words in
        guard words.operands.count <= 1 else { throw Usage("work takes one run") }
        guard let run = words.operands.first else {
            guard !words[keep], !words[watch] else { throw Usage("--keep and --watch need a run") }
            return try Door.open()
        }
        guard !words[keep] || !words[watch] else {
            throw Usage("--keep and --watch exclude each other")
        }
        if words[watch] { return try Watcher.run(run) }
        return words[keep] ? try Keeper.run(run) : try Supervisor.run(run)
    }
}
