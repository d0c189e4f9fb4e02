package import Smelt

/// What a run goes on with that is begun because sessions of another one failed: a member of `run.planned`.
package struct Resumed: Codable, Equatable, Sendable {
    /// A session that is not run again.
    package struct Taken: Codable, Equatable, Sendable {
        package var session: String
        /// The run in which it was done; its work is under that one's references.
        package var run: String
        /// From 1, in that run.
        package var attempt: Int
        package var branch: String
        /// The commit that it started from.
        package var start: String
        /// The last one of its branch.
        package var commit: String
        /// Whether smelt had to commit what the agent left.
        package var committedForAgent: Bool?
        /// How long its gate took; absent where it has none.
        package var gateSeconds: Double?

        package init(
            session: String, run: String, attempt: Int, branch: String, start: String,
            commit: String, committedForAgent: Bool? = nil, gateSeconds: Double? = nil
        ) {
            self.session = session
            self.run = run
            self.attempt = attempt
            self.branch = branch
            self.start = start
            self.commit = commit
            self.committedForAgent = committedForAgent
            self.gateSeconds = gateSeconds
        }
    }

    /// The run that is gone on with.
    package var run: String
    /// Those that it was to go on with itself, oldest first, where it came to nothing: absent where its environment was there.
    package var earlier: [String]?
    /// Where a chain of such runs began. Merges are made in its name, so that they come out as they did there, commit by commit.
    package var first: String
    /// What that one started from; the branch may be elsewhere by now.
    package var baseCommit: String
    /// In the manifest's order.
    package var sessions: [Taken]

    package init(
        run: String, earlier: [String]? = nil, first: String, baseCommit: String, sessions: [Taken]
    ) {
        self.run = run
        self.earlier = earlier
        self.first = first
        self.baseCommit = baseCommit
        self.sessions = sessions
    }

    /// All of which none may still be at work, each once.
    package var runs: [String] {
        var seen: Set<String> = []
        return ([run] + (earlier ?? []) + [first] + sessions.map(\.run)).filter {
            seen.insert($0).inserted
        }
    }

    package subscript(session name: String) -> Taken? {
        sessions.first { $0.session == name }
    }
}

/// A session that another run has done; stands where `session.started` would. Written by `smelt-exec`.
package struct SessionTaken: Record {
    package static let type = "session.taken"

    package var session: String
    /// In the run that did it.
    package var attempt: Int
    package var branch: String
    /// The commit that it started from.
    package var start: String
    /// The last one of its branch.
    package var commit: String
    /// The run that did it.
    package var from: String

    package init(_ taken: Resumed.Taken) {
        session = taken.session
        attempt = taken.attempt
        branch = taken.branch
        start = taken.start
        commit = taken.commit
        from = taken.run
    }
}

extension RunPlanned {
    /// In whose name merges are made.
    package func merges(in run: RunID) -> RunID {
        resumes.flatMap { RunID($0.first) } ?? run
    }
}
