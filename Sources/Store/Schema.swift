/// The tables, as the migrations make them. States are numbers (`JobState`), times milliseconds since 1970, durations
/// milliseconds; texts that users choose are kept as they came.
///
/// What is asked at every turn has an index of its own, and none has entries for jobs that are over, except the list by
/// state: so a claim takes as long with a million jobs in the file as with ten, and nothing is ever counted, for `counts`
/// moves with each change.
enum Schema {
    static let jobs = """
        CREATE TABLE migrations (
            version INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL, applied INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE groups (
            grp INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            parallel INTEGER NOT NULL DEFAULT 0,
            paused INTEGER NOT NULL DEFAULT 0,
            paused_until INTEGER NOT NULL DEFAULT 0,
            pass INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        INSERT INTO groups (grp, name) VALUES (1, 'default');

        CREATE TABLE counts (
            state INTEGER NOT NULL, grp INTEGER NOT NULL REFERENCES groups, n INTEGER NOT NULL CHECK (n >= 0),
            PRIMARY KEY (state, grp)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE jobs (
            job INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 12),
            grp INTEGER NOT NULL REFERENCES groups,
            rank INTEGER NOT NULL,
            priority INTEGER NOT NULL,
            attempt INTEGER NOT NULL DEFAULT 0,
            token INTEGER NOT NULL DEFAULT 0,
            seq INTEGER NOT NULL DEFAULT 0,
            trimmed INTEGER NOT NULL DEFAULT 0,
            added INTEGER NOT NULL,
            due INTEGER NOT NULL,
            hold INTEGER NOT NULL DEFAULT 0,
            waits INTEGER NOT NULL DEFAULT 0 CHECK (waits >= 0),
            lock TEXT,
            slot TEXT,
            place INTEGER,
            unique_key TEXT,
            every TEXT,
            tries INTEGER NOT NULL DEFAULT 0,
            bugs INTEGER NOT NULL DEFAULT 0,
            losses INTEGER NOT NULL DEFAULT 0,
            spent INTEGER NOT NULL DEFAULT 0,
            avoid TEXT,
            cancel INTEGER NOT NULL DEFAULT 0,
            resume INTEGER NOT NULL DEFAULT 0,
            owner TEXT,
            worker TEXT,
            boot TEXT,
            expires INTEGER,
            run TEXT,
            process TEXT,
            started INTEGER,
            finished INTEGER,
            status INTEGER,
            reason TEXT,
            CHECK ((state IN (4, 7)) = (owner IS NOT NULL)),
            CHECK ((state >= 8) = (finished IS NOT NULL))
        ) STRICT;
        CREATE INDEX jobs_state ON jobs (state, job);
        CREATE INDEX jobs_ready ON jobs (grp, rank, job) WHERE state = 0;
        CREATE INDEX jobs_due ON jobs (due) WHERE state IN (2, 6);
        CREATE UNIQUE INDEX jobs_locked ON jobs (lock) WHERE lock IS NOT NULL AND state IN (4, 7);
        CREATE INDEX jobs_locking ON jobs (lock, grp, state, rank) WHERE lock IS NOT NULL AND state < 8;
        CREATE UNIQUE INDEX jobs_slot ON jobs (slot, place) WHERE slot IS NOT NULL AND state < 8;
        CREATE UNIQUE INDEX jobs_unique ON jobs (unique_key) WHERE unique_key IS NOT NULL AND state < 8;

        CREATE TABLE requests (
            job INTEGER PRIMARY KEY REFERENCES jobs,
            kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2),
            name TEXT NOT NULL,
            labels TEXT,
            unique_key TEXT,
            admission INTEGER NOT NULL,
            retries INTEGER NOT NULL,
            backoff INTEGER NOT NULL,
            budget INTEGER,
            timeout INTEGER,
            origin TEXT,
            body BLOB NOT NULL
        ) STRICT;

        CREATE TABLE labels (
            key TEXT NOT NULL, value TEXT NOT NULL, job INTEGER NOT NULL REFERENCES jobs, PRIMARY KEY (key, value, job)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX labels_job ON labels (job);

        CREATE TABLE needs (
            needed INTEGER NOT NULL REFERENCES jobs,
            job INTEGER NOT NULL REFERENCES jobs,
            want INTEGER NOT NULL CHECK (want BETWEEN 0 AND 2),
            met INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (needed, job)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX needs_job ON needs (job);

        CREATE TABLE attempts (
            job INTEGER NOT NULL REFERENCES jobs,
            attempt INTEGER NOT NULL,
            run TEXT NOT NULL UNIQUE,
            worker TEXT,
            first INTEGER NOT NULL,
            started INTEGER NOT NULL,
            finished INTEGER,
            status INTEGER,
            reason TEXT,
            PRIMARY KEY (job, attempt)
        ) STRICT, WITHOUT ROWID;
        """

    static let records = """
        CREATE TABLE log (
            job INTEGER NOT NULL REFERENCES jobs,
            first INTEGER NOT NULL,
            count INTEGER NOT NULL CHECK (count > 0),
            bytes BLOB NOT NULL,
            PRIMARY KEY (job, first)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE audit (
            n INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            object TEXT NOT NULL,
            detail TEXT NOT NULL,
            hash TEXT NOT NULL
        ) STRICT;
        CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
        CREATE TRIGGER audit_keeps BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
        """
}
