internal import Records
internal import Sandbox

/// The objects that a job consists of, as `run.planned` carries them.
enum JobTables {
    static let all = [
        job, environment, compose, agent, session, limits, network, broker, share, workspace,
        sandbox,
        credentials, commit,
        merge, review, autoAccept, forge, kubernetes, source,
    ]

    static let job = MemberTable(
        "job", "The whole job with every default filled in.",
        [
            Member("name", .text, "the job's name"),
            Member("repository", .text, "an absolute path, or a URL that git takes"),
            Member("baseRef", .text, "what the sessions start from"),
            Member("environment", .object("environment"), "where the sessions run"),
            Member("agent", .object("agent"), optional: true, "who works"),
            Member("sessions", .list(.object("session")), "the pieces of work"),
            Member("limits", .object("limits"), "bounds"),
            Member("network", .object("network"), "what may be reached"),
            Member("workspace", .object("workspace"), "what is brought in"),
            Member(
                "sandbox", .object("sandbox"), optional: true,
                "the walls around the sessions' programs"),
            Member("credentials", .object("credentials"), optional: true, "names, never values"),
            Member("commit", .object("commitStyle"), "how smelt's commits look"),
            Member("merge", .object("merge"), "how the work becomes one"),
            Member("review", .object("review"), "when a person must agree"),
            Member("protect", .list(.text), "patterns beside the built-in ones"),
            Member("forge", .object("forge"), optional: true, "where the pull request goes"),
            Member(
                "kubernetes", .object("kubernetes"), optional: true,
                "where in a cluster the pod runs"),
            Member("services", .list(.any), optional: true, "the manifest's tables as they are"),
            Member("stateBackend", .any, optional: true, "the manifest's value as it is"),
            Member("notify", .list(.any), optional: true, "the manifest's tables as they are"),
        ])

    static let environment = MemberTable(
        "environment", "Where the sessions run.",
        [
            Member("runtime", .choice(words(JobEnvironment.Runtime.self)), "what isolates them"),
            Member("image", .text, optional: true, "absent for the sandbox"),
            Member(
                "pull", .choice(words(JobEnvironment.Pull.self)), optional: true,
                "when the engine gets the image; absent is missing"),
            Member(
                "compose", .object("compose"), optional: true,
                "for the runtime compose, and only there"),
        ])

    static let compose = MemberTable(
        "compose", "What compose is told beside the services.",
        [
            Member("files", .list(.text), "the user's own files, absolute, in their order"),
            Member("directory", .text, "what relative paths of services start from"),
            Member("startSeconds", .number(least: 0), "until all of them must be ready"),
        ])

    static let agent = MemberTable(
        "agent", "The program that does the work.",
        [
            Member("preset", .text, optional: true, "the name it was known by"),
            Member("command", .list(.text), "the program and its arguments"),
            Member("prompt", .choice(words(Agent.Prompt.self)), "how the task reaches it"),
        ])

    static let session = MemberTable(
        "session", "One piece of work.",
        [
            Member("name", .text, "unique in the job"),
            Member("spec", .text, "the task; empty when it is in specPath"),
            Member("specPath", .text, optional: true, "the file that holds a long task"),
            Member("specSha256", .sha256, optional: true, "of that file"),
            Member("harness", .text, "the shell command that decides"),
            Member("timeoutSeconds", .number(least: 0), "agent, commit and harness together"),
            Member("dependsOn", .list(.text), "sessions that must succeed before"),
            Member("agent", .object("agent"), optional: true, "instead of the job's"),
            Member("env", .map(.text), "its variables"),
            Member("workingDirectory", .text, optional: true, "relative to the workspace"),
            Member("credentials", .list(.text), optional: true, "which it gets; absent is all"),
        ])

