internal import Toml

/// Every key that a job manifest may have. Reader, schema and spelling help come from this table;
/// smelt-manifest(5) is its page, and a test compares the two.
enum JobKeys {
    /// A year: longer is a slip of the pen.
    static let longestDuration = 31_536_000.0
    static let durations = 0.001...longestDuration
    static let sizes = 1...(1 << 50)
    /// A second; the kernel's own bound.
    static let operations = 1...4_294_967_294

    static let manifest = Section(
        "manifest", "A job for smelt.",
        [
            Key("version", .integer(1...1), normally: "1", "the version of this format"),
            Key(
                "state_backend", .either([.text, .any]),
                "passed through for programs that read it: a word, or a table"),
            Key("job", .table(job), required: true, "what to work on"),
            Key("environment", .table(environment), "where the sessions run"),
            Key(
                "agent", .either([.choice(Presets.names), .table(agent)]),
                "who works in every session"),
            Key("credentials", .table(credentials), "what the agents may use"),
            Key("session", .tables(session), required: true, "the pieces of work"),
            Key("limits", .table(limits), "bounds of the job"),
            Key("network", .table(network), "what the sessions may reach"),
            Key("workspace", .table(workspace), "what the sessions find beside the checkout"),
            Key("commit", .table(commit), "how the commits that smelt makes look"),
            Key("merge", .table(merge), required: true, "how the sessions' work becomes one"),
            Key("review", .table(review), "when a person must agree"),
            Key("protect", .table(protect), "whose change needs a person's yes"),
            Key("forge", .table(forge), "where the pull request goes"),
            Key("kubernetes", .table(kubernetes), "for the runtime kubernetes, and only there"),
            Key("services", .tables(service), "for the runtime compose, and only there"),
            Key("notify", .tables(notify), "passed through for programs that read it"),
        ])

    static let job = Section(
        "job", "What to work on.",
        [
            Key(
                "name", .text, required: true,
                "names the job's directory, branch and labels: letters, digits, '.', '_', '-'"),
            Key(
                "repo", .text, required: true,
                "a path, relative to the manifest, or a URL that git takes"),
            Key("base_ref", .text, required: true, "the branch, tag or commit to start from"),
        ])

    static let environment = Section(
        "environment", "Where the sessions run.",
        [
            Key(
                "runtime", .choice(["sandbox", "docker", "compose", "kubernetes"]),
                normally: "docker when there is an image, else sandbox", "what isolates them"),
            Key("image", .text, "the image, for every runtime but sandbox"),
            Key("resources", .table(resources), "the same limits as in [limits]"),
        ])

    static let resources = Section(
        "resources", "Limits, under their older names.",
        [
            Key("cpu", .number(0.01...4096), "processors, fractions allowed"),
            Key("memory", .size(sizes), "bytes, or text such as \"4G\""),
        ])

    static let agent = Section(
        "agent", "The program that does the work: a preset, or a command.",
        [
            Key("preset", .choice(Presets.names), "a command line that smelt knows"),
            Key(
                "command", .list(.text),
                "a program and its arguments; {model}, {prompt} and {spec_file} are filled in"),
            Key(
                "prompt", .choice(["stdin", "argument", "file"]), normally: "stdin",
                "how the task reaches the command"),
        ])

    static let credentials = Section(
        "credentials", "What the agents may use.",
        [
            Key("provider", .text, "free text, for people"),
            Key("model", .text, "handed to the preset, and in place of {model}"),
            Key("env", .map, "name inside = name of the variable on this machine"),
        ])

