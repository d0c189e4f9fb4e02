internal import Policies
internal import Toml

/// The keys about what becomes of the sessions' work, and those of single runtimes.
extension JobKeys {
    static let commit = Section(
        "commit", "How the commits that smelt makes look.",
        [
            Key("name", .text, normally: "smelt", "of author and committer"),
            Key("email", .text, normally: "smelt@localhost", "of author and committer"),
            Key("signoff", .flag, normally: "false", "whether a Signed-off-by line is added"),
            Key("trailers", .list(.text), normally: "[]", "lines such as \"Ticket: 12\""),
        ])

    static let merge = Section(
        "merge", "How the sessions' work becomes one.",
        [
            Key(
                "strategy", .choice(["sequential", "overlap", "octopus"]),
                normally: "sequential",
                "one after the other, fewest shared files first, or one commit with all parents"),
            Key("order", .list(.text), normally: "[]", "sessions that are merged first"),
            Key("target", .text, required: true, "the branch that the result is for"),
            Key(
                "include_failed", .flag, normally: "true",
                "whether sessions whose harness failed are part of the result"),
            Key("ai_resolution", .flag, normally: "false", "kept; smelt itself asks no model"),
        ])

    static let protect = Section(
        "protect", "Paths whose change needs a person's yes, beside the built-in ones.",
        [Key("paths", .list(.text), required: true, "patterns such as \"infra/**\"")])

    static let forge = Section(
        "forge", "Where the pull request goes.",
        [
            Key("provider", .choice(["github", "local"]), required: true, "which forge it is"),
            Key(
                "repo", .text, required: true,
                "owner/repo; for local the path of a bare repository"),
            Key("token_env", .text, "the variable that holds the token; required for github"),
            Key(
                "api_url", .text, normally: "https://api.github.com",
                "an Enterprise server's is https://HOST/api/v3"),
            Key("push_url", .text, "where the branch is pushed, when it is not repo"),
            Key("labels", .list(.text), normally: "[]", "put on the pull request"),
            Key("reviewers", .list(.text), normally: "[]", "asked for a review"),
            Key("title", .text, "a template: {job}, {run}, {head}, {base}, {sessions}"),
            Key("body", .text, "a template, as title"),
        ])

    static let service = Section(
        "services", "One service beside the agent; further keys go to compose as they are.",
        open: true,
        [
            Key("name", .text, required: true, "the name under which it is reached"),
            Key("image", .text, required: true, "its image"),
        ])

    static let notify = Section(
        "notify", "A job that wants to know.",
        [
            Key("target_job", .text, required: true, "its name"),
            Key("on_session_complete", .flag, normally: "false", "after each session"),
        ])
}
