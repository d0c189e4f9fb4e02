package import Records

/// Which session may start when: plain bookkeeping, told what happens and asked what is next.
package struct Schedule: Sendable {
    /// A session that will not run, and the one whose end decided that.
    package struct Skipped: Equatable, Sendable {
        package let session: String
        package let because: String

        package init(session: String, because: String) {
            self.session = session
            self.because = because
        }
    }

    private let sessions: [Session]
    private let atOnce: Int
    private var running: Set<String> = []
    private var endings: [String: Ending] = [:]

    package init(_ sessions: [Session], atOnce: Int) {
        self.sessions = sessions
        self.atOnce = max(1, atOnce)
    }

    /// Sessions that can start now, in the manifest's order; they count as running from here on.
    package mutating func start() -> [Session] {
        var starting: [Session] = []
        for session in ready where running.count < atOnce {
            running.insert(session.name)
            starting.append(session)
        }
        return starting
    }

    /// Takes note of an end; gives the sessions that cannot run any more, those that depend on them
    /// included.
    package mutating func end(_ name: String, _ ending: Ending) -> [Skipped] {
        running.remove(name)
        endings[name] = ending
        guard ending != .succeeded else { return [] }
        var skipped: [Skipped] = []
        for session in sessions where endings[session.name] == nil {
            guard !running.contains(session.name), session.dependsOn.contains(name) else {
                continue
            }
            skipped.append(Skipped(session: session.name, because: name))
            skipped += end(session.name, .skipped)
        }
        return skipped
    }

    /// Sessions that have neither ended nor started.
    package var waiting: [Session] {
        sessions.filter { endings[$0.name] == nil && !running.contains($0.name) }
    }

    /// Those of them that wait for no other session, and at most for a place.
    package var ready: [Session] {
        waiting.filter { $0.dependsOn.allSatisfy { endings[$0] == .succeeded } }
    }

    package var isOver: Bool { endings.count == sessions.count }

    /// How many ended how.
    package var count: [String: Int] {
        endings.values.reduce(into: [:]) { $0[$1.rawValue, default: 0] += 1 }
    }
}