    static let session = Section(
        "session", "One piece of work.",
        [
            Key("name", .text, required: true, "letters, digits, '.', '_', '-'; unique"),
            Key("spec", .emptyText, required: true, "the task in words"),
            Key(
                "harness", .emptyText, required: true,
                "a shell command that decides whether the work is good"),
            Key(
                "timeout", .duration(durations), required: true,
                "for agent, commit and harness together"),
            Key("depends_on", .list(.text), normally: "[]", "sessions that must succeed before"),
            Key(
                "agent", .either([.choice(Presets.names), .table(agent)]),
                "who works, instead of [agent]"),
            Key("env", .map, "variables; not for secrets, they are recorded"),
            Key("working_directory", .text, normally: ".", "relative to the workspace"),
        ])

    static let limits = Section(
        "limits", "Bounds; only wall, output and max_parallel have a default.",
        [
            Key("wall", .duration(durations), normally: "24h", "the whole run"),
            Key("cpu", .number(0.01...4096), "processors of a session, fractions allowed"),
            Key(
                "cpu_weight", .integer(1...10_000),
                "share when processors are contended; 100 is usual"),
            Key("cpus", .text, "the processors that a session may use: 0-3,6"),
            Key("memory", .size(sizes), "of a session"),
            Key("memory_high", .size(sizes), "where a session is slowed down and not ended"),
            Key("swap", .size(0...sizes.upperBound), normally: "0 with memory", "of a session"),
            Key("processes", .integer(1...4_194_304), "of a session, threads included"),
            Key("disk", .size(sizes), "what a session may write"),
            Key("io_weight", .integer(1...10_000), "share when disks are contended; 100 is usual"),
            Key("io_read", .size(sizes), "bytes a second from each disk"),
            Key("io_write", .size(sizes), "bytes a second to each disk"),
            Key("io_read_ops", .integer(operations), "reads a second from each disk"),
            Key("io_write_ops", .integer(operations), "writes a second to each disk"),
            Key("output", .size(sizes), normally: "1G", "what a session may print"),
            Key("idle", .duration(durations), "silence after which a session is ended"),
            Key("max_parallel", .integer(1...1024), normally: "4", "sessions at the same time"),
        ])

    static let network = Section(
        "network", "What the sessions may reach.",
        [
            Key(
                "mode", .choice(["none", "host", "allow"]),
                normally: "allow when there is a list, else none",
                "nothing, everything this machine can, or what allow lists"),
            Key(
                "allow", .list(.text), normally: "[]",
                "rules: [METHOD ]HOST[:PORT][/PATH], HOST a name, *.name or an address"),
            Key("resolvers", .list(.text), "name servers to ask, instead of this machine's"),
            Key("traffic", .size(sizes), "what may pass in both directions together"),
            Key("broker", .tables(broker), "services whose secrets stay outside"),
        ])

    static let broker = Section(
        "broker", "A service that is reached without its secret, which is added outside.",
        [
            Key("name", .text, required: true, "unique"),
            Key("upstream", .text, required: true, "https://HOST[:PORT][/PATH]"),
            Key("header", .text, normally: "Authorization", "what carries the secret"),
            Key("scheme", .text, "the word in front of the secret, such as \"Bearer\""),
            Key("secret_env", .text, "the variable of this machine that holds the secret"),
            Key("secret_file", .text, "the file that holds it, instead of a variable"),
            Key("variables", .list(.text), required: true, "what get the address inside"),
            Key("paths", .list(.text), "what may be asked for: [METHOD ]/PATH"),
            Key("ca_file", .text, "certificates to trust, instead of this machine's"),
        ])

    static let workspace = Section(
        "workspace", "What the sessions find beside the checkout.",
        [
            Key("setup", .text, "a shell command run in each fresh workspace before the agent"),
            Key("copy", .list(share), normally: "[]", "files and directories that are copied in"),
            Key("mounts", .list(share), normally: "[]", "the same, seen read-only in place"),
        ])

    static let share = Shape.either([
        .text,
        .table(
            Section(
                "share", "A path on this machine and where it appears.",
                [
                    Key("source", .text, required: true, "relative to the manifest"),
                    Key("target", .text, "absolute, in the home (~/), or in the workspace"),
                ])),
    ])
}
