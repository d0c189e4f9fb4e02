package import Smelt

/// How far a run is, in the words that `state.toml` uses.
package enum Phase: String, Codable, Sendable, CaseIterable {
    case provisioning
    /// Only in files of the earlier smelt.
    case writingManifest = "writing_manifest"
    case executing
    case collecting
    case tearingDown = "tearing_down"
    case reviewing
    case delivering
    case complete
    case gatesFailed = "gates_failed"
    case failed
    case timeout
    case cancelled

    /// Whether nothing follows.
    package var isFinal: Bool {
        switch self {
        case .complete, .gatesFailed, .failed, .timeout, .cancelled: true
        default: false
        }
    }
}

/// What `<runsDirectory>/<job>/state.toml` says of a job's latest run; see smelt-runs(1).
package struct RunState: Equatable, Sendable {
    package var jobName: String
    package var phase: Phase
    /// The environment's id.
    package var containerID: String?
    package var sessions: [String]
    /// Both in Unix seconds.
    package var startedAt: Int
    package var updatedAt: Int
    /// Of the recorder, for people; whether it lives is told by the lock on the log.
    package var pid: Int
    package var pullRequestURL: String?
    package var pullRequestNumber: Int?
    /// `open`, `merged` or `closed`.
    package var pullRequestStatus: String?
    /// `pending`, `passing`, `failing` or `unknown`.
    package var checks: String?
    package var reviewCount: Int?
    package var forgeRepository: String?
    /// The variable's name, never its value.
    package var forgeTokenEnv: String?
    package var forgeProvider: String?
    package var forgeAPI: String?
    /// Absent in files of the earlier smelt.
    package var run: RunID?
    /// Of the run, when it has ended.
    package var status: Int?
    package var branch: String?
    package var commit: String?
    package var manifest: String?

    package init(jobName: String, phase: Phase, sessions: [String], startedAt: Int, pid: Int) {
        self.jobName = jobName
        self.phase = phase
        self.sessions = sessions
        self.startedAt = startedAt
        self.pid = pid
        updatedAt = startedAt
    }

    /// The place of a job's state beneath a runs directory; nil when the name cannot be a directory.
    package static func path(of job: String, in runs: String) -> String? {
        directory(of: job, in: runs).map { "\($0)/state.toml" }
    }

    /// Where a job's logs and state are: its name becomes one component of a path, so names that
    /// would leave the runs directory or hide in it have none.
    package static func directory(of job: String, in runs: String) -> String? {
        let bytes = job.utf8
        guard (1...200).contains(bytes.count), bytes.first != UInt8(ascii: "."),
            bytes.allSatisfy({ $0 >= 32 && $0 != UInt8(ascii: "/") && $0 != 127 })
        else { return nil }
        return "\(runs)/\(job)"
    }

    /// The whole file.
    package var text: String {
        var text = StateText()
        text.add("job_name", jobName)
        text.add("phase", phase.rawValue)
        text.add("container_id", containerID)
        text.add("sessions", sessions)
        text.add("started_at", startedAt)
        text.add("updated_at", updatedAt)
        text.add("pid", pid)
        text.add("pr_url", pullRequestURL)
        text.add("pr_number", pullRequestNumber)
        text.add("pr_status", pullRequestStatus)
        text.add("ci_status", checks)
        text.add("review_count", reviewCount)
        text.add("forge_repo", forgeRepository)
        text.add("forge_token_env", forgeTokenEnv)
        text.add("forge_provider", forgeProvider)
        text.add("forge_api", forgeAPI)
        text.add("run", run?.description)
        text.add("status", status)
        text.add("branch", branch)
        text.add("commit", commit)
        text.add("manifest", manifest)
        return text.lines
    }

    /// Reads the file; unknown keys are passed over. `path` is for the sentence.
    package init(_ text: String, path: String) throws(RunStateFault) {
        guard let values = StateText.values(of: text) else { throw .unreadable(path) }
        guard let job = values["job_name"]?.text, let started = values["started_at"]?.number,
            let phase = values["phase"]?.text.flatMap(Phase.init(rawValue:))
        else { throw .incomplete(path) }
        self.init(
            jobName: job, phase: phase, sessions: values["sessions"]?.list ?? [],
            startedAt: started, pid: values["pid"]?.number ?? 0)
        updatedAt = values["updated_at"]?.number ?? started
        containerID = values["container_id"]?.text
        pullRequestURL = values["pr_url"]?.text
        pullRequestNumber = values["pr_number"]?.number
        pullRequestStatus = values["pr_status"]?.text
        checks = values["ci_status"]?.text
        reviewCount = values["review_count"]?.number
        forgeRepository = values["forge_repo"]?.text
        forgeTokenEnv = values["forge_token_env"]?.text
        forgeProvider = values["forge_provider"]?.text
        forgeAPI = values["forge_api"]?.text
        run = values["run"]?.text.flatMap { RunID($0) }
        status = values["status"]?.number
        branch = values["branch"]?.text
        commit = values["commit"]?.text
        manifest = values["manifest"]?.text
    }

    package init(readFrom path: String) throws {
        try self.init(try Files.readText(path, upTo: 1 << 20), path: path)
    }

    /// Puts it in the file's place at once: a reader sees the old or the new one.
    package func replace(_ path: String) throws(SystemFault) {
        try Files.replace(path, with: Array(text.utf8), mode: 0o644)
    }
}

package enum RunStateFault: Fault {
    case unreadable(String)
    case incomplete(String)

    package var exit: Exit { .invalid }

    package var description: String {
        switch self {
        case .unreadable(let path): "could not read '\(path)': it is not a state file of a run"
        case .incomplete(let path):
            "could not read '\(path)': 'job_name', 'phase' or 'started_at' is missing or unknown"
        }
    }
}
