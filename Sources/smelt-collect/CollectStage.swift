import Records
import Results
import Smelt

/// The command's place in the pipe: gathers what the sessions came to, and when the last one has
/// ended makes the result of it.
struct CollectStage {
    private let stage = Stage(
        "collect",
        wants: [
            SessionTaken.type, SessionStarted.type, SessionFinished.type, GateFinished.type,
            SessionsFinished.type,
        ])
    private let bounds: Bounds
    private let patch: String?
    private let bundle: String?

    init(_ bounds: Bounds, patch: String?, bundle: String?) {
        self.bounds = bounds
        self.patch = patch
        self.bundle = bundle
    }

    func run() throws -> Exit {
        var planned: RunPlanned?
        var ready: EnvironmentReady?
        var starts: [String: String] = [:]
        var finished: [String: SessionFinished] = [:]
        while let line = try stage.next() {
            do {
                switch line.type {
                case RunPlanned.type: planned = try line.decode(RunPlanned.self)
                case EnvironmentReady.type: ready = try line.decode(EnvironmentReady.self)
                case SessionStarted.type:
                    let record = try line.decode(SessionStarted.self)
                    starts[record.session] = record.commit
                case SessionTaken.type:
                    let record = try line.decode(SessionTaken.self)
                    starts[record.session] = record.start
                case SessionFinished.type:
                    let record = try line.decode(SessionFinished.self)
                    finished[record.session] = record
                case SessionsFinished.type:
                    guard let planned, let ready, let run = stage.run else {
                        throw CollectFault.nothingPlanned
                    }
                    let sessions = planned.job.sessions.compactMap { session in
                        finished[session.name].map {
                            Ended(start: starts[session.name], finished: $0)
                        }
                    }
                    try Interruption.check()
                    try collect(sessions, Collector(run, planned, ready, bounds))
                default: break
                }
            } catch let fault as any Fault {
                stage.fail(fault)
            }
        }
        stage.expect(SessionsFinished.type)
        return stage.exit
    }

    private func collect(_ sessions: [Ended], _ collector: Collector) throws {
        let collected = try collector.collect(sessions) { session, fault in
            stage.fail(fault, session: session)
        }
        let files = collector.files(to: collected.commit)
        if let patch { try files.writePatch(to: patch) }
        if let bundle, collected.commit != collected.base {
            _ = try files.writeBundle(as: "refs/heads/\(collected.branch)", to: bundle)
        }
        try stage.write(collected)
    }
}

/// What is known of a session that has ended.
struct Ended {
    /// The commit that it started from.
    let start: String?
    let finished: SessionFinished

    var name: String { finished.session }
}

enum CollectFault: Fault {
    case nothingPlanned
    case jobName(String)
    case moved(String)

    var exit: Exit {
        switch self {
        case .moved: .later
        default: .invalid
        }
    }

    var code: String {
        switch self {
        case .moved: "moved"
        default: "bad_record"
        }
    }

    var description: String {
        switch self {
        case .nothingPlanned:
            "the sessions have finished before a job and an environment were there"
        case .jobName(let name):
            "could not keep files of the job '\(Visible.line(name))': its name is no name of a directory"
        case .moved(let ref): "'\(ref)' was changed by somebody else at the same time"
        }
    }
}
