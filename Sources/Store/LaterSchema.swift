extension Schema {
    /// Groups that stop by themselves, and why one is paused; logs of which output is gone. `log.gone` is a time of a row
    /// that stands for `count` records which are not there any more since then, and has no bytes; `jobs.trimmed` is the last of
    /// them, and `jobs.trim` how many bytes of a log are to be left, while there are more; -1 of a job that is over until somebody
    /// looks how long its log is.
    static let halting = """
        ALTER TABLE groups ADD COLUMN halt TEXT;
        ALTER TABLE groups ADD COLUMN halted INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE groups ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE groups ADD COLUMN successes INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE groups ADD COLUMN reason TEXT;
        ALTER TABLE log ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE jobs ADD COLUMN trim INTEGER;
        CREATE INDEX jobs_trim ON jobs (job) WHERE trim IS NOT NULL;
        """

    /// What is taken in already of `smelt.db-spool`: until which byte, while that has this number.
    static let spool = "INSERT INTO meta (key, value) VALUES ('spool', 0), ('spooled', 0);"
}
