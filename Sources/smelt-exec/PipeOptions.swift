import Glibc
import Sessions
import Smelt

/// The words of `smelt-exec` in the pipe.
enum PipeOptions {
    static let startCommit = Option(
        "start-commit", nil, .flag, "merge the branches that a session starts from (asked on stdin)"
    )

    static let enter = Option(
        "enter", nil, .text("FILE"), "make a session's container and become the connection to it")

    static let tracer = Option(
        "tracer", nil, .flag, "watch a command for --trace-denials (asked on stdin)")

    static func options(_ words: Words) throws(Usage) -> CrewOptions {
        let own = [AloneOptions.grace.name, AloneOptions.trace.name]
        let foreign = AloneOptions.all.first { words.has($0.name) && !own.contains($0.name) }
        if let foreign {
            throw Usage("--\(foreign.name) is for a command alone: write '-- COMMAND'")
        }
        return CrewOptions(
            grace: words[AloneOptions.grace] ?? CrewOptions().grace,
            tracesDenials: words[AloneOptions.trace])
    }

    /// For smelt-exec itself; see `EntryRequest`.
    static func enter(_ path: String) throws -> Never {
        Interruption.install()
        try Entry.enter(path)
    }

    /// For smelt-exec itself; see `StartCommit`.
    static func prepareStart() throws -> Exit {
        Interruption.install()
        let input = try Descriptor(owning: 0).readAll(upTo: 1 << 20, name: "standard input")
        try put(StartCommit.prepare(StartCommit.read(input)) + "\n")
        return .done
    }
}
