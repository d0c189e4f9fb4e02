internal import Sandbox
package import Toml

/// Every key that a policy may have: an option of smelt-exec(1) each, with `_` for `-`. smelt-policy(5) is its page, and
/// a test compares the two.
package enum PolicyKeys {
    package static let policy = Section(
        "policy", "What a command may touch and use.",
        [
            Key("extends", .list(.text), "policies that it builds on"),
            Key("read_only", .list(.text), "paths that are shown"),
            Key("read_write", .list(.text), "paths that may be written"),
            Key("bind", .tables(bind), "paths that are shown elsewhere"),
            Key("tmpfs", .list(.either([.text, .table(memory)])), "directories in memory"),
            Key("device", .list(.text), "devices below /dev"),
            Key("hide", .list(.text), "paths that something empty lies over"),
            Key("mask", .list(.text), "the same, also where nothing is"),
            Key("no_links", .list(.text), "granted paths in which no link is followed"),
            Key("root", .text, "a tree in place of the host's software"),
            Key("hostname", .text, "the host's name inside"),
            Key("directory", .text, "where the command starts"),
            Key("env", .map, "variables"),
            Key("hand_on", .list(.text), "variables of the caller's"),
            Key("clear_env", .flag, "no variables but these"),
            Key("timeout", .duration(SandboxKeys.durations), "the same as limits.wall"),
            Key("idle", .duration(SandboxKeys.durations), "the same as limits.idle"),
            Key("grace", .duration(SandboxKeys.durations), "from the stop signal to the kill"),
            Key("stop_signal", .text, "what asks it to stop"),
            Key("limits", .table(limits), "bounds of all processes together"),
            Key("rlimits", .table(processLimits), "bounds of each process"),
            Key("keep_capability", .list(.text), "capabilities, inside the sandbox only"),
            Key("map_users", .flag, "other users and groups, to become"),
            Key("landlock", .choice(Landlock.Use.allCases.map(\.rawValue)), "the second wall"),
            Key("seccomp", SeccompFile.shape, "which system calls it may make"),
            Key("network", .table(network), "what it may reach"),
            Key("secret", .map, "files in /run/secrets, and where each is read from"),
            Key("tty", .flag, "a terminal of its own"),
            Key("best_effort", .flag, "go on without limits that cannot be enforced"),
            Key("trace_denials", .flag, "tell which files and addresses are refused"),
        ])

    package static let bind = Section(
        "bind", "A path of the host, and where it appears.",
        [
            Key("source", .text, required: true, "on the host"),
            Key("target", .text, required: true, "inside; absolute"),
            Key("read_only", .flag, "whether it is only read"),
        ])

    package static let memory = Section(
        "tmpfs", "A directory in memory.",
        [
            Key("path", .text, required: true, "where"),
            Key("size", .size(SandboxKeys.sizes), normally: "256M", "what it holds at most"),
        ])

    package static let limits = Section(
        "limits", "Bounds of all processes together.", SandboxKeys.limits)

    package static let network = Section(
        "network", "What a command may reach.",
        SandboxKeys.network + [Key("rules", .list(.text), "files of rules")])

    package static let processLimits = Section(
        "rlimits", "Bounds of each process.",
        ResourceLimits.kinds.sorted { $0.key < $1.key }.map { name, kind in
            switch kind.unit {
            case .bytes: Key(name, .size(0...SandboxKeys.sizes.upperBound), "bytes")
            case .seconds, .microseconds: Key(name, .duration(SandboxKeys.durations), "a duration")
            case .count: Key(name, .integer(0...1 << 50), "a number")
            }
        })
}
