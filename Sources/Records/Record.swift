package import Smelt

/// One kind of line that travels the pipe. Its members are written sorted behind the head that all
/// records share; what is absent is left out, never null.
package protocol Record: Codable, Sendable, Equatable {
    /// The word in `type`.
    static var type: String { get }
    /// The object of its members. `JSONEncoder` makes it, except of those that a command writes whose whole time is a few
    /// milliseconds.
    func object() throws -> [UInt8]
}

/// Every type that smelt writes into a pipe, in the order in which a run has them.
package let recordTypes: [any Record.Type] = [
    RunPlanned.self, EnvironmentReady.self, SessionTaken.self, SessionStarted.self, Output.self,
    Egress.self, Denied.self, GateFinished.self, SessionFinished.self, TaskPhased.self,
    SessionsFinished.self,
    ResultCollected.self, EnvironmentReleased.self, ReviewRequested.self, ReviewDecided.self,
    BranchUpdated.self, PullRequestOpened.self, PullRequestUpdated.self, Failed.self,
    RunFinished.self,
]

/// The version of the record format, in every record's `v`. Members may be added within it.
package let recordVersion = 1

/// Longest line that a stage takes: 1 MiB.
package let longestLine = 1 << 20

/// The most raw output that goes into one `output` record.
package let longestOutput = 65_536

/// What cannot be done with a line.
package enum RecordFault: Fault {
    /// A record that says less than its type promises.
    case unreadable(type: String, reason: String)
    case notWritable(type: String, reason: String)

    package var exit: Exit {
        switch self {
        case .unreadable: .invalid
        case .notWritable: .bug
        }
    }

    package var code: String { "bad_record" }

    package var description: String {
        switch self {
        case .unreadable(let type, let reason): "could not read a '\(type)' record: \(reason)"
        case .notWritable(let type, let reason): "could not write a '\(type)' record: \(reason)"
        }
    }
}
