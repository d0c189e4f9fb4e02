internal import FoundationEssentials
internal import Smelt

/// When a person must agree before anything is delivered, who that may be, and when nobody need.
package struct ReviewRules: Codable, Equatable, Sendable {
    /// Results of which no person need be asked. Never one that touches a protected path, a link or a binary file, makes a
    /// file executable, or lacks work.
    package struct AutoAccept: Codable, Equatable, Sendable {
        /// Patterns from the repository's root; every path that changed must match one.
        package var paths: [String]
        package var mostFiles: Int?
        /// Insertions and deletions together.
        package var mostLines: Int?
        /// Every session of the result has a gate, and it passed.
        package var gates: Bool

        package init(
            paths: [String], mostFiles: Int? = nil, mostLines: Int? = nil, gates: Bool = true
        ) {
            self.paths = paths
            self.mostFiles = mostFiles
            self.mostLines = mostLines
            self.gates = gates
        }
    }

    /// Ask for every result; otherwise only where protected files or warnings demand it.
    package var required: Bool
    /// How long the question stands.
    package var expiresSeconds: Double
    /// Login names, or `uid:N`; without any, whoever may write in the state directory.
    package var reviewers: [String]?
    /// So many of them must agree; one when nil.
    package var count: Int?
    /// May decide alone once nobody has for `ownerAfterSeconds`.
    package var owner: String?
    package var ownerAfterSeconds: Double?
    package var autoAccept: [AutoAccept]?

    package init(required: Bool = false, expiresSeconds: Double = Self.usualExpiry) {
        self.required = required
        self.expiresSeconds = expiresSeconds
    }

    package static let usualExpiry: Double = 86_400

    /// The variable in which the queue's daemon says what holds where a manifest says nothing, in JSON.
    package static let variable = "SMELT_REVIEW_RULES"

    /// What the daemon that began this process says; nil where none did.
    package static func ofDaemon() throws -> ReviewRules? {
        guard let text = Environment.nonEmpty(variable) else { return nil }
        do { return try JSONDecoder().decode(ReviewRules.self, from: Data(text.utf8)) } catch {
            throw RecordFault.unreadable(type: variable, reason: "it is not what the daemon sets")
        }
    }

    package var json: String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// These, and where they say nothing, the others.
    package func filled(from others: ReviewRules?) -> ReviewRules {
        guard let others else { return self }
        var rules = self
        rules.required = required || others.required
        if expiresSeconds == Self.usualExpiry { rules.expiresSeconds = others.expiresSeconds }
        // So many of named people are not so many of others.
        if reviewers == nil || others.reviewers == nil { rules.count = count ?? others.count }
        rules.reviewers = reviewers ?? others.reviewers
        if owner == nil {
            (rules.owner, rules.ownerAfterSeconds) = (others.owner, others.ownerAfterSeconds)
        }
        rules.autoAccept = autoAccept ?? others.autoAccept
        return rules
    }
}
