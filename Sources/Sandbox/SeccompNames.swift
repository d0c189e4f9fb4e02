internal import Smelt

/// Numbers that arguments of system calls stand for, by the names of the kernel's headers; the same on x86-64 and
/// 64-bit Arm. Conditions may use them, and reports do.
enum SeccompNames {
    /// `AF_*` of socket(2) and socketpair(2).
    static let families: [(name: String, value: UInt64)] = [
        ("AF_UNSPEC", 0), ("AF_UNIX", 1), ("AF_INET", 2), ("AF_AX25", 3), ("AF_IPX", 4),
        ("AF_APPLETALK", 5), ("AF_NETROM", 6), ("AF_BRIDGE", 7), ("AF_ATMPVC", 8), ("AF_X25", 9),
        ("AF_INET6", 10), ("AF_ROSE", 11), ("AF_NETBEUI", 13), ("AF_KEY", 15), ("AF_NETLINK", 16),
        ("AF_PACKET", 17), ("AF_RDS", 21), ("AF_PPPOX", 24), ("AF_IB", 27), ("AF_MPLS", 28),
        ("AF_CAN", 29), ("AF_TIPC", 30), ("AF_BLUETOOTH", 31), ("AF_RXRPC", 33), ("AF_PHONET", 35),
        ("AF_IEEE802154", 36), ("AF_CAIF", 37), ("AF_ALG", 38), ("AF_NFC", 39), ("AF_VSOCK", 40),
        ("AF_KCM", 41), ("AF_QIPCRTR", 42), ("AF_SMC", 43), ("AF_XDP", 44), ("AF_MCTP", 45),
    ]

    /// Of clone(2) and unshare(2); the one of time is the latter's alone.
    static let namespaces: [(name: String, value: UInt64)] = [
        ("CLONE_NEWTIME", 0x80), ("CLONE_NEWNS", 0x20000), ("CLONE_NEWCGROUP", 0x200_0000),
        ("CLONE_NEWUTS", 0x400_0000), ("CLONE_NEWIPC", 0x800_0000), ("CLONE_NEWUSER", 0x1000_0000),
        ("CLONE_NEWPID", 0x2000_0000), ("CLONE_NEWNET", 0x4000_0000),
    ]

    /// Requests of ioctl(2).
    static let requests: [(name: String, value: UInt64)] = [
        ("TIOCSTI", 0x5412), ("TIOCLINUX", 0x541c), ("TIOCSETD", 0x5423),
    ]

    private static let others: [(name: String, value: UInt64)] = [
        ("CLONE_VM", 0x100), ("CLONE_FS", 0x200), ("CLONE_FILES", 0x400), ("CLONE_THREAD", 0x10000),
        ("SOCK_STREAM", 1), ("SOCK_DGRAM", 2), ("SOCK_RAW", 3), ("SOCK_SEQPACKET", 5),
        ("IPPROTO_ICMP", 1), ("IPPROTO_TCP", 6), ("IPPROTO_UDP", 17), ("IPPROTO_ICMPV6", 58),
        ("IPPROTO_SCTP", 132), ("IPPROTO_MPTCP", 262), ("NETLINK_ROUTE", 0),
        ("PROT_READ", 1), ("PROT_WRITE", 2), ("PROT_EXEC", 4),
        ("F_SETLEASE", 1024), ("AT_EMPTY_PATH", 0x1000),
        ("PER_LINUX32", 8), ("UNAME26", 0x20000), ("ADDR_NO_RANDOMIZE", 0x40000),
        ("PTRACE_TRACEME", 0), ("PTRACE_ATTACH", 16), ("PTRACE_SEIZE", 0x4206),
    ]

    static let all = families + namespaces + requests + others

    static func value(of name: String) -> UInt64? { all.first { $0.name == name }?.value }

    static func near(_ name: String) -> String? {
        Spelling.nearest(to: name.uppercased(), among: all.map(\.name))
    }
}
