package import Smelt

/// One line of `smelt-provision list`.
package struct EnvironmentListed: Record {
    package static let type = "environment.listed"

    package enum State: String, Codable, Sendable {
        /// Sessions run in it.
        case running
        /// A stage of its run holds the lease.
        case held
        /// Somebody asked for it to stay.
        case kept
        /// Nobody holds it; the next gc clears it away.
        case left
    }

    package var id: String
    package var job: String
    package var state: State
    package var repository: String
    package var baseCommit: String
    package var created: Timestamp
    package var directory: String
    package var hostUser: UInt32?
    package var sessions: [String]

    package init(
        id: String, job: String, state: State, repository: String, baseCommit: String,
        created: Timestamp, directory: String, hostUser: UInt32?, sessions: [String]
    ) {
        self.id = id
        self.job = job
        self.state = state
        self.repository = repository
        self.baseCommit = baseCommit
        self.created = created
        self.directory = directory
        self.hostUser = hostUser
        self.sessions = sessions
    }
}
