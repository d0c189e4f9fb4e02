internal import FoundationEssentials
internal import Glibc
import Records
import Smelt

/// What is known on disk of one run's review, in `<state>/reviews/<run>/`: `request.json` is the
/// question, `decision-<commit>.json` a person's answer, made once and never changed, and
/// `expired-<commit>.json` the time when nobody had answered. An answer names its commit in the
/// file name, so it can hold for no other.
struct ReviewFiles {
    /// The question as people see it.
    struct Request: Codable, Equatable {
        var job: String
        var title: String
        var summary: String
        var branch: String
        var base: String
        var commit: String
        var asked: Timestamp
        var expires: Timestamp
        var warnings: [String]
        /// Why a review is required.
        var reasons: [String]

        var encoded: [UInt8] { get throws { try ReviewFiles.encode(self) } }
    }

    struct Decision: Codable, Equatable {
        var decision: ReviewDecided.Decision
        var commit: String
        var actor: String
        var note: String?
        var time: Timestamp

        var record: ReviewDecided {
            ReviewDecided(decision: decision, commit: commit, actor: actor, note: note)
        }
    }

    let run: RunID
    let directory: String

    init(_ run: RunID, state: String) {
        self.run = run
        directory = "\(state)/reviews/\(run)"
    }

    /// Every run that was ever asked about.
    static func all(state: String) -> [ReviewFiles] {
        Files.names(in: "\(state)/reviews").compactMap { RunID($0) }
            .map { ReviewFiles($0, state: state) }
    }

    func request() throws -> Request? { try read(Request.self, "request.json") }

    func write(_ request: Request) throws {
        try Files.makeDirectories(directory)
        try Files.replace("\(directory)/request.json", with: try Self.encode(request))
    }

    func decision(for commit: String) throws -> Decision? {
        try read(Decision.self, "decision-\(commit).json")
    }

    /// Makes `decision` the answer; the one that was there first where somebody was faster.
    func decide(_ decision: Decision) throws -> Decision {
        try Files.makeDirectories(directory)
        let path = "\(directory)/decision-\(decision.commit).json"
        do {
            try Files.replace(path, with: try Self.encode(decision), exclusive: true)
        } catch let fault as SystemFault where fault.number == EEXIST {
            guard let earlier = try self.decision(for: decision.commit) else { throw fault }
            return earlier
        }
        return decision
    }

    /// Of a run that may go on and ask anew, a no that its log has now.
    func forget(_ decision: Decision) {
        unlink("\(directory)/decision-\(decision.commit).json")
    }

    func isExpired(_ commit: String) -> Bool {
        Files.exists("\(directory)/expired-\(commit).json")
    }

    /// Remembers that the question for `commit` was closed without an answer.
    func expire(_ commit: String, at time: Timestamp) throws {
        try Files.replace(
            "\(directory)/expired-\(commit).json", with: try Self.encode(["time": time]))
    }

    private func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value? {
        let path = "\(directory)/\(name)"
        do {
            return try JSONDecoder().decode(type, from: Data(try Files.read(path)))
        } catch let fault as SystemFault where fault.number == ENOENT {
            return nil
        } catch is DecodingError {
            throw ReviewFault.unreadable(path)
        }
    }

    private static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value)) + [10]
    }
}
