package import Toml

/// Keys that manifests and policies have in common: what a command or a session may use and reach.
package enum SandboxKeys {
    /// A year: longer is a slip of the pen.
    package static let longest = 31_536_000.0
    package static let durations = 0.001...longest
    package static let sizes = 1...(1 << 50)
    package static let processors = 0.01...4096.0
    /// A second; the kernel's own bound.
    package static let operations = 1...4_294_967_294

    package static let limits = [
        Key("wall", .duration(durations), normally: "24h", "the whole run"),
        Key("cpu", .number(processors), "processors of a session, fractions allowed"),
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
    ]

    package static let network = [
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
    ]

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
}
