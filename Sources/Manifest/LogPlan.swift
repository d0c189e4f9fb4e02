internal import Glibc
package import Records
package import Smelt

/// From the log of a run whose sessions failed to the record that another one begins with, which goes on with it.
package struct LogPlan {
    private let file: String
    private let resumption: Resumption

    /// Reads a log to its end; `name` is for sentences.
    package init(reading reader: LineReader, name: String) throws {
        var resumption = Resumption()
        while !reader.isAtEnd {
            while let piece = reader.next() {
                guard case .line(let bytes) = piece, let scan = LineScan(bytes),
                    let type = scan.type, Resumption.wanted.contains(type)
                else { continue }
                resumption.take(
                    Line(type: type, session: scan.session, bytes: Array(bytes)), run: scan.run)
            }
            try reader.fill()
        }
        self.resumption = resumption
        file = name
    }

    /// The whole line of `run.planned`, with what the run is to take over; nil where no session has to run again. Tasks that
    /// were too long for a record are kept for this run, too.
    package func line(run: RunID, at time: Timestamp = .now) throws -> [UInt8]? {
        guard let old = resumption.run, var planned = resumption.planned else {
            throw LogPlanFault.noPlan(file)
        }
        guard run != old else { throw LogPlanFault.ownName(run) }
        switch resumption.way {
        case .behindResult: return nil
        case .none(.noPlan): throw LogPlanFault.noPlan(file)
        case .none(.noEnvironment): throw LogPlanFault.noEnvironment(old)
        case .none(.conflict): throw LogPlanFault.conflict(old)
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
    case noEnvironment(RunID)
    case conflict(RunID)
    case whole(String)
    case ownName(RunID)
    case taskChanged(String)

    package var exit: Exit {
        switch self {
        case .noPlan, .whole, .ownName, .taskChanged: .invalid
        case .noEnvironment, .conflict: .refused
        }
    }

    package var code: String {
        switch self {
        case .noPlan: "no_plan"
        case .noEnvironment, .conflict, .whole, .ownName: "not_resumable"
        case .taskChanged: "task_changed"
        }
    }

    package var description: String {
        switch self {
        case .noPlan(let file):
            "could not go on with '\(Visible.line(file))': it has no 'run.planned' that can be read"
        case .noEnvironment(let run):
            "could not go on with run '\(run)': it ended before its sessions could begin, so run its "
                + "manifest again"
        case .conflict(let run):
            "could not go on with run '\(run)': its sessions ended well and their work does not go "
                + "together, so run its manifest again"
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
