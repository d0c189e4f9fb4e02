internal import Glibc

/// The system calls that name files or addresses, and where they have them: what `Tracer` looks at.
enum TracedCalls {
    /// Where a call says what it is about; numbers of arguments, from 0.
    enum Object: Equatable, Sendable {
        /// A path, and the descriptor of the directory that it begins at.
        case path(Int, from: Int?)
        case descriptor(Int)
        /// A socket's address and its length.
        case address(Int, length: Int)
        /// The head of a message, in which there may be an address.
        case message(Int)
        /// The call itself is told of.
        case nothing
    }

    /// By name. `open` and its like are not there on every architecture.
    static let all: [(name: String, objects: [Object])] =
        [
            ("connect", [.address(1, length: 2)]), ("bind", [.address(1, length: 2)]),
            ("sendto", [.address(4, length: 5)]), ("sendmsg", [.message(1)]),
            // It fails for the first of its messages only: of more, it says how many went.
            ("sendmmsg", [.message(1)]),
            ("ptrace", [.nothing]),
            ("rename", [.path(0, from: nil), .path(1, from: nil)]),
            ("renameat", [.path(1, from: 0), .path(3, from: 2)]),
            ("renameat2", [.path(1, from: 0), .path(3, from: 2)]),
            ("link", [.path(0, from: nil), .path(1, from: nil)]),
            ("linkat", [.path(1, from: 0), .path(3, from: 2)]),
            // What a link says is no file.
            ("symlink", [.path(1, from: nil)]), ("symlinkat", [.path(2, from: 1)]),
            ("mount", [.path(1, from: nil)]), ("inotify_add_watch", [.path(1, from: nil)]),
        ]
        + [
            "open", "creat", "access", "stat", "lstat", "readlink", "mkdir", "mknod", "rmdir",
            "unlink", "chmod", "chown", "lchown", "utime", "utimes", "truncate", "chdir", "chroot",
            "execve", "setxattr", "lsetxattr", "getxattr", "lgetxattr", "listxattr", "llistxattr",
            "removexattr", "lremovexattr", "statfs", "umount2",
        ].map { ($0, [.path(0, from: nil)]) }
        + [
            "openat", "openat2", "faccessat", "faccessat2", "newfstatat", "statx", "readlinkat",
            "mkdirat", "mknodat", "unlinkat", "fchmodat", "fchownat", "futimesat", "utimensat",
            "execveat",
        ].map { ($0, [.path(1, from: 0)]) }
        + ["fchmod", "fchown", "ftruncate", "fchdir", "fsetxattr", "fremovexattr"].map {
            ($0, [.descriptor(0)])
        }

    /// Those that this machine has, by number.
    static let numbers: [Int32: (name: String, objects: [Object])] = Dictionary(
        all.compactMap { call in SeccompRules.number(call.name).map { ($0, call) } }
    ) { first, _ in first }

    // SECCOMP_RET_TRACE.
    private static let stop: UInt32 = 0x7ff0_0000

    /// Has the kernel stop before these calls; a filter that refuses one decides first. `sendto` only where it has an
    /// address, since others send with it, too.
    static func filter(architecture: UInt32) -> SeccompProgram {
        typealias P = SeccompProgram
        let sending = SeccompRules.number("sendto") ?? -1
        let listed = numbers.keys.filter { $0 != sending }.sorted()
        // From an instruction of the last block to those that allow and stop.
        func allow(from index: Int) -> UInt8 { UInt8(listed.count - index) }
        let program: [P.Instruction] =
            [
                .init(code: P.load, k: 4),
                .init(code: P.jumpEqual, jt: 1, k: architecture),
                .init(code: P.answer, k: P.allow),
                .init(code: P.load, k: 0),
                .init(code: P.jumpEqual, jf: 4, k: UInt32(bitPattern: sending)),
                // Both halves of its fifth argument.
                .init(code: P.load, k: 48),
                .init(code: P.jumpEqual, jf: UInt8(listed.count + 3), k: 0),
                .init(code: P.load, k: 52),
                .init(code: P.jumpEqual, jt: allow(from: 0), jf: allow(from: 0) + 1, k: 0),
            ]
            + listed.enumerated().map { index, number in
                .init(
                    code: P.jumpEqual, jt: allow(from: index), k: UInt32(bitPattern: number))
            }
            + [.init(code: P.answer, k: P.allow), .init(code: P.answer, k: stop)]
        return SeccompProgram(program)
    }
}
