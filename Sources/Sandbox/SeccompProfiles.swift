internal import Glibc

/// What the profiles refuse, and why. `strict` is `default` and more. What smelt does not know, since it is younger
/// than Linux 5.17, is refused by both with ENOSYS, so that programs take the older way.
struct SeccompProfile {
    /// Calls that are refused whatever their arguments.
    struct Part {
        let why: String
        let calls: [String]
        var answer = EPERM
    }

    /// A call that its arguments decide about.
    struct Judged {
        let why: String
        let call: String
        /// Refused when all conditions of one of these hold.
        var deny: [[SeccompCondition]] = []
        /// Refused unless all conditions of one of these hold.
        var only: [[SeccompCondition]]?
        var answer = EPERM
    }

    let parts: [Part]
    let judged: [Judged]

    static func of(_ base: SeccompPolicy.Base) -> SeccompProfile {
        switch base {
        case .default: usual
        case .strict: strict
        case .none, .closed: SeccompProfile(parts: [], judged: [])
        }
    }

    static let usual = SeccompProfile(
        parts: [
            Part(
                why: "changes what is mounted",
                calls: [
                    "mount", "umount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount",
                    "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr",
                ]),
            Part(why: "enters other namespaces", calls: ["setns"]),
            Part(
                why:
                    "hides its flags in memory, so that new namespaces cannot be told from threads",
                calls: ["clone3"], answer: ENOSYS),
            Part(
                why: "makes calls that no filter sees",
                calls: ["io_uring_setup", "io_uring_enter", "io_uring_register"], answer: ENOSYS),
            Part(
                why: "reaches keyrings, which no namespace separates",
                calls: ["add_key", "keyctl", "request_key"]),
            Part(
                why: "puts programs into the kernel or watches all that it does",
                calls: ["bpf", "perf_event_open"]),
            Part(why: "stops the kernel in the middle of a copy", calls: ["userfaultfd"]),
            Part(
                why: "changes the kernel that runs",
                calls: [
                    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module",
                    "create_module", "query_module", "get_kernel_syms",
                ]),
            Part(
                why: "is the administrator's",
                calls: [
                    "swapon", "swapoff", "reboot", "quotactl", "quotactl_fd", "acct", "syslog",
                    "vhangup", "iopl", "ioperm",
                ]),
            Part(
                why: "sets the clock",
                calls: [
                    "settimeofday", "stime", "clock_settime", "clock_settime64", "clock_adjtime",
                    "clock_adjtime64", "adjtimex",
                ]),
            Part(why: "watches everybody's files", calls: ["fanotify_init", "fanotify_mark"]),
            Part(
                why: "opens files that no path leads to",
                calls: ["name_to_handle_at", "open_by_handle_at"]),
            Part(
                why: "reaches into other processes past the debugger's call",
                calls: ["process_vm_readv", "process_vm_writev"], answer: ENOSYS),
            Part(why: "takes descriptors of other processes", calls: ["pidfd_getfd"]),
            Part(why: "tells where the kernel keeps things", calls: ["kcmp", "lookup_dcookie"]),
            Part(
                why: "has been replaced long ago, and is rarely looked at",
                calls: ["uselib", "ustat", "sysfs", "nfsservctl", "_sysctl", "vm86", "vm86old"]),
        ],
        judged: [
            Judged(
                why: "makes namespaces", call: "clone",
                only: [[.lacks(0, namespaceFlags & ~0xff)]]),
            Judged(why: "makes namespaces", call: "unshare", only: [[.lacks(0, namespaceFlags)]]),
            Judged(
                why: "reaches families and protocols that few look at, or that leave the machine",
                call: "socket", only: sockets + [[.int(0, 16), .int(2, 0)]], answer: EAFNOSUPPORT),
            Judged(
                why: "reaches families that few look at", call: "socketpair", only: [[.int(0, 1)]],
                answer: EAFNOSUPPORT),
            Judged(
                why: "types into a terminal, or changes what it is", call: "ioctl",
                deny: SeccompNames.requests.map { [.int(1, $0.value)] }),
            Judged(
                why: "holds up whoever opens a file, also outside", call: "fcntl",
                deny: [[.int(1, 1024)]]),
            Judged(
                why: "weakens the layout of memory", call: "personality",
                only: personalities([0, 0x8, 0x20000, 0x20008, 0x40000, 0x40008])),
        ])

    static let strict = SeccompProfile(
        parts: usual.parts + [
            Part(why: "debugs other processes", calls: ["ptrace", "process_madvise"]),
            Part(
                why: "makes files that have no name, and programs in them",
                calls: ["memfd_create", "memfd_secret"]),
            Part(
                why: "has been the way of attacks, and few programs need it",
                calls: ["vmsplice", "modify_ldt", "remap_file_pages"]),
            Part(
                why: "moves memory between processors",
                calls: [
                    "mbind", "set_mempolicy", "set_mempolicy_home_node", "migrate_pages",
                    "move_pages",
                ]),
            Part(
                why: "takes processor time or disk before others",
                calls: [
                    "setpriority", "sched_setscheduler", "sched_setparam", "sched_setattr",
                    "ioprio_set",
                ]),
        ],
        judged: usual.judged.filter { !["socket", "personality"].contains($0.call) } + [
            Judged(
                why: "reaches families and protocols that few look at, or the kernel itself",
                call: "socket", only: sockets, answer: EAFNOSUPPORT),
            Judged(
                why: "executes what has no name", call: "execveat", deny: [[.has(4, 0x1000)]]),
            Judged(
                why: "weakens the layout of memory", call: "personality",
                only: personalities([0, 0x8])),
        ])

    private static let namespaceFlags = SeccompNames.namespaces.reduce(0) { $0 | $1.value }

    /// Unix sockets; TCP, UDP and ping over IPv4 and IPv6.
    private static let sockets: [[SeccompCondition]] =
        [[.int(0, 1)]]
        + [0, 1, 6, 17].map { [.int(0, 2), .int(2, $0)] }
        + [0, 6, 17, 58].map { [.int(0, 10), .int(2, $0)] }

    /// All ones only asks.
    private static func personalities(_ values: [UInt64]) -> [[SeccompCondition]] {
        (values + [0xffff_ffff]).map { [.int(0, $0)] }
    }

    /// Why a call is refused, wholly or in part; nil when it is not.
    func reason(for call: String) -> (why: String, isWhole: Bool)? {
        if let part = parts.first(where: { $0.calls.contains(call) }) { return (part.why, true) }
        return judged.first { $0.call == call }.map { ($0.why, false) }
    }
}
