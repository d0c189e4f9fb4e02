internal import Records
package import Smelt

/// From a manifest to the record that a run begins with.
extension Manifest {
    /// A longer task stays a file beside the run's log.
    static let longestSpec = 65_536

    /// The whole line of `run.planned`. Writes the tasks that are too long for a record into the
    /// runs directory.
    package func plan(run: RunID, at time: Timestamp = .now) throws -> [UInt8] {
        let directory = source.path == "-" ? nil : Files.parent(of: source.path)
        let runs = try RunsDirectory.choose(beside: directory)
        // Many tasks of middle length can be too long together.
        for longest in [Self.longestSpec, Self.longestSpec / 16, 256] {
            let planned = RunPlanned(
                job: try settingAside(specsOver: longest, run: run, runs: runs),
                manifest: source, runsDirectory: runs, smeltVersion: smeltVersion)
            let line = try RecordJSON.line(planned, run: run, at: time)
            if line.count <= longestLine { return line }
        }
        throw PlanFault.tooLong(job.name)
    }

    private func settingAside(
        specsOver longest: Int, run: RunID, runs: String
    ) throws -> Job {
        var job = job
        for index in job.sessions.indices {
            let spec = Array(job.sessions[index].spec.utf8)
            guard spec.count > longest else { continue }
            let directory = "\(runs)/\(job.name)"
            let path = "\(directory)/\(run).\(job.sessions[index].name).spec"
            try RunsDirectory.make(runs)
            try Files.makeDirectories(directory, mode: 0o755)
            try Files.replace(path, with: spec)
            job.sessions[index].spec = ""
            job.sessions[index].specPath = path
            job.sessions[index].specSha256 = SHA256.digest(spec)
        }
        return job
    }
}

/// Why a good manifest cannot be planned.
package enum PlanFault: Fault {
    case tooLong(String)

    package var exit: Exit { .invalid }
    package var code: String { "too_long" }

    package var description: String {
        switch self {
        case .tooLong(let name):
            "the plan of '\(name)' is longer than \(longestLine) bytes: make its commands and "
                + "variables shorter"
        }
    }
}
