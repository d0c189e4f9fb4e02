package import Records
package import Smelt
package import Toml

/// What the daemon does, from its file; without one, what is said here.
package struct Server: Equatable, Sendable {
    /// Absolute; nil where none is watched.
    package var queueDirectory: String?
    /// Jobs at the same time, from 1 to 1024.
    package var maxConcurrent = 1
    /// Of a job from the queue directory that failed by itself.
    package var retryAttempts = 3
    package var retryBackOffSeconds: Double = 5
    package var sshTimeoutSeconds: Double = 3
    package var leaseSeconds: Double = 30
    package var graceSeconds: Double = 30
    package var drains = false
    /// Gets the manifest on its standard input; nil is smelt's own.
    package var pipeline: [String]?
    /// Its stages behind the result, which get the log on their standard input; nil where they cannot be begun alone.
    package var resume: [String]?
    /// What holds for manifests that say nothing of it.
    package var review: ReviewRules?
    package var execOptions: [String] = []
    /// Bytes of a job's log, from which the oldest output goes; nil is all that there is.
    package var longestLog: Int?
    /// The same when the job is over.
    package var longestOldLog: Int?
    /// Where manifests are run; here where there are none.
    package var workers: [Worker] = []
    /// Sections of the file that ask for what there is not yet.
    package var unused: [Problem] = []
    /// What people should know about the file, in its order.
    package var warnings: [Problem] = []

    package init() {}

    /// Reads a file and checks all of it.
    package static func read(_ file: String) throws(ServerFault) -> Server {
        let findings = Findings()
        var server: Server
        do throws(SourceFault) {
            let source = try SourceFile.read(file)
            server = ServerReader(findings: findings).read(
                try source.members(), directory: source.directory)
            server.warnings = try findings.result(for: source.name)
        } catch {
            switch error {
            case .invalid(let file, let problems):
                throw .wrong(file: file, problems: problems)
            case .unreadable(let fault): throw .unreadable(fault)
            }
        }
        guard server.unused.isEmpty else { throw .notYet(file: file, problems: server.unused) }
        return server
    }
}

/// Why a file cannot tell the daemon what to do.
package enum ServerFault: Fault {
    /// Sorted by place, at least one.
    case wrong(file: String, problems: [Problem])
    /// Right, but it asks for what this version has not.
    case notYet(file: String, problems: [Problem])
    case unreadable(SystemFault)

    package var exit: Exit {
        switch self {
        case .wrong, .notYet: .misconfigured
        case .unreadable: .missing
        }
    }

    package var code: String {
        switch self {
        case .wrong: "bad_server_file"
        case .notYet: "not_yet"
        case .unreadable: "no_server_file"
        }
    }

    /// For problems a line for each.
    package var description: String {
        switch self {
        case .wrong(let file, let problems), .notYet(let file, let problems):
            problems.map { $0.line(in: file) }.joined(separator: "\n")
        case .unreadable(let fault): "\(fault)"
        }
    }
}
