/// A reference of the user's was moved. Written by `smelt-pr`.
package struct BranchUpdated: Record {
    package static let type = "branch.updated"

    /// Path or URL of the repository.
    package var url: String
    package var ref: String
    /// Absent when the reference is new.
    package var old: String?
    package var new: String

    package init(url: String, ref: String, old: String? = nil, new: String) {
        self.url = url
        self.ref = ref
        self.old = old
        self.new = new
    }
}

/// The members that both pull request records have.
package protocol PullRequestRecord: Record {
    var forge: String { get }
    var url: String { get }
    var number: Int { get }
    var head: String { get }
    var base: String { get }
    var draft: Bool { get }

    init(forge: String, url: String, number: Int, head: String, base: String, draft: Bool)
}

package struct PullRequestOpened: PullRequestRecord {
    package static let type = "pull_request.opened"

    package var forge: String
    package var url: String
    package var number: Int
    package var head: String
    package var base: String
    package var draft: Bool

    package init(forge: String, url: String, number: Int, head: String, base: String, draft: Bool) {
        self.forge = forge
        self.url = url
        self.number = number
        self.head = head
        self.base = base
        self.draft = draft
    }
}

package struct PullRequestUpdated: PullRequestRecord {
    package static let type = "pull_request.updated"

    package var forge: String
    package var url: String
    package var number: Int
    package var head: String
    package var base: String
    package var draft: Bool

    package init(forge: String, url: String, number: Int, head: String, base: String, draft: Bool) {
        self.forge = forge
        self.url = url
        self.number = number
        self.head = head
        self.base = base
        self.draft = draft
    }
}

/// How a pull request stands. Written by `smelt-pr watch`, whenever something of it changed.
package struct PullRequestStatus: Record {
    package static let type = "pull_request.status"

    package enum State: String, Codable, Sendable { case open, merged, closed }

    /// Check runs and commit statuses together; `unknown` when there are none.
    package enum Checks: String, Codable, Sendable { case passing, failing, pending, unknown }

    package var forge: String
    package var url: String
    package var number: Int
    package var state: State
    package var draft: Bool
    /// The head's, which the checks are about.
    package var commit: String
    package var checks: Checks?
    /// Names of the checks that failed.
    package var failedChecks: [String]?
    /// People whose last word is yes; and no.
    package var approvals: Int?
    package var changesRequested: Int?
    /// All reviews that were given.
    package var reviews: Int?

    package init(
        forge: String, url: String, number: Int, state: State, draft: Bool, commit: String,
        checks: Checks? = nil, failedChecks: [String]? = nil, approvals: Int? = nil,
        changesRequested: Int? = nil, reviews: Int? = nil
    ) {
        self.forge = forge
        self.url = url
        self.number = number
        self.state = state
        self.draft = draft
        self.commit = commit
        self.checks = checks
        self.failedChecks = failedChecks
        self.approvals = approvals
        self.changesRequested = changesRequested
        self.reviews = reviews
    }
}
