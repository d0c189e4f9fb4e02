internal import Glibc
import Records
import Smelt

/// The recorded log of a run, where `smelt-runs record` keeps it.
enum RunLog {
    static func path(of run: RunID, _ plan: RunPlanned) -> String? {
        RunState.directory(of: plan.job.name, in: plan.runsDirectory).map { "\($0)/\(run).jsonl" }
    }

    /// Where logs are looked for.
    static func places(_ named: String?) throws -> [String] {
        if let named { return [Files.resolve(named, against: Files.workingDirectory)] }
        return ["\(Files.workingDirectory)/.smelt/runs", "\(try Places.state())/runs"]
    }

    /// What the log of `run` says of its pull request: the job, and the request's URL and number.
    static func request(
        of run: RunID, in places: [String]
    ) throws -> (job: Job, url: String, number: Int) {
        let paths = places.flatMap { place in
            Files.names(in: place).map { "\(place)/\($0)/\(run).jsonl" }
        }
        guard let path = paths.first(where: Files.exists) else {
            throw DeliverFault.noRun(run, places)
        }
        let file = try Descriptor(opening: path, O_RDONLY)
        let reader = LineReader(file.number)
        var job: Job?
        var found: (url: String, number: Int)?
        while true {
            while let piece = reader.next() {
                guard case .line(let bytes) = piece, let scan = LineScan(bytes) else { continue }
                switch scan.type {
                case RunPlanned.type:
                    job = try RecordJSON.decode(RunPlanned.self, from: Array(bytes)).job
                case PullRequestOpened.type:
                    let record = try RecordJSON.decode(PullRequestOpened.self, from: Array(bytes))
                    found = (record.url, record.number)
                case PullRequestUpdated.type:
                    let record = try RecordJSON.decode(PullRequestUpdated.self, from: Array(bytes))
                    found = (record.url, record.number)
                default: break
                }
            }
            if reader.isAtEnd { break }
            try reader.fill()
        }
        guard let job, let found else { throw DeliverFault.noPullRequest("run '\(run)'") }
        return (job, found.url, found.number)
    }
}
