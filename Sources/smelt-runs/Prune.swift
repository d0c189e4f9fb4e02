import Glibc
import Records
import Results
import Smelt

/// `prune`: removes whole runs with all that is kept of them.
enum Prune {
    static let keep = Option("keep", nil, .number(0...1_000_000), "runs of each job that stay")
    static let older = Option("older-than", nil, .duration, "only runs that began before that")
    static let rescued = Option(
        "rescued", nil, .flag, "also work that was rescued and is in no result")

    static let verb = Verb(
        "prune", options: [Listing.directory, keep, older, rescued], operands: "[JOB]...",
        summary: "removes the logs and the kept work of old runs, never of an active one"
    ) { words in
        guard words[keep] != nil || words[older] != nil else {
            throw Usage("say what may go, with --keep or --older-than")
        }
        let jobs = try RecordedRuns.jobs(words[Listing.directory]).filter {
            words.operands.isEmpty || words.operands.contains($0.name)
        }
        if let word = words.operands.first(where: { word in !jobs.contains { $0.name == word } }) {
            throw RunsFault.unknown(word, near: nil)
        }
        let before = words[older].map { Timestamp.now.milliseconds - Int64($0 * 1000) }
        for job in jobs {
            for run in job.runs.dropLast(words[keep] ?? 0) {
                if let before, run.milliseconds >= before { continue }
                try remove(run, of: job, rescued: words[rescued])
            }
            try removeEmpty(job)
        }
        return .done
    }

    private static func remove(_ run: RunID, of job: RecordedJob, rescued: Bool) throws {
        let log = job.log(of: run)
        // Held until all is gone, so that no recorder takes the run up meanwhile.
        guard let lock = try Lock.attempt(log, .exclusive) else { return }
        defer { withExtendedLifetime(lock.number) {} }
        for (_, work) in try Kept.all(of: run) where rescued || work.kind != .rescued {
            try Kept.repository()?.mustUpdate([work.ref], ["-d", work.ref, work.commit])
        }
        CredentialMarks(state: try Places.state()).forget(run)
        let result = (try? History(readFrom: log))?.result
        for path in [result?.filesPath, result?.bundlePath] {
            if let path, Files.name(of: path).contains("\(run)") { unlink(path) }
        }
        // Tasks that were too long for the plan, and what else is named after the run; the log last.
        for name in Files.names(in: job.directory)
        where name.hasPrefix("\(run).") && name != Files.name(of: log) {
            unlink("\(job.directory)/\(name)")
        }
        let review = "\(try Places.state())/reviews/\(run)"
        for name in Files.names(in: review) { unlink("\(review)/\(name)") }
        rmdir(review)
        guard unlink(log) == 0 || errno == ENOENT else { throw SystemFault(errno, "remove", log) }
        try Listing.emit(RunPruned(job: job.name), run)
    }

    /// A job without runs leaves nothing behind, unless its state is of a run that lives elsewhere.
    private static func removeEmpty(_ job: RecordedJob) throws {
        guard RecordedJob(job.name, in: Files.parent(of: job.directory))?.runs.isEmpty == true,
            let state = try? job.state(), let run = state.run, job.runs.contains(run)
        else { return }
        unlink("\(job.directory)/state.toml")
        rmdir(job.directory)
    }
}
