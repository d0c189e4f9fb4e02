// Confines itself as smelt-egress does, by the same functions, and then makes the calls that somebody would make who had
// got the better of it: each in a child of its own. Prints what went otherwise than it must, and ends with 1 then.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "CEgress.h"

static char page[4096];
static int on = 1, pending;
static socklen_t size = sizeof pending;

enum { KILLED = -1, WORKS = 0 };

#define CALL(what, call, ...) { .name = #call, .number = call, .wanted = what, .arguments = { __VA_ARGS__ } }
static const struct call {
    const char *name;
    long number;
    // An errno, or one of the above.
    int wanted;
    long arguments[6];
} calls[] = {
    CALL(KILLED, SYS_execve, (long)"/bin/true"), CALL(KILLED, SYS_execveat, -100, (long)"/bin/true"),
    CALL(KILLED, SYS_clone, SIGCHLD), CALL(KILLED, SYS_clone, CLONE_VM | CLONE_THREAD | CLONE_SIGHAND, (long)page),
    CALL(KILLED, SYS_clone3, (long)page, 88), CALL(KILLED, SYS_ptrace, 0), CALL(KILLED, SYS_process_vm_readv, 1),
    CALL(KILLED, SYS_process_vm_writev, 1), CALL(KILLED, SYS_pidfd_open, 1), CALL(KILLED, SYS_pidfd_getfd, 0),
    CALL(KILLED, SYS_kill, 1, 0), CALL(KILLED, SYS_tkill, 1, 0), CALL(KILLED, SYS_unshare, CLONE_NEWUSER),
    CALL(KILLED, SYS_setns, 0), CALL(KILLED, SYS_mount, (long)"x", (long)"/", (long)"tmpfs"),
    CALL(KILLED, SYS_umount2, (long)"/", 2), CALL(KILLED, SYS_pivot_root, (long)"/", (long)"/"),
    CALL(KILLED, SYS_chroot, (long)"/"), CALL(KILLED, SYS_open_tree, -100, (long)"/", 1), CALL(KILLED, SYS_move_mount, -1),
    CALL(KILLED, SYS_fsopen, (long)"tmpfs"), CALL(KILLED, SYS_fsmount, -1), CALL(KILLED, SYS_mount_setattr, -1),
    CALL(KILLED, SYS_bpf, 5, (long)page, 72), CALL(KILLED, SYS_perf_event_open, (long)page, 0, -1, -1),
    CALL(KILLED, SYS_userfaultfd, 1), CALL(KILLED, SYS_io_uring_setup, 1, (long)page),
    CALL(KILLED, SYS_add_key, (long)"user", (long)"x", (long)"y", 1, -3), CALL(KILLED, SYS_keyctl, 0, -3),
    CALL(KILLED, SYS_request_key, (long)"user", (long)"x"), CALL(KILLED, SYS_init_module, (long)page),
    CALL(KILLED, SYS_finit_module, 0), CALL(KILLED, SYS_memfd_create, (long)"x"), CALL(KILLED, SYS_open_by_handle_at, 0, (long)page),
#ifdef __x86_64__
    CALL(KILLED, SYS_fork, 0), CALL(KILLED, SYS_vfork, 0), CALL(EPERM, SYS_open, (long)"/x", O_WRONLY | O_CREAT, 0600),
    CALL(EPERM, SYS_creat, (long)"/x", 0600), CALL(KILLED, 0x40000000 | SYS_getpid, 0),
#endif
    CALL(EPERM, SYS_openat, -100, (long)"/x", O_WRONLY | O_CREAT, 0600), CALL(EPERM, SYS_openat, -100, (long)"/", O_RDONLY),
    CALL(EPERM, SYS_openat2, -100, (long)"/", (long)page, 24), CALL(EPERM, SYS_mkdirat, -100, (long)"/x", 0700),
    CALL(EPERM, SYS_unlinkat, -100, (long)"/x"), CALL(EPERM, SYS_linkat, -100, (long)"/x", -100, (long)"/y"),
    CALL(EPERM, SYS_renameat2, -100, (long)"/x", -100, (long)"/y"), CALL(EPERM, SYS_ftruncate, 0, 0),
    CALL(EPERM, SYS_getdents64, 0, (long)page, 4096), CALL(EPERM, SYS_readlinkat, -100, (long)"/x", (long)page, 9),
    CALL(EPERM, SYS_socket, AF_UNIX, SOCK_STREAM), CALL(EPERM, SYS_socket, AF_NETLINK, SOCK_RAW),
    CALL(EPERM, SYS_socket, AF_PACKET, SOCK_RAW), CALL(EPERM, SYS_socket, 40, SOCK_STREAM),
    CALL(EPERM, SYS_socket, AF_INET, SOCK_RAW, IPPROTO_ICMP), CALL(EPERM, SYS_socket, AF_INET, SOCK_STREAM, 132),
    CALL(EPERM, SYS_socket, AF_INET, SOCK_STREAM, 262), CALL(EPERM, SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, (long)page),
    CALL(EPERM, SYS_bind, 3, (long)page, 16), CALL(EPERM, SYS_listen, 3, 1), CALL(EPERM, SYS_sendmsg, 3, (long)page),
    CALL(EPERM, SYS_setsockopt, 3, SOL_SOCKET, SO_ATTACH_FILTER, (long)page, 16),
    CALL(EPERM, SYS_setsockopt, 3, SOL_SOCKET, SO_REUSEADDR, (long)&on, sizeof on),
    CALL(EPERM, SYS_setsockopt, 3, IPPROTO_IP, IP_TTL, (long)&on, sizeof on),
    CALL(EPERM, SYS_setsockopt, 3, IPPROTO_TCP, TCP_ULP, (long)"tls", 4),
    CALL(EPERM, SYS_getsockopt, 3, SOL_SOCKET, SO_PEERCRED, (long)&pending, (long)&size),
    CALL(EPERM, SYS_fcntl, 0, F_DUPFD, 0), CALL(EPERM, SYS_fcntl, 0, F_SETOWN, 1), CALL(EPERM, SYS_dup, 0),
    CALL(EPERM, SYS_ioctl, 0, 0x5412, (long)"x"), CALL(EPERM, SYS_prctl, PR_SET_DUMPABLE, 1),
    CALL(EPERM, SYS_prctl, PR_SET_NAME, (long)"x"), CALL(EPERM, SYS_seccomp, 1, 0, (long)page), CALL(EPERM, SYS_getppid, 0),
    CALL(EPERM, SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1),
    CALL(EPERM, SYS_mprotect, (long)page, 0, PROT_READ | PROT_EXEC), CALL(EPERM, SYS_pkey_mprotect, (long)page, 0, PROT_EXEC, -1),
    CALL(EPERM, SYS_shmget, 0, 4096, 01600), CALL(EPERM, SYS_setpriority, 0, 0, 19), CALL(EPERM, SYS_prlimit64, 0, RLIMIT_NOFILE, 0, (long)page),
    CALL(EPERM, SYS_splice, 0, 0, 1, 0, 1), CALL(EPERM, SYS_sendfile, 1, 0, 0, 1), CALL(EPERM, SYS_setuid, 0), CALL(EPERM, 500, 0),
    // And what serving takes.
    CALL(WORKS, SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC), CALL(WORKS, SYS_socket, AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK),
    CALL(WORKS, SYS_setsockopt, 3, IPPROTO_TCP, TCP_NODELAY, (long)&on, sizeof on),
    CALL(WORKS, SYS_getsockopt, 3, SOL_SOCKET, SO_ERROR, (long)&pending, (long)&size), CALL(WORKS, SYS_fcntl, 3, F_SETFD, FD_CLOEXEC),
    CALL(WORKS, SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1), CALL(WORKS, SYS_getrandom, (long)page, 8),
};

