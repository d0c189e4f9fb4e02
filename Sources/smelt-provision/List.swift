import Glibc
import Records
import Results
import Runtimes
import Smelt

/// `list`: the environments that exist, oldest first.
struct List {
    /// Nil: on a terminal.
    let asTable: Bool?

    func run() throws -> Exit {
        Interruption.install()
        let repositories = Repositories(state: try Places.state())
        let environments = try Environments(repositories.environments).all()
        let locks = HeldLocks()
        let output = LineWriter(1)
        if asTable ?? (isatty(1) == 1) {
            let lines = table(environments, locks)
            try Array(lines.utf8).withUnsafeBytes { try output.write($0) }
        } else {
            for environment in environments {
                try output.write(
                    record(environment, locks), run: RunID(environment.run) ?? .unknown)
            }
        }
        return output.isUnheard ? .unheard : .done
    }

    private func record(
        _ environment: SandboxEnvironment, _ locks: HeldLocks
    ) -> EnvironmentListed {
        EnvironmentListed(
            id: environment.id, job: environment.facts.job, state: environment.state(locks),
            repository: environment.facts.repository, baseCommit: environment.baseCommit,
            created: environment.facts.created, directory: environment.directory,
            hostUser: environment.hostUser, sessions: environment.sessions)
    }

    private func table(_ environments: [SandboxEnvironment], _ locks: HeldLocks) -> String {
        let now = Timestamp.now
        let rows =
            [["RUN", "JOB", "STATE", "AGE", "BASE", "SESSIONS"]]
            + environments.map { environment in
                [
                    environment.run, environment.facts.job, environment.state(locks).rawValue,
                    Quantity.describe(seconds: now.seconds - environment.facts.created.seconds),
                    String(environment.baseCommit.prefix(10)),
                    environment.sessions.joined(separator: " "),
                ].map(Visible.line)
            }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }
}