    static let limits = MemberTable(
        "limits", "Bounds; what is absent is not bounded.",
        [
            Member("wallSeconds", .number(least: 0), optional: true, "the whole run"),
            Member("cpu", .number(least: 0), optional: true, "processors"),
            Member("cpuWeight", .integer(least: 1), optional: true, "share of the processors"),
            Member("cpus", .text, optional: true, "the processors that may be used"),
            Member("memoryBytes", .integer(least: 1), optional: true, "of a session"),
            Member("memoryHighBytes", .integer(least: 1), optional: true, "slowed down beyond it"),
            Member("swapBytes", .integer(least: 0), optional: true, "of a session"),
            Member("processes", .integer(least: 1), optional: true, "of a session"),
            Member("diskBytes", .integer(least: 1), optional: true, "what a session may write"),
            Member("ioWeight", .integer(least: 1), optional: true, "share of the disks"),
            Member(
                "ioReadBytesPerSecond", .integer(least: 1), optional: true, "from each disk"),
            Member("ioWriteBytesPerSecond", .integer(least: 1), optional: true, "to each disk"),
            Member(
                "ioReadOperationsPerSecond", .integer(least: 1), optional: true, "of each disk"),
            Member(
                "ioWriteOperationsPerSecond", .integer(least: 1), optional: true, "of each disk"),
            Member("outputBytes", .integer(least: 1), optional: true, "what a session may print"),
            Member("idleSeconds", .number(least: 0), optional: true, "silence that ends a session"),
            Member("maxParallel", .integer(least: 1), optional: true, "sessions at the same time"),
        ])

    static let network = MemberTable(
        "network", "What a session may reach.",
        [
            Member("mode", .choice(words(Network.Mode.self)), "nothing, all, or the list"),
            Member("allow", .list(.text), "rules"),
            Member("broker", .list(.object("broker")), optional: true, "secrets stay outside"),
            Member("resolvers", .list(.text), optional: true, "who is asked for addresses"),
            Member("trafficBytes", .integer(least: 1), optional: true, "in both directions"),
        ])

    static let broker = MemberTable(
        "broker", "A service whose secret stays outside: names, never values.",
        [
            Member("name", .text, "its name"),
            Member("upstream", .text, "where it is"),
            Member("header", .text, "what carries the secret"),
            Member("scheme", .text, optional: true, "the word in front of the secret"),
            Member("secretEnv", .text, optional: true, "the variable that holds it"),
            Member("secretFile", .text, optional: true, "the file that holds it"),
            Member("variables", .list(.text), "what get the address inside"),
            Member("allow", .list(.text), optional: true, "what may be asked for"),
            Member("caFile", .text, optional: true, "certificates to trust"),
        ])

    static let share = MemberTable(
        "share", "A path of this machine and where it appears.",
        [
            Member("source", .text, "absolute"),
            Member("target", .text, "absolute, in the home (~/), or in the workspace"),
        ])

    static let workspace = MemberTable(
        "workspace", "What is brought in beside the checkout.",
        [
            Member("setup", .text, optional: true, "a shell command"),
            Member("copy", .list(.object("share")), "copied"),
            Member("mounts", .list(.object("share")), "seen read-only"),
        ])

    static let sandbox = MemberTable(
        "sandbox", "The walls around the sessions' programs; what is absent is as everywhere.",
        [
            Member("seccomp", .any, optional: true, "a profile's name, or a whole policy"),
            Member(
                "landlock", .choice(words(Landlock.Use.self)), optional: true, "the second wall"),
        ])

    static let credentials = MemberTable(
        "credentials", "What the agents may use: names, never values.",
        [
            Member("provider", .text, optional: true, "free text"),
            Member("model", .text, optional: true, "what the agents are told to use"),
            Member("env", .map(.text), "name inside to the variable's name on the host"),
            Member("files", .map(.text), optional: true, "the same for files in /run/secrets"),
        ])

    static let commit = MemberTable(
        "commitStyle", "How the commits that smelt makes look.",
        [
            Member("name", .text, "of author and committer"),
            Member("email", .text, "of author and committer"),
            Member("signoff", .flag, "whether they are signed off"),
            Member("trailers", .list(.text), "lines at the end"),
        ])

