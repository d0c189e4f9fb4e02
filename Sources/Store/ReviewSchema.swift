extension Schema {
    /// Questions about results, and the answers of people. A job has one question at a time; one that was asked anew leaves the
    /// one before, with its answer, behind (`current` 0).
    static let reviews = """
        CREATE TABLE reviews (
            review INTEGER PRIMARY KEY,
            job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
            run TEXT NOT NULL,
            commit_id TEXT NOT NULL,
            question BLOB NOT NULL,
            asked INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            current INTEGER NOT NULL DEFAULT 1,
            need INTEGER NOT NULL DEFAULT 1 CHECK (need > 0),
            reviewers TEXT,
            owner TEXT,
            owner_from INTEGER,
            decision INTEGER CHECK (decision BETWEEN 0 AND 2),
            actor TEXT,
            note TEXT,
            decided INTEGER,
            CHECK ((decision IS NULL) = (decided IS NULL))
        ) STRICT;
        CREATE UNIQUE INDEX reviews_current ON reviews (job) WHERE current = 1;
        CREATE INDEX reviews_run ON reviews (run);
        CREATE INDEX reviews_job ON reviews (job);
        CREATE INDEX reviews_open ON reviews (expires) WHERE current = 1 AND decision IS NULL;

        CREATE TABLE votes (
            review INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
            voter TEXT NOT NULL,
            decision INTEGER NOT NULL CHECK (decision BETWEEN 0 AND 1),
            note TEXT,
            time INTEGER NOT NULL,
            PRIMARY KEY (review, voter)
        ) STRICT, WITHOUT ROWID;
        """
}