static int outcome(int status) {
    if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGSYS ? KILLED : 1000 + WTERMSIG(status);
    return WEXITSTATUS(status);
}

// In a child, with 3 a TCP socket.
static void confined(const struct call *call) {
    struct egress_confinement wanted = { .user = 65533, .group = 65533, .descriptors = 64, .memory = 1 << 30 };
    enum egress_step step = egress_confine(&wanted);
    if (step != EGRESS_STEP_NONE) _exit(200 + (int)step);
    const long *a = call->arguments;
    long result = syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
    syscall(SYS_exit_group, result < 0 ? errno : 0);
}

// Without the filter, what Landlock alone refuses; nothing where the kernel has none.
static int behind_landlock(void) {
    if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 1) return 0;
    struct sockaddr_in any = { .sin_family = AF_INET };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !egress_landlock()) return 1;
    if (open("/etc/passwd", O_RDONLY) >= 0 || errno != EACCES) return 2;
    if (open("/tmp", O_RDONLY | O_DIRECTORY) >= 0 || errno != EACCES) return 3;
    if (mkdir("/tmp/smelt-landlock", 0700) == 0 || errno != EACCES) return 4;
    if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) >= 4 && (bind(3, (struct sockaddr *)&any, sizeof any) == 0 || errno != EACCES)) return 5;
    return 0;
}

static int in_child(const struct call *call) {
    pid_t child = fork();
    if (child == 0) {
        struct rlimit none = { 0, 0 };
        setrlimit(RLIMIT_CORE, &none);
        if (!call) _exit(behind_landlock());
        confined(call);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) abort();
    return outcome(status);
}

int main(void) {
    int bad = 0;
    int number = socket(AF_INET, SOCK_STREAM, 0);
    if (number < 0 || (number != 3 && dup2(number, 3) != 3)) return 2;
    for (size_t index = 0; index < sizeof calls / sizeof calls[0]; index++) {
        int found = in_child(&calls[index]);
        if (found == calls[index].wanted) continue;
        printf("%s (%lx): %d and not %d\n", calls[index].name, calls[index].arguments[1], found, calls[index].wanted);
        bad = 1;
    }
    int wall = in_child(NULL);
    if (wall != 0) printf("Landlock: %d\n", wall);
    return bad || wall != 0;
}
