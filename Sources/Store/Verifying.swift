internal import Smelt

/// Looks through the whole file.
extension Store {
    /// Whether the file came to its version by the steps that this smelt knows.
    package func checkHistory() throws(StoreFault) {
        try Migrations.check(database, upTo: Migration.latest)
    }

    /// What is wrong, in sentences; empty when nothing is.
    package func verify(
        head kept: (number: Int64, hash: String)? = nil
    ) throws(StoreFault) -> [String] {
        try database.read { () throws(StoreFault) in
            var wrong = try database.all("PRAGMA integrity_check(20)") { $0.text(0) }
            wrong.removeAll { $0 == "ok" }
            // What lies in damaged pages says nothing more.
            guard wrong.isEmpty else { return wrong }
            wrong = try verifyNumbers()
            guard wrong.isEmpty else { return wrong }
            wrong += try database.all("PRAGMA foreign_key_check") {
                "row \($0.number(1)) of \($0.text(0)) belongs to nothing in \($0.text(2))"
            }
            try Migrations.check(database, upTo: Migration.latest)
            wrong += try database.all(
                "SELECT id FROM jobs WHERE NOT EXISTS (SELECT 1 FROM requests r WHERE r.job = jobs.job)"
            ) { "job \($0.text(0)) has no request" }
            wrong += try verifyCounts()
            wrong += try verifyLogs()
            wrong += try verifyWaiting()
            wrong += try verifyHalts()
            wrong += try verifyReviews()
            wrong += try verifyAudit(head: kept)
            return wrong
        }
    }

    /// Before anything is counted: see `Statement.sound`. In `meta` what is no number is greater than all of them.
    private func verifyNumbers() throws(StoreFault) -> [String] {
        let range = Statement.sound
        var wrong: [String] = []
        for (table, columns) in Self.numbers {
            let checks = columns.split(separator: " ").map {
                "\($0) NOT BETWEEN \(range.lowerBound) AND \(range.upperBound)"
            }
            let count =
                try database.query(
                    "SELECT count(*) FROM \(table) WHERE \(checks.joined(separator: " OR "))", []
                ) { $0.number(0) }.first ?? 0
            if count > 0 { wrong.append("\(count) rows of \(table) have numbers that nothing has") }
        }
        return wrong
    }

    /// All columns that are counted on, or printed as times.
    private static let numbers = [
        ("(SELECT value FROM meta WHERE key <> 'epoch')", "value"),
        ("groups", "grp parallel paused paused_until pass failures successes"),
        ("counts", "grp n"),
        ("jobs", "job grp rank priority attempt token seq trimmed added due waits place tries"),
        ("jobs", "bugs losses spent expires started finished status trim"),
        ("requests", "retries backoff budget timeout"),
        ("attempts", "attempt first started finished status"), ("log", "first count gone"),
        ("audit", "n time"),
    ]

    private func verifyCounts() throws(StoreFault) -> [String] {
        try database.all(
            """
            SELECT state, grp, sum(n) FROM (SELECT state, grp, n FROM counts UNION ALL SELECT state, grp, -1 FROM jobs)
            GROUP BY state, grp HAVING sum(n) <> 0
            """
        ) {
            let word = JobState(rawValue: $0.number(0))?.word ?? "?"
            return
                "\($0.number(2)) more \(word) jobs are counted in group \($0.number(1)) than are there"
        }
    }

    /// Every log goes from the first number to the job's last, without a hole, and what is gone is known to be.
    private func verifyLogs() throws(StoreFault) -> [String] {
        var wrong: [String] = []
        let statement = try database.prepare(
            """
            SELECT j.id, j.trimmed, j.seq, l.first, l.count, l.bytes, l.gone FROM jobs j LEFT JOIN log l USING (job)
            ORDER BY j.job, l.first
            """)
        try statement.begin([])
        defer { statement.end() }
        var id = ""
        var next: Int64 = 1
        var last: Int64 = 0
        var trimmed: Int64 = 0
        var gone: Int64 = 0
        func close() {
            if !id.isEmpty, next != last + 1 {
                wrong.append("the log of job \(id) ends at \(next - 1), not at \(last)")
            }
            if trimmed != gone {
                wrong.append("the log of job \(id) is trimmed up to \(gone), not \(trimmed)")
            }
        }
        while try statement.step() {
            if statement.text(0) != id {
                close()
                id = statement.text(0)
                (next, gone) = (1, 0)
                (trimmed, last) = (statement.number(1), statement.number(2))
            }
            guard let first = statement.optional(3) else { continue }
            if first != next { wrong.append("the log of job \(id) has a hole at \(next)") }
            let count = statement.number(4)
            if statement.number(6) != 0 { gone = first + count - 1 }
            // Where they are gone there are none.
            let wanted = statement.number(6) != 0 ? 0 : Int(count)
            if Bytes.lines(in: statement.bytes(5)) != wanted {
                wrong.append("the log of job \(id) has not \(count) lines from \(first) on")
            }
            next = first + count
        }
        close()
        return wrong
    }

    /// Nobody waits for what is not there: for a job that is over, a slot that is empty, a lock that is free.
    private func verifyWaiting() throws(StoreFault) -> [String] {
        var wrong = try database.all(
            """
            SELECT j.id FROM jobs j WHERE j.state < 8
            AND j.waits <> (SELECT count(*) FROM needs n WHERE n.job = j.job AND n.met = 0)
            """
        ) { "job \($0.text(0)) waits for another number of jobs than it needs" }
        wrong += try database.all(
            """
            SELECT j.id, n.needed FROM needs n JOIN jobs j ON j.job = n.needed WHERE n.met = 0 AND j.state >= 8
            """
        ) { "somebody waits for job \($0.text(0)), which is over" }
        wrong += try database.all(
            """
            SELECT DISTINCT slot FROM jobs w WHERE slot IS NOT NULL AND state < 8 AND place > 0
            AND NOT EXISTS (SELECT 1 FROM jobs o WHERE o.slot = w.slot AND o.slot IS NOT NULL AND o.state < 8 AND o.place = 0)
            """
        ) { "jobs wait for slot '\(Visible.line($0.text(0)))', which is free" }
        wrong += try database.all(
            """
            SELECT DISTINCT lock FROM jobs w WHERE lock IS NOT NULL AND state = 3 AND state < 8
            AND hold = 0 AND waits = 0 AND (place IS NULL OR place = 0)
            AND NOT EXISTS (SELECT 1 FROM jobs o WHERE o.lock = w.lock AND o.lock IS NOT NULL AND o.state IN (4, 7))
            AND NOT EXISTS (SELECT 1 FROM jobs o WHERE o.lock = w.lock AND o.lock IS NOT NULL AND o.state < 8
                AND o.grp = w.grp AND o.state = 0 AND (o.rank < w.rank OR o.rank = w.rank AND o.job < w.job))
            """
        ) { "jobs wait for lock '\(Visible.line($0.text(0)))', which is free" }
        return wrong
    }
}
