package import Records
package import Smelt

/// All that a pull request tells about a run's result.
package struct Change: Sendable {
    /// One changed file; the counts are absent for a binary one.
    package struct File: Equatable, Sendable {
        package let path: String
        package let insertions: Int?
        package let deletions: Int?

        package init(path: String, insertions: Int?, deletions: Int?) {
            self.path = path
            self.insertions = insertions
            self.deletions = deletions
        }
    }

    package let run: RunID
    package let job: Job
    package var result: ResultCollected
    package var sessions: [SessionFinished] = []
    package var gates: [GateFinished] = []
    /// `host:port` and how often it was asked for.
    package var deniedHosts: [String: Int] = [:]
    package var files: [File] = []
    /// Whether the job's `base_ref` is known to be a tag or a commit.
    package var startsFromNoBranch = false

    package init(run: RunID, job: Job, result: ResultCollected) {
        self.run = run
        self.job = job
        self.result = result
    }

    /// The branch that the request is against: the target where the result was given a name of its
    /// own because the target is the base, else the base. Nil where that is no branch's name, so
    /// that the forge's default branch is meant.
    package var base: String? {
        if result.branch != job.merge.target { return job.merge.target }
        var name = Substring(job.baseRef)
        if name.hasPrefix("refs/heads/") { name = name.dropFirst("refs/heads/".count) }
        let isCommit = name.count >= 40 && name.allSatisfy(\.isHexDigit)
        let isOther = startsFromNoBranch || isCommit
        return isOther || name == "HEAD" || name.hasPrefix("refs/") ? nil : String(name)
    }
}
