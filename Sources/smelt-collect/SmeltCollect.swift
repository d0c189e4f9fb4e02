import Glibc
import Records
import Results
import Smelt

/// Turns the sessions' branches into one result in smelt's own repository.
@main
enum SmeltCollect {
    static let patch = Option(
        "patch", nil, .file, "write the result as mails, for git am, into FILE")
    static let bundle = Option("bundle", nil, .file, "write the result as a bundle into FILE")
    static let blob = Option(
        "max-file", nil, .size, "the largest file that is let in (default 50M)")
    static let total = Option(
        "max-total", nil, .size, "the most that a session may bring, unpacked (default 1G)")
    static let entries = Option(
        "max-paths", nil, .number(1...100_000_000),
        "changed paths, summed over a session's commits (default 100000)")
    static let objects = Option(
        "max-objects", nil, .number(1...100_000_000), "git objects of a session (default 400000)")
    static let path = Option(
        "max-path", nil, .number(1...1_000_000), "bytes in a path (default 4096)")
    static let depth = Option(
        "max-depth", nil, .number(1...4096), "directories within each other (default 64)")
    static let time = Option(
        "max-time", nil, .duration, "for each step of letting a session's work in (default 2m)")

    static func main() {
        Tool(
            "smelt-collect",
            summary: "Turns the sessions' branches into one checked result.",
            options: [patch, bundle, blob, total, entries, objects, path, depth, time]
        ) { words in
            guard words.operands.isEmpty else {
                throw Usage("smelt-collect takes no operands, not '\(words.operands[0])'")
            }
            var bounds = Bounds()
            bounds.blobBytes = words[blob] ?? bounds.blobBytes
            bounds.totalBytes = words[total] ?? bounds.totalBytes
            bounds.entries = words[entries] ?? bounds.entries
            bounds.objects = words[objects] ?? bounds.objects
            bounds.pathBytes = words[path] ?? bounds.pathBytes
            bounds.depth = words[depth] ?? bounds.depth
            bounds.seconds = words[time] ?? bounds.seconds
            return try CollectStage(bounds, patch: words[patch], bundle: words[bundle]).run()
        }.start()
    }
}
