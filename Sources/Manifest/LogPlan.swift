internal import Glibc
package import Records
package import Smelt

/// From the log of a run whose sessions failed to the record that another one begins with, which goes on with it.
package struct LogPlan {
    private let file: String
    private let resumption: Resumption
    /// Plans that it has, of a run each.
    private let plans: Int
    private let hasRecords: Bool

    /// Reads a log to its end; `name` is for sentences.
    package init(reading reader: LineReader, name: String) throws {
        var resumption = Resumption()
        var plans = 0
        var hasRecords = false
        while !reader.isAtEnd {
            while let piece = reader.next() {
                guard case .line(let bytes) = piece, let scan = LineScan(bytes) else { continue }
                hasRecords = true
                guard let type = scan.type, Resumption.wanted.contains(type) else { continue }
                let before = resumption.run
                resumption.take(
                    Line(type: type, session: scan.session, bytes: Array(bytes)), run: scan.run)
                if resumption.run != before { plans += 1 }
            }
            try reader.fill()
        }
        self.resumption = resumption
        self.plans = plans
        self.hasRecords = hasRecords
        file = name
    }

    /// The whole line of `run.planned`, with what the run is to take over; nil where no session has to run again. Tasks that
    /// were too long for a record are kept for this run, too.
    package func line(run: RunID, at time: Timestamp = .now) throws -> [UInt8]? {
        guard let old = resumption.run, var planned = resumption.planned else {
            throw hasRecords ? LogPlanFault.noPlan(file) : .noLog(file)
        }
        guard run != old else { throw LogPlanFault.ownName(run) }
        // It would be delivered twice.
        if RunsDirectory.isRecorded(old, of: planned.job.name, in: planned.runsDirectory) {
            throw LogPlanFault.alive(old)
        }
        switch resumption.way {
        case .behindResult:
            // All of what was read goes through the last stages, and all of it has to be this run's.
            guard plans == 1 else { throw LogPlanFault.several(file, last: old) }
            return nil
        case .none(.noPlan): throw LogPlanFault.noPlan(file)
        case .none(.noEnvironment): throw LogPlanFault.noEnvironment(old)
        case .none(.conflict): throw LogPlanFault.conflict(old)
        case .none(.secret): throw LogPlanFault.secret(old)
        case .sessions(let resumed): planned.resumes = resumed
        }
        planned.job = try keepingTasks(of: planned, run)
        planned.smeltVersion = smeltVersion
        let line = try RecordJSON.line(planned, run: run, at: time)
        guard line.count <= longestLine else { throw PlanFault.tooLong(planned.job.name) }
        return line
    }

    private func keepingTasks(of planned: RunPlanned, _ run: RunID) throws -> Job {
        var job = planned.job
        for index in job.sessions.indices {
            guard let old = job.sessions[index].specPath else { continue }
            guard let task = try? Files.read(old, upTo: Self.longestTask),
                SHA256.digest(task) == job.sessions[index].specSha256
            else { throw LogPlanFault.taskChanged(old) }
            let path =
                "\(Files.parent(of: old))/\(run).\(SafeName.of(job.sessions[index].name)).spec"
            try Files.replace(path, with: task)
            job.sessions[index].specPath = path
        }
        return job
    }

    /// Bytes; a manifest is shorter.
    private static let longestTask = 16 << 20
}

/// Why a log cannot be gone on with.
package enum LogPlanFault: Fault {
    case noPlan(String)
    case noLog(String)
    case noEnvironment(RunID)
    case conflict(RunID)
    case secret(RunID)
    case alive(RunID)
    case several(String, last: RunID)
    case whole(String)
    case ownName(RunID)
    case taskChanged(String)

    package var exit: Exit {
        switch self {
        case .noPlan, .noLog, .several, .whole, .ownName, .taskChanged: .invalid
        case .noEnvironment, .conflict, .secret: .refused
        case .alive: .later
        }
    }

    package var code: String {
        switch self {
        case .noPlan, .noLog: "no_plan"
        case .noEnvironment, .conflict, .secret, .several, .whole, .ownName: "not_resumable"
        case .alive: "in_use"
        case .taskChanged: "task_changed"
        }
    }

    package var description: String {
        switch self {
        case .noPlan(let file):
            "could not go on with '\(Visible.line(file))': it has no 'run.planned' that can be read"
        case .noLog(let file):
            "could not go on with '\(Visible.line(file))': it is no log of a run, and a manifest is run "
                + "without --resume"
        case .noEnvironment(let run):
            "could not go on with run '\(run)': it ended before its sessions could begin, so run its "
                + "manifest again"
        case .conflict(let run):
            "could not go on with run '\(run)': its sessions ended well and their work does not go "
                + "together, so run its manifest again"
        case .secret(let run):
            "could not go on with run '\(run)': a session of it had written a credential down, so revoke "
                + "that, and run the manifest again"
        case .alive(let run):
            "could not go on with run '\(run)': it is not over, so stop it with smelt stop, or wait for "
                + "its end"
        case .several(let file, let last):
            "could not go on with '\(Visible.line(file))': it has logs of several runs, and of the last, "
                + "'\(last)', no session has to run again, so name that one's alone"
        case .whole(let file):
            "could not plan '\(Visible.line(file))': no session of it has to run again, so go on with "
                + "it by smelt run --resume"
        case .ownName(let run):
            "could not go on with run '\(run)' under its own id: leave out --run, or name a new one"
        case .taskChanged(let path):
            "the task in '\(Visible.line(path))' is gone, or not the one that was planned: run the "
                + "manifest again"
        }
    }
}
