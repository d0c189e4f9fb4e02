internal import CSQLite
internal import Smelt

/// A step from one version of the schema to the next. Once it is in a release its text never changes: its digest is kept in
/// every file that went through it.
struct Migration: Sendable {
    /// From 1.
    let version: Int
    let name: String
    let script: String

    /// Asked for only where a file is made, brought up or checked: who opens one that is up to date need not wait for it.
    var digest: String { SHA256.digest(script.utf8) }

    static let all = [
        Migration(version: 1, name: "jobs", script: Schema.jobs),
        Migration(version: 2, name: "records and audit", script: Schema.records),
        Migration(version: 3, name: "reviews", script: Schema.reviews),
        Migration(version: 4, name: "halts and trimmed logs", script: Schema.halting),
        Migration(version: 5, name: "spool", script: Schema.spool),
    ]

    static var latest: Int { all.count }
}

enum Migrations {
    /// In the head of every file of ours: "Smlt".
    static let application: Int64 = 0x536D_6C74

    /// Brings the file to `version` in one transaction; one that somebody else brought there meanwhile is left alone.
    static func run(
        _ database: Database, to version: Int = Migration.latest, now: Int64
    ) throws(StoreFault) {
        try database.write { () throws(StoreFault) in
            let here = Int(try database.number("PRAGMA user_version") ?? 0)
            try check(database, upTo: here)
            guard here < version else { return }
            for step in Migration.all[here..<version] {
                try database.execute(step.script)
                try database.run(
                    "INSERT INTO migrations (version, name, digest, applied) VALUES (?, ?, ?, ?)",
                    .number(Int64(step.version)), .text(step.name), .text(step.digest),
                    .number(now))
            }
            try database.execute("PRAGMA user_version = \(version)")
        }
    }

    /// Whether the file came here by the steps that we know. Who opens it for one act does not ask, for that takes longer than many
    /// an act.
    static func check(_ database: Database, upTo version: Int) throws(StoreFault) {
        guard version <= Migration.latest else {
            throw .newer(database.path, version: version, ours: Migration.latest)
        }
        guard version > 0 else { return }
        let found = try database.all("SELECT version, digest FROM migrations ORDER BY version") {
            ($0.int(0), $0.text(1))
        }
        for step in Migration.all.prefix(version) {
            guard found.contains(where: { $0 == (step.version, step.digest) }) else {
                throw .otherHistory(database.path, version: step.version)
            }
        }
    }
}
