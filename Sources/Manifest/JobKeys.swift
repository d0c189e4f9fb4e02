internal import Policies
internal import Sandbox
internal import Toml

/// Every key that a job manifest may have. Reader, schema and spelling help come from this table;
/// smelt-manifest(5) is its page, and a test compares the two.
enum JobKeys {
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
            Key("sandbox", .table(sandbox), "the walls around them, for the runtime sandbox"),
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
            Key(
                "pull", .choice(["missing", "always", "never"]), normally: "missing",
                "when the engine gets the image from its registry"),
            Key(
                "compose_file", .either([.text, .list(.text)]),
                "files of compose, for the runtime compose; later ones go over earlier ones"),
            Key(
                "start_timeout", .duration(SandboxKeys.durations), normally: "2m",
                "how long services may take until they are ready, for the runtime compose"),
            Key("resources", .table(resources), "the same limits as in [limits]"),
        ])

    static let resources = Section(
        "resources", "Limits, under their older names.",
        [
            Key("cpu", .number(0.01...4096), "processors, fractions allowed"),
            Key("memory", .size(SandboxKeys.sizes), "bytes, or text such as \"4G\""),
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
            Key("files", .map, "name in /run/secrets = name of the variable on this machine"),
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
                "timeout", .duration(SandboxKeys.durations), required: true,
                "for agent, commit and harness together"),
            Key("depends_on", .list(.text), normally: "[]", "sessions that must succeed before"),
            Key(
                "agent", .either([.choice(Presets.names), .table(agent)]),
                "who works, instead of [agent]"),
            Key("env", .map, "variables; not for secrets, they are recorded"),
            Key("working_directory", .text, normally: ".", "relative to the workspace"),
            Key(
                "credentials", .list(.text), normally: "all", "names in [credentials] that it gets"),
        ])

    static let limits = Section(
        "limits", "Bounds; only wall, output and max_parallel have a default.",
        SandboxKeys.limits + [
            Key("max_parallel", .integer(1...1024), normally: "4", "sessions at the same time")
        ])

    static let network = Section(
        "network", "What the sessions may reach.", SandboxKeys.network)

    static let sandbox = Section(
        "sandbox", "The walls around the sessions' programs.",
        [
            Key(
                "seccomp", SeccompFile.shape, normally: "default",
                "which system calls they may make: a profile, a file, or a policy"),
            Key(
                "landlock", .choice(Landlock.Use.allCases.map(\.rawValue)), normally: "available",
                "the second wall behind the mounts"),
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
