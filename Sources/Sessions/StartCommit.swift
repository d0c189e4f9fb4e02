internal import FoundationEssentials
internal import Glibc
package import Records
internal import Results
internal import Runtimes
internal import Smelt

/// What `smelt-exec --start-commit` reads: a session whose start is the merge of others' work.
package struct StartRequest: Codable, Equatable, Sendable {
    package var run: String
    /// The run in whose name work is merged, where that is another one.
    package var merges: String?
    package var job: String
    /// The environment's directory.
    package var environment: String
    package var session: String
    package var dependencies: [String]
    package var order: [String]
    package var commit: CommitStyle
}

/// Prepares the start of a session that depends on others: their bundles go through the quarantine,
/// are merged in smelt's own repository, and the workspace is made with what the base has not. In a
/// process of its own, since the loop that runs the sessions must not wait for git.
package enum StartCommit {
    /// Gives the commit that the session starts from.
    package static func prepare(_ request: StartRequest) throws -> String {
        guard let run = RunID(request.run), let merges = RunID(request.merges ?? request.run) else {
            throw RecordFault.unreadable(type: "start", reason: "no run id")
        }
        // Of its own: exec may be killed meanwhile, and what is made here then goes with the environment, not after it.
        let work = try SandboxEnvironment.lockWork(of: request.environment)
        defer { withExtendedLifetime(work.number) {} }
        let environment = try SandboxEnvironment(opening: request.environment)
        let base = environment.baseCommit
        let repositories = Repositories(state: try Places.state())
        let results = try repositories.results()
        let parts = try request.dependencies.map { name in
            Part(
                session: name,
                commit: try admit(name, of: run, in: environment, into: results))
        }
        let merged = try Merging(in: results, style: request.commit, job: request.job, run: merges)
            .merge(parts, onto: base, by: .sequential, order: request.order)
        if let conflict = merged.conflicts.first {
            throw SessionFault.conflicting(
                session: conflict.session, files: conflict.files.map(Visible.line))
        }
        let checkout =
            environment.isOnEngine
            ? ""
            : try Checkouts(repositories).ensure(commit: base, from: repositories.imports()).path
        _ = try environment.workspace(
            session: request.session, commit: merged.commit, checkout: checkout, of: base
        ) { objects in
            try results.run(
                "pack-objects", "--quiet", "--revs", "--delta-base-offset", "\(objects)/pack/pack",
                input: Array("\(merged.commit)\n^\(base)\n".utf8))
        }
        return merged.commit
    }

    /// The commit of a session that has succeeded, admitted to smelt's own repository.
    private static func admit(
        _ name: String, of run: RunID, in environment: SandboxEnvironment, into results: Git
    ) throws -> String {
        let safe = SafeName.of(name)
        let path = "\(environment.directory)/\(safe).bundle"
        var facts = stat()
        guard stat(path, &facts) == 0, facts.st_size > 0 else { return environment.baseCommit }
        let bundle = try Descriptor(opening: path, O_RDONLY)
        return try Quarantine(into: results).admit(
            bundle: bundle.number, branch: "refs/heads/\(SandboxEnvironment.branch(of: name))",
            start: environment.baseCommit, as: "refs/smelt/runs/\(run)/\(safe)")
    }

    /// The request that came in.
    package static func read(_ bytes: [UInt8]) throws -> StartRequest {
        do { return try JSONDecoder().decode(StartRequest.self, from: Data(bytes)) } catch {
            throw RecordFault.unreadable(type: "start", reason: "\(error)")
        }
    }
}
