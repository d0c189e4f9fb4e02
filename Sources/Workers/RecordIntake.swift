internal import FoundationEssentials
internal import Glibc
internal import Records
internal import Smelt

/// The far side's records on their way into the pipe: passed on as they come, whole lines, but for what names places there. From
/// `sessions.finished` on they wait until the bundles are here, which the next stage then looks for.
final class RecordIntake {
    private let stage: Stage
    private let directory: String
    private let base: (ref: String, commit: String)
    private let run: RunID
    /// Bytes that have come of the far file.
    private(set) var offset = 0
    private var unfinished: [UInt8] = []
    private var held: [UInt8] = []
    private var holds = false
    /// The run's end, or a failure of the whole, has come: there is nothing to add.
    private(set) var isAccounted = false
    /// The far side was told to end the run.
    var wasToldToStop = false
    /// What the run is said to have failed of that was ended there without a word from here.
    private let stopped: WorkerFault

    /// So much may follow the sessions' end, bytes.
    private static let mostHeld = 4 << 20

    init(
        _ stage: Stage, directory: String, base: (ref: String, commit: String), run: RunID,
        worker: String
    ) {
        stopped = .stopped(worker)
        self.stage = stage
        self.directory = directory
        self.base = base
        self.run = run
    }

    func take(_ bytes: [UInt8]) throws {
        offset += bytes.count
        unfinished += bytes
        guard let end = unfinished.lastIndex(of: 10) else {
            guard unfinished.count <= longestLine else { throw LineFault.strange("a longer line") }
            return
        }
        var ready: [UInt8] = []
        for line in unfinished[...end].split(separator: 10) {
            try add(Array(line) + [10], to: &ready)
        }
        unfinished = Array(unfinished[(end + 1)...])
        try ready.withUnsafeBytes { try stage.output.write($0) }
    }

    /// The bundles are here.
    func release() throws {
        holds = false
        try held.withUnsafeBytes { try stage.output.write($0) }
        held = []
    }

    private func add(_ line: [UInt8], to ready: inout [UInt8]) throws {
        let scan = line.withUnsafeBytes { raw in LineScan(raw).map { ($0.type, $0.session, $0.run) }
        }
        // What fails there before it has read of its run speaks of none.
        guard let (type, session, name) = scan,
            name == run.description || type == Failed.type && name == RunID.unknown.description
        else {
            throw LineFault.strange(Visible.line(String(decoding: line.prefix(80), as: UTF8.self)))
        }
        switch type {
        // What it was given is in the pipe already.
        case RunPlanned.type: return
        case EnvironmentReady.type:
            var record = try RecordJSON.decode(EnvironmentReady.self, from: line)
            let time = try Wire.read(Moment.self, line).time
            record.directory = directory
            (record.baseRef, record.baseCommit) = base
            return try keep(RecordJSON.line(record, run: run, at: time), &ready)
        // What only stages of this side may say.
        case SessionTaken.type, ResultCollected.type, ReviewRequested.type, ReviewDecided.type,
            BranchUpdated.type,
            PullRequestOpened.type, PullRequestUpdated.type, RunFinished.type:
            throw LineFault.strange("a record '\(type ?? "")' of its own")
        case SessionsFinished.type:
            isAccounted = true
            holds = true
        case Failed.type where session == nil:
            isAccounted = true
            let record = try RecordJSON.decode(Failed.self, from: line)
            // Nobody cancelled the job: the worker was shut down, or somebody there stopped the run.
            if !wasToldToStop, record.code == Cancelled(.terminated).code {
                return try keep(
                    RecordJSON.line(Failed(stage: stage.name, stopped), run: run), &ready)
            }
            if name != run.description {
                let time = try Wire.read(Moment.self, line).time
                return try keep(RecordJSON.line(record, run: run, at: time), &ready)
            }
        default: break
        }
        try keep(line, &ready)
    }

    private func keep(_ line: [UInt8], _ ready: inout [UInt8]) throws {
        guard holds else { return ready += line }
        held += line
        guard held.count <= Self.mostHeld else {
            throw LineFault.strange("more than \(Self.mostHeld) bytes after the sessions' end")
        }
    }

    private struct Moment: Decodable { let time: Timestamp }
}
