internal import FoundationEssentials
internal import Records
package import Smelt

/// A pull request of the local forge, as its `request.json` says.
package struct LocalRequest: Codable, Equatable, Sendable {
    package enum State: String, Codable, Sendable { case open, merged, closed }

    package var number: Int
    package var title: String
    package var body: String
    package var head: String
    package var base: String
    package var draft: Bool
    package var state: State
    package var labels: [String]
    package var reviewers: [String]
    package var run: String
    /// What the head was when it was delivered last.
    package var commit: String
    package var updated: Timestamp

    /// Nil when `bytes` are something else.
    init?(_ bytes: [UInt8]) {
        guard let request = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else {
            return nil
        }
        self = request
    }

    init(
        number: Int, title: String, body: String, head: String, base: String, draft: Bool,
        labels: [String], reviewers: [String], run: String, commit: String, updated: Timestamp
    ) {
        self.number = number
        self.title = title
        self.body = body
        self.head = head
        self.base = base
        self.draft = draft
        state = .open
        self.labels = labels
        self.reviewers = reviewers
        self.run = run
        self.commit = commit
        self.updated = updated
    }

    /// The file, members sorted.
    package var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array((try? encoder.encode(self)) ?? Data()) + [10]
    }
}
