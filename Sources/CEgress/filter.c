/* The filter of smelt-egress's own system calls: it reads what hostile programs say while it holds secrets, so whoever gets
 * the better of it finds almost nothing to ask the kernel for. Listed is what serving needs, by name and, where a call can
 * do more than that, by argument; the rest is refused, and a call that nothing here makes by mistake ends the process.
 *
 * Arguments are judged by their low half: the kernel takes these as int, or looks at that bit alone. */

#define _GNU_SOURCE
#include "CEgress.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OURS AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OURS AUDIT_ARCH_AARCH64
#else
#error "which system calls has this machine?"
#endif

#define ALLOW SECCOMP_RET_ALLOW
#define REFUSE (SECCOMP_RET_ERRNO | EPERM)
#define KILL SECCOMP_RET_KILL_PROCESS

#define LOAD(what) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, what))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)
/* Skips so many instructions when it is so, and so many when not. */
#define EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define AT_LEAST(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, value, yes, no)
#define HAS(bits, yes, no) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, yes, no)

#define CALL(number, action) EQUAL(number, 0, 1), RETURN(action)

static_assert(F_GETFD == 1 && F_SETFD == 2 && F_GETFL == 3 && F_SETFL == 4, "commands that stand in a row");

/* x32 and whatever else a number could mean on this machine. */
enum { FIRST_FOREIGN = 0x40000000 };

static const struct sock_filter program[] = {
    LOAD(arch), EQUAL(OURS, 1, 0), RETURN(KILL),
    LOAD(nr), AT_LEAST(FIRST_FOREIGN, 0, 1), RETURN(KILL),

    // The often ones first.
#ifdef SYS_epoll_wait
    CALL(SYS_epoll_wait, ALLOW),
#endif
    CALL(SYS_epoll_pwait, ALLOW), CALL(SYS_recvfrom, ALLOW), CALL(SYS_sendto, ALLOW), CALL(SYS_read, ALLOW),
    CALL(SYS_write, ALLOW), CALL(SYS_epoll_ctl, ALLOW), CALL(SYS_accept4, ALLOW), CALL(SYS_close, ALLOW),
    CALL(SYS_connect, ALLOW), CALL(SYS_shutdown, ALLOW), CALL(SYS_getsockname, ALLOW), CALL(SYS_getpeername, ALLOW),
    // The listeners come with it; what is sent with sendmsg could be a descriptor.
    CALL(SYS_recvmsg, ALLOW),
    // c-ares' queries over TCP.
    CALL(SYS_writev, ALLOW),

    // Sockets of the internet, TCP and UDP: protocol 0.
    EQUAL(SYS_socket, 0, 11), LOAD(args[0]), EQUAL(AF_INET, 1, 0), EQUAL(AF_INET6, 0, 7),
    LOAD(args[1]), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf), EQUAL(SOCK_STREAM, 1, 0), EQUAL(SOCK_DGRAM, 0, 3),
    LOAD(args[2]), EQUAL(0, 0, 1), RETURN(ALLOW), RETURN(REFUSE),

    EQUAL(SYS_setsockopt, 0, 9), LOAD(args[1]), EQUAL(SOL_SOCKET, 0, 2), LOAD(args[2]), EQUAL(SO_LINGER, 3, 4),
    EQUAL(IPPROTO_TCP, 0, 3), LOAD(args[2]), EQUAL(TCP_NODELAY, 0, 1), RETURN(ALLOW), RETURN(REFUSE),

    EQUAL(SYS_getsockopt, 0, 6), LOAD(args[1]), EQUAL(SOL_SOCKET, 0, 3), LOAD(args[2]), EQUAL(SO_ERROR, 0, 1),
    RETURN(ALLOW), RETURN(REFUSE),

    EQUAL(SYS_fcntl, 0, 5), LOAD(args[1]), AT_LEAST(F_GETFD, 0, 2), AT_LEAST(F_SETFL + 1, 1, 0), RETURN(ALLOW),
    RETURN(REFUSE),

    // Memory, in which nothing new is ever executed.
    EQUAL(SYS_mmap, 1, 0), EQUAL(SYS_mprotect, 0, 4), LOAD(args[2]), HAS(PROT_EXEC, 1, 0), RETURN(ALLOW), RETURN(REFUSE),
    CALL(SYS_brk, ALLOW), CALL(SYS_munmap, ALLOW), CALL(SYS_mremap, ALLOW), CALL(SYS_madvise, ALLOW),

    // Clocks where the kernel has to be asked, chance, locks of one thread, signals that came, and the end.
    CALL(SYS_clock_gettime, ALLOW), CALL(SYS_gettimeofday, ALLOW), CALL(SYS_getrandom, ALLOW), CALL(SYS_futex, ALLOW),
    CALL(SYS_getpid, ALLOW), CALL(SYS_rt_sigreturn, ALLOW), CALL(SYS_rt_sigprocmask, ALLOW),
    CALL(SYS_restart_syscall, ALLOW), CALL(SYS_exit, ALLOW), CALL(SYS_exit_group, ALLOW),

    // Nobody but an attacker asks for these.
    CALL(SYS_execve, KILL), CALL(SYS_execveat, KILL), CALL(SYS_clone, KILL), CALL(SYS_clone3, KILL),
#ifdef SYS_fork
    CALL(SYS_fork, KILL), CALL(SYS_vfork, KILL),
#endif
    CALL(SYS_ptrace, KILL), CALL(SYS_process_vm_readv, KILL), CALL(SYS_process_vm_writev, KILL),
    CALL(SYS_pidfd_open, KILL), CALL(SYS_pidfd_getfd, KILL), CALL(SYS_kill, KILL), CALL(SYS_tkill, KILL),
    CALL(SYS_unshare, KILL), CALL(SYS_setns, KILL), CALL(SYS_mount, KILL), CALL(SYS_umount2, KILL),
    CALL(SYS_pivot_root, KILL), CALL(SYS_chroot, KILL), CALL(SYS_open_tree, KILL), CALL(SYS_move_mount, KILL),
    CALL(SYS_fsopen, KILL), CALL(SYS_fsmount, KILL), CALL(SYS_mount_setattr, KILL), CALL(SYS_bpf, KILL),
    CALL(SYS_perf_event_open, KILL), CALL(SYS_userfaultfd, KILL), CALL(SYS_io_uring_setup, KILL),
    CALL(SYS_add_key, KILL), CALL(SYS_keyctl, KILL), CALL(SYS_request_key, KILL), CALL(SYS_init_module, KILL),
    CALL(SYS_finit_module, KILL), CALL(SYS_memfd_create, KILL), CALL(SYS_open_by_handle_at, KILL),
    RETURN(REFUSE),
};

bool egress_filter(void) {
    struct sock_fprog filter = {
        .len = sizeof program / sizeof program[0], .filter = (struct sock_filter *)program,
    };
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0;
}