    static let merge = MemberTable(
        "merge", "How the work becomes one.",
        [
            Member("strategy", .choice(words(Merge.Strategy.self)), "in which way"),
            Member("order", .list(.text), "sessions that come first"),
            Member("target", .text, "the branch that the result is for"),
            Member("includeFailed", .flag, "whether a failed gate keeps work out"),
            Member("aiResolution", .flag, "kept; smelt asks no model"),
        ])

    static let review = MemberTable(
        "review", "When a person must agree.",
        [
            Member("required", .flag, "for every result"),
            Member("expiresSeconds", .number(least: 0), "how long the question stands"),
            Member("reviewers", .list(.text), optional: true, "who may answer"),
            Member("count", .integer(least: 1), optional: true, "how many must agree"),
            Member("owner", .text, optional: true, "may decide alone after a while"),
            Member("ownerAfterSeconds", .number(least: 0), optional: true, "after which"),
            Member(
                "autoAccept", .list(.object("autoAccept")), optional: true,
                "results of which nobody need be asked"),
        ])

    static let autoAccept = MemberTable(
        "autoAccept", "Results of which nobody need be asked.",
        [
            Member("paths", .list(.text), "every path that changed matches one"),
            Member("mostFiles", .integer(least: 0), optional: true, "no more changed files"),
            Member("mostLines", .integer(least: 0), optional: true, "no more changed lines"),
            Member("gates", .flag, "every session's gate passed"),
        ])

    static let forge = MemberTable(
        "forge", "Where the pull request goes.",
        [
            Member("provider", .choice(words(ForgeTarget.Provider.self)), "which forge"),
            Member("repository", .text, "owner/repo, or the path of a bare repository"),
            Member("tokenEnv", .text, optional: true, "the variable that holds the token"),
            Member("apiURL", .text, optional: true, "absent for github.com"),
            Member("pushURL", .text, optional: true, "where the branch is pushed"),
            Member("labels", .list(.text), "put on the pull request"),
            Member("reviewers", .list(.text), "asked for a review"),
            Member("title", .text, optional: true, "a template"),
            Member("body", .text, optional: true, "a template"),
        ])

    static let kubernetes = MemberTable(
        "kubernetes", "Where in a cluster the pod runs; what is absent is left to the cluster.",
        [
            Member("namespace", .text, "of everything that is made"),
            Member("context", .text, optional: true, "of the kubeconfig"),
            Member("serviceAccount", .text, optional: true, "of the pod, without its token"),
            Member("sshKeyEnv", .text, optional: true, "the variable that holds git's key"),
            Member("cpuRequest", .text, optional: true, "a quantity; absent is the limit"),
            Member("memoryRequest", .text, optional: true, "a quantity; absent is the limit"),
            Member("nodeSelector", .map(.text), optional: true, "labels of the node"),
            Member("tolerations", .list(.any), optional: true, "as Kubernetes has them"),
            Member("affinity", .any, optional: true, "as Kubernetes has it"),
            Member("priorityClass", .text, optional: true, "a name"),
            Member("imagePullSecrets", .list(.text), optional: true, "names"),
            Member("runtimeClass", .text, optional: true, "a name"),
            Member("labels", .map(.text), optional: true, "on everything that is made"),
            Member("annotations", .map(.text), optional: true, "on job and pod"),
            Member("user", .integer(least: 1), optional: true, "user and group in the pod"),
            Member("startSeconds", .number(least: 0), "until the pod must run"),
            Member("ttlSeconds", .number(least: 0), "what has finished is kept so long"),
            Member("podTemplate", .any, optional: true, "a pod that ours is built on"),
        ])

    static let source = MemberTable(
        "source", "The file that the job was read from.",
        [
            Member("path", .text, "absolute; - for standard input"),
            Member("sha256", .sha256, "of the file"),
        ])

    static func words<Choice: RawRepresentable & CaseIterable>(
        _ type: Choice.Type
    ) -> [String] where Choice.RawValue == String {
        Choice.allCases.map(\.rawValue)
    }
}
