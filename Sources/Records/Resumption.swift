package import Smelt

/// Reads the log of a run that is over, record by record, and knows then how another one goes on from there. Of a log of several
/// runs the last one counts that was planned.
package struct Resumption: Sendable {
    /// How it goes on.
    package enum Way: Equatable, Sendable {
        /// What comes behind the result is done, by the same run.
        case behindResult
        /// The sessions that did not end well are run, by a run of its own that begins with this.
        case sessions(Resumed)
        case none(Obstacle)
    }

    /// Why it cannot.
    package enum Obstacle: Equatable, Sendable {
        case noPlan
        /// It ended before its environment was there: nothing was done.
        case noEnvironment
        /// All sessions ended well, and their work does not go together.
        case conflict
        /// What a session did has the value of a credential in it.
        case secret
    }

    /// The types that it wants to see.
    package static let wanted = History.wanted

    package private(set) var run: RunID?
    package private(set) var planned: RunPlanned?
    private var base: String?
    private var starts: [String: Resumed.Taken] = [:]
    private var ended: [String: SessionFinished] = [:]
    /// What the run counted when all had ended.
    private var endings: [String: Int]?
    private var history = History()
    private var hasSecret = false

    package init() {}

    /// Takes in one record of the run with this name. One that says less than its type promises is passed over.
    package mutating func take(_ line: Line, run name: String?) {
        if line.type == RunPlanned.type {
            guard let id = name.flatMap({ RunID($0) }), id != run else { return }
            self = Resumption()
            run = id
            planned = try? line.decode(RunPlanned.self)
            base = planned?.resumes?.baseCommit
        }
        guard let run, name == run.description || name == RunID.unknown.description else { return }
        history.take(line)
        switch line.type {
        case EnvironmentReady.type:
            base = (try? line.decode(EnvironmentReady.self))?.baseCommit ?? base
        case SessionStarted.type:
            guard let record = try? line.decode(SessionStarted.self) else { return }
            ended[record.session] = nil
            endings = nil
            starts[record.session] = record.commit.map {
                Resumed.Taken(
                    session: record.session, run: "\(run)", attempt: record.attempt,
                    branch: record.branch ?? "", start: $0, commit: "")
            }
        case SessionTaken.type:
            guard let record = try? line.decode(SessionTaken.self) else { return }
            starts[record.session] = Resumed.Taken(
                session: record.session, run: record.from, attempt: record.attempt,
                branch: record.branch, start: record.start, commit: record.commit)
        case GateFinished.type:
            guard let record = try? line.decode(GateFinished.self) else { return }
            starts[record.session]?.gateSeconds = record.ok ? record.seconds : nil
        case Failed.type:
            let record = try? line.decode(Failed.self)
            if record?.code == Failed.secretInResult { hasSecret = true }
        case SessionFinished.type:
            guard let record = try? line.decode(SessionFinished.self) else { return }
            ended[record.session] = record
        case SessionsFinished.type:
            endings = (try? line.decode(SessionsFinished.self))?.endings
        default: break
        }
    }

    package var way: Way {
        guard let run, let planned else { return .none(.noPlan) }
        if hasSecret { return .none(.secret) }
        let isOver = history.failure == nil && history.cancelled == nil
        // What people were asked about as it is, or said yes to, is delivered as it is.
        let isOpen = history.isResultOpen
        if let result = history.result, !history.isBroken, isOpen || isGood(planned) {
            let isWhole = result.conflicts?.isEmpty != false
            return isWhole || isOpen || !isOver ? .behindResult : .none(.conflict)
        }
        guard let base else { return .none(.noEnvironment) }
        return .sessions(
            Resumed(
                run: "\(run)", earlier: earlier(planned),
                first: planned.resumes?.first ?? "\(run)", baseCommit: base,
                sessions: taken(planned)))
    }

    /// Whether all sessions ended well. Where the end of one cannot be read, what was counted tells.
    private func isGood(_ planned: RunPlanned) -> Bool {
        guard ended.values.allSatisfy({ $0.ending == .succeeded }) else { return false }
        let sessions = planned.job.sessions
        return sessions.allSatisfy { ended[$0.name] != nil }
            || endings == [Ending.succeeded.rawValue: sessions.count]
    }

    /// Of one whose environment was there, provision had seen that those before it were over.
    private func earlier(_ planned: RunPlanned) -> [String]? {
        guard history.environment == nil else { return nil }
        return planned.resumes.map { ($0.earlier ?? []) + [$0.run] }
    }

    /// The sessions that ended well, and all that they were built on.
    private func taken(_ planned: RunPlanned) -> [Resumed.Taken] {
        var taken: [Resumed.Taken] = []
        func isTaken(_ name: String) -> Bool { taken.contains { $0.session == name } }
        var waiting = planned.job.sessions
        while let next = waiting.firstIndex(where: { $0.dependsOn.allSatisfy(isTaken) }) {
            if let work = work(of: waiting.remove(at: next).name, planned) { taken.append(work) }
        }
        return planned.job.sessions.compactMap { session in
            taken.first { $0.session == session.name }
        }
    }

    private func work(of name: String, _ planned: RunPlanned) -> Resumed.Taken? {
        guard let end = ended[name], end.ending == .succeeded else {
            // What was to be taken over, in a run that did not come so far, whatever it says of it.
            return starts[name]?.commit.isEmpty == true ? nil : planned.resumes?[session: name]
        }
        guard let commit = end.commit, var work = starts[name] else { return nil }
        work.commit = commit
        work.branch = end.branch ?? work.branch
        work.committedForAgent = end.committedForAgent
        return work
    }
}
