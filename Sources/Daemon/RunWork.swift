internal import FoundationEssentials
internal import Smelt
internal import Store

/// What is run for a job: the words, where, and what it reads.
struct RunWork {
    let words: [String]
    let directory: String
    let input: String

    init(
        _ claimed: Claimed, _ stored: StoredRun?, _ start: RunStart, _ files: RunFiles
    ) throws(DaemonFault) {
        // A command sees of our variables only those that are handed on.
        let box =
            [
                "smelt-exec", "--env", "SMELT_JOB", "--env", "SMELT_ATTEMPT",
            ] + start.execOptions
        switch claimed.kind {
        case .manifest where stored?.part == .behindResult:
            guard let rest = start.rest else { throw .noRest }
            words = rest
            directory = claimed.origin.map(Files.parent) ?? "/"
            input = files.input
        case .manifest:
            words = start.pipeline ?? ["smelt-run", "--run", "\(claimed.run)", "-"]
            directory = claimed.origin.map(Files.parent) ?? "/"
            input = stored == nil ? files.input : files.log
        case .task:
            words = box + ["--task", files.input]
            directory = claimed.origin ?? "/"
            input = files.input
        case .command:
            words = box + ["--"] + (try CommandWords.read(claimed.body))
            directory = claimed.origin ?? "/"
            input = "/dev/null"
        }
    }
}

/// A command as a job: what `smelt-queue add -- command` makes of it.
package enum CommandWords {
    /// A JSON array of words, at least one.
    package static func read(_ body: [UInt8]) throws(DaemonFault) -> [String] {
        let words: [String]
        do { words = try JSONDecoder().decode([String].self, from: Data(body)) } catch {
            throw .badCommand("it is no JSON array of texts")
        }
        guard !words.isEmpty, words.allSatisfy({ !$0.utf8.contains(0) }) else {
            throw .badCommand("it names no program")
        }
        return words
    }
}
