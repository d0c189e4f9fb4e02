package import Smelt

/// The sessions' work as one branch in smelt's own repository. Written by `smelt-collect`.
package struct ResultCollected: Record {
    package static let type = "result.collected"

    package enum Review: String, Codable, Sendable { case none, required }

    /// Sessions whose work could not be merged, and the files that stood in the way.
    package struct Conflict: Codable, Equatable, Sendable {
        package var session: String
        package var files: [String]

        package init(session: String, files: [String]) {
            self.session = session
            self.files = files
        }
    }

    /// The name that the result is to have in the user's repository.
    package var branch: String
    /// Equal to `base` when nothing changed.
    package var commit: String
    package var base: String
    package var commits: Int
    package var files: Int
    package var insertions: Int
    package var deletions: Int
    /// Sessions whose work is in it.
    package var sessions: [String]
    /// A gate failed, or work is missing: the pull request is to be a draft.
    package var draft: Bool
    /// JSON lines, one a changed file; absent when nothing changed.
    package var filesPath: String?
    package var filesSha256: String?
    package var bundlePath: String?
    package var bundleSha256: String?
    package var conflicts: [Conflict]?
    package var warnings: [String]?
    package var review: Review
    /// Why it is required.
    package var reviewReasons: [String]?
    /// The reason that is none of the result itself.
    package static let everyResult = "the manifest asks for a review of every result"

    package init(
        branch: String, commit: String, base: String, commits: Int, files: Int, insertions: Int,
        deletions: Int, sessions: [String], draft: Bool, filesPath: String? = nil,
        filesSha256: String? = nil, bundlePath: String? = nil, bundleSha256: String? = nil,
        conflicts: [Conflict]? = nil, warnings: [String]? = nil, review: Review,
        reviewReasons: [String]? = nil
    ) {
        self.branch = branch
        self.commit = commit
        self.base = base
        self.commits = commits
        self.files = files
        self.insertions = insertions
        self.deletions = deletions
        self.sessions = sessions
        self.draft = draft
        self.filesPath = filesPath
        self.filesSha256 = filesSha256
        self.bundlePath = bundlePath
        self.bundleSha256 = bundleSha256
        self.conflicts = conflicts
        self.warnings = warnings
        self.review = review
        self.reviewReasons = reviewReasons
    }
}

/// Somebody is asked. Written by `smelt-review`.
package struct ReviewRequested: Record {
    package static let type = "review.requested"

    package var title: String
    package var summary: String
    package var expires: Timestamp
    package var commit: String

    package init(title: String, summary: String, expires: Timestamp, commit: String) {
        self.title = title
        self.summary = summary
        self.expires = expires
        self.commit = commit
    }
}

/// The answer, which holds for one commit only.
package struct ReviewDecided: Record {
    package static let type = "review.decided"

    package enum Decision: String, Codable, Sendable { case approved, denied, expired }

    package var decision: Decision
    package var commit: String
    /// `uid:N`; absent when the question expired.
    package var actor: String?
    package var note: String?

    package init(decision: Decision, commit: String, actor: String? = nil, note: String? = nil) {
        self.decision = decision
        self.commit = commit
        self.actor = actor
        self.note = note
    }
}
