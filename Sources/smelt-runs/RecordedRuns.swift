import Glibc
import Records
import Smelt

/// One job's directory beneath a runs directory: its logs and its state.
struct RecordedJob {
    let name: String
    let directory: String
    /// Oldest first: run ids sort by time.
    let runs: [RunID]

    init?(_ name: String, in place: String) {
        guard let directory = RunState.directory(of: name, in: place) else { return nil }
        self.name = name
        self.directory = directory
        let names = Files.names(in: directory)
        runs = names.compactMap { $0.hasSuffix(".jsonl") ? RunID(String($0.dropLast(6))) : nil }
        guard !runs.isEmpty || names.contains("state.toml") else { return nil }
    }

    func log(of run: RunID) -> String { "\(directory)/\(run).jsonl" }

    /// What `state.toml` says; nil when there is none.
    func state() throws -> RunState? {
        let path = "\(directory)/state.toml"
        return Files.exists(path) ? try RunState(readFrom: path) : nil
    }

    /// How a run stands: from the state file when it is about this run, else from the log.
    func describe(_ run: RunID) throws -> RunDescribed {
        let log = log(of: run)
        let active = RunsDirectory.isRecorded(log)
        if let state = try? state(), state.run == run {
            return RunDescribed(state, active: active, log: log)
        }
        guard let state = try History(readFrom: log).state(pid: 0) else {
            throw RunsFault.noPlan(log)
        }
        return RunDescribed(state, active: active, log: log)
    }
}

/// Finds runs by what people call them.
enum RecordedRuns {
    /// The runs directory of the project in `directory`. Without one, that of the working directory
    /// and the one in the state directory.
    static func places(_ directory: String?) throws -> [String] {
        guard let directory else {
            return ["\(Files.workingDirectory)/.smelt/runs", "\(try Places.state())/runs"]
        }
        return ["\(try Files.canonical(directory))/.smelt/runs"]
    }

    static func jobs(_ directory: String?) throws -> [RecordedJob] {
        try places(directory).flatMap { place in
            Files.names(in: place).compactMap { RecordedJob($0, in: place) }
        }
    }

    /// The run with this id, or the latest of the job with this name, or the latest of all.
    static func find(_ word: String?, _ directory: String?) throws -> (RecordedJob, RunID) {
        let jobs = try jobs(directory)
        if let word {
            if let run = RunID(word), let job = jobs.first(where: { $0.runs.contains(run) }) {
                return (job, run)
            }
            if let job = jobs.first(where: { $0.name == word }), let run = job.runs.last {
                return (job, run)
            }
            let near = Spelling.nearest(to: word, among: jobs.map(\.name))
            throw RunsFault.unknown(word, near: near)
        }
        let latest = jobs.compactMap { job in job.runs.last.map { (job, $0) } }
            .max { $0.1.description < $1.1.description }
        guard let latest else { throw RunsFault.none }
        return latest
    }

    /// A log by the name of its file, its run or its job.
    static func log(_ word: String?, _ directory: String?) throws -> String {
        if let word, word.contains("/") || word.hasSuffix(".jsonl") { return word }
        let (job, run) = try find(word, directory)
        return job.log(of: run)
    }
}

extension History {
    /// Reads a log, passing over what is no record.
    init(readFrom log: String) throws {
        self.init()
        let file = try Descriptor(opening: log, O_RDONLY)
        let reader = LineReader(file.number)
        while !reader.isAtEnd {
            while let piece = reader.next() {
                guard case .line(let bytes) = piece, let scan = LineScan(bytes),
                    let type = scan.type, Self.wanted.contains(type)
                else { continue }
                take(Line(type: type, session: scan.session, bytes: Array(bytes)))
            }
            try reader.fill()
        }
        _ = consume file
    }
}

enum RunsFault: Fault {
    case none
    case unknown(String, near: String?)
    case noPlan(String)
    case notRunning(String)
    case alive(RunID)
    case noWork(RunID, String)
    /// The same, as the answer to a question.
    case no(String)

    var exit: Exit {
        switch self {
        case .none, .unknown, .noWork: .missing
        case .noPlan: .invalid
        case .notRunning, .no: .no
        case .alive: .later
        }
    }

    var description: String {
        switch self {
        case .none: "there are no runs here: say where with --dir"
        case .unknown(let word, let near):
            "there is no run or job '\(Visible.line(word))' here"
                + (near.map { "; did you mean '\(Visible.line($0))'?" } ?? ": say where with --dir")
        case .no(let sentence): sentence
        case .noPlan(let path): "could not read '\(path)': it has no 'run.planned'"
        case .notRunning(let word): "'\(Visible.line(word))' is not running on this machine"
        case .alive(let run): "run '\(run)' is not over: stop it with smelt stop"
        case .noWork(let run, let session):
            "no work of session '\(Visible.line(session))' of run '\(run)' is kept"
        }
    }
}
