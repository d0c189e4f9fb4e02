/// The first record: the whole job. Written by `smelt-manifest plan`.
package struct RunPlanned: Record {
    package static let type = "run.planned"

    /// The file that the job was read from.
    package struct Source: Codable, Equatable, Sendable {
        package var path: String
        package var sha256: String

        package init(path: String, sha256: String) {
            self.path = path
            self.sha256 = sha256
        }
    }

    package var job: Job
    package var manifest: Source
    /// Absolute; the run's log and state are in `<runsDirectory>/<job>/`.
    package var runsDirectory: String
    package var smeltVersion: String
    /// The run that this one goes on with, and what of it is not done again.
    package var resumes: Resumed?

    package init(
        job: Job, manifest: Source, runsDirectory: String, smeltVersion: String,
        resumes: Resumed? = nil
    ) {
        self.job = job
        self.manifest = manifest
        self.runsDirectory = runsDirectory
        self.smeltVersion = smeltVersion
        self.resumes = resumes
    }
}

/// The last record: how the run ended, as a number of design `EXIT STATUS` in smelt(7).
package struct RunFinished: Record {
    package static let type = "run.finished"

    package var status: Int32
    /// From `run.planned` on.
    package var seconds: Double

    package init(status: Int32, seconds: Double) {
        self.status = status
        self.seconds = seconds
    }
}
