internal import Glibc
internal import Smelt

/// What a sandbox shows of its host before any grant: the software and its configuration, read-only. It is a list of
/// what is shown, not of what is hidden, so homes, mail, databases, spools, sockets in `/run` or `/var` and whatever
/// else a host has are not there. Connecting to a socket needs no writable mount, so no place with sockets may be shown.
package enum HostView {
    /// Shown whole where the host has them; a link stays a link.
    static let directories = [
        "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix",
        "/gnu",
    ]

    /// Facts about the software that is shown, and caches that anybody may read.
    static let facts = [
        "/var/lib/dpkg", "/var/lib/gems", "/var/lib/ghc", "/var/lib/texmf", "/var/cache/fontconfig",
    ]

    private static let shown = directories + facts

    /// Of the host's devices: none that stores, shows or measures anything.
    static let devices = [
        "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty",
    ]

    /// Links that programs expect in `/dev`.
    static let links = [
        ("/dev/fd", "/proc/self/fd"), ("/dev/stdin", "/proc/self/fd/0"),
        ("/dev/stdout", "/proc/self/fd/1"), ("/dev/stderr", "/proc/self/fd/2"),
        ("/dev/ptmx", "pts/ptmx"), ("/var/run", "/run"), ("/var/lock", "/run/lock"),
    ]

    /// Private, writable, in memory, gone with the sandbox.
    static let scratch: [(String, mode_t)] = [
        ("/tmp", 0o1777), ("/var/tmp", 0o1777), ("/dev/shm", 0o1777), ("/run", 0o755),
        (Plan.home, 0o700),
    ]

    /// Of those, where programs share memory and nobody has a use for symbolic links: none is followed. Supervisors keep links
    /// in `/run`, and everybody in the others.
    static let linkless: Set = ["/dev/shm"]

    /// Of `/proc`: what tells of the host or its other users, and what could be told to it. Most of them root alone may
    /// read in any case.
    static let masked = [
        "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/key-users", "/proc/keys",
        "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/sysrq-trigger",
        "/proc/timer_list", "/proc/vmallocinfo",
    ]

    /// Whether a path of the host can be seen inside before any grant.
    package static func shows(_ path: String) -> Bool { lists(path) && !Homes.hold(path) }

    /// The same before homes are taken out.
    static func lists(_ path: String) -> Bool {
        shown.contains { Files.lies(path, in: $0) }
    }
}
