internal import Policies
internal import Toml

/// Every key of the file that the daemon is started with; smelt-server(5) lists them, too.
enum ServerKeys {
    static let server = Section(
        "server configuration", "What the daemon does.",
        [
            Key("queue_dir", .text, required: true, "where manifests are dropped"),
            Key("max_concurrent", .integer(1...1024), required: true, "jobs at the same time"),
            Key("retry_attempts", .integer(0...1000), normally: "3", "of a failed job"),
            Key(
                "retry_backoff_secs", .duration(0...SandboxKeys.longest), normally: "5",
                "before the first retry"),
            Key("ssh_timeout_secs", .duration(SandboxKeys.durations), normally: "3", "to connect"),
            Key(
                "lease_secs", .duration(1...3600), normally: "30",
                "after which the jobs of a daemon that does not answer are another's"),
            Key(
                "grace_secs", .duration(SandboxKeys.durations), normally: "30",
                "from asking a run to stop to killing it"),
            Key(
                "drain", .flag, normally: "false",
                "when the daemon is stopped, jobs that run are waited for"),
            Key("pipeline", .table(pipeline), "what runs a manifest"),
            Key(
                "review", .table(JobKeys.review),
                "what holds for manifests that say nothing of it"),
            Key("exec", .table(exec), "what commands and tasks run in"),
            Key("log", .table(log), "how long the logs of jobs may be"),
            Key("server", .table(http), "the HTTP interface"),
            Key("workers", .tables(worker), "machines that jobs are sent to"),
            Key("auth", .table(auth), "who may call"),
            Key("tracker", .table(tracker), "where issues become jobs"),
        ])

    static let pipeline = Section(
        "pipeline", "What runs a manifest.",
        [
            Key("command", .list(.text), required: true, "words of the command"),
            Key("resume", .list(.text), "its stages behind the result, which get the log"),
        ])

    static let exec = Section(
        "exec", "What commands and tasks run in.",
        [Key("options", .list(.text), required: true, "words for smelt-exec, before its --")])

    static let log = Section(
        "log", "How long the logs of jobs may be.",
        [
            Key("running", .size(0...Int.max), "of a job that is not over"),
            Key("over", .size(0...Int.max), "of a job that is over"),
        ])

    static let http = Section(
        "http", "The HTTP interface.",
        [
            Key("host", .text, normally: "127.0.0.1", "the address to listen on"),
            Key("port", .integer(1...65_535), normally: "8765", "the port to listen on"),
        ])

    static let auth = Section(
        "auth", "Variables that hold the tokens.",
        [
            Key("write_token_env", .text, required: true, "may do everything"),
            Key("read_token_env", .text, "may look"),
        ])

    static let tracker = Section(
        "tracker", "Where issues become jobs.",
        [
            Key("provider", .choice(["github", "linear"]), required: true, "which tracker"),
            Key("repo", .text, "owner/repo, for github"),
            Key("api_key_env", .text, "the variable that holds the key, for linear"),
            Key("team_id", .text, "for linear"),
            Key("manifest_template", .text, required: true, "a manifest without sessions"),
            Key(
                "poll_interval_secs", .duration(SandboxKeys.durations), normally: "30",
                "between looks"),
            Key("label_prefix", .text, normally: "smelt", "of the labels that say the state"),
            Key("default_harness", .text, required: true, "of the sessions made from issues"),
            Key(
                "default_timeout", .duration(SandboxKeys.durations), required: true,
                "of the sessions made from issues"),
        ])
}
