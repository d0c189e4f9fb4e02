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

    /// Files of `/etc` that name the one user there is; on the host's they would name others.
    static func files(for plan: Plan) -> [Grant] {
        let user = "\(Plan.userName):x:\(Plan.user):"
        var files: [Grant] = [
            .file(
                contents:
                    "root:x:0:0:root:/:/usr/sbin/nologin\n\(user)\(Plan.user)::\(Plan.home):/bin/sh\n"
                    + "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
                target: "/etc/passwd", mode: 0o444),
            .file(
                contents: "root:x:0:\n\(user)\nnogroup:x:65534:\n", target: "/etc/group",
                mode: 0o444),
        ]
        switch plan.network {
        case .none:
            files.append(
                .file(
                    contents: "127.0.0.1 localhost \(plan.hostname)\n::1 localhost\n",
                    target: "/etc/hosts", mode: 0o444))
        case .host:
            // Often a link into /run, which is private here.
            if let real = try? Files.canonical("/etc/resolv.conf"), !shows(real) {
                files.append(.readOnly(source: real, target: real))
            }
        }
        return files
    }

    /// Whether a path of the host can be seen inside before any grant.
    package static func shows(_ path: String) -> Bool {
        (directories + facts).contains { path == $0 || path.hasPrefix($0 + "/") }
    }
}
