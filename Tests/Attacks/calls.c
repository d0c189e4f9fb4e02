// Makes system calls that a sandbox must refuse, each by its number and without the C library's help:
//
//     calls errno|killed|works NAME...
//
// Prints what went otherwise than the first word says, and ends with 1 then. What kills is tried in a child.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char page[4096];

static long plain(long number, long a, long b, long c, long d, long e) {
    long result = syscall(number, a, b, c, d, e, 0);
    return result < 0 ? -errno : result;
}

#define CALL(name, number, ...) { name, number, { __VA_ARGS__ } }
static const struct call {
    const char *name;
    long number;
    long arguments[5];
} calls[] = {
    CALL("mount", SYS_mount, (long)"none", (long)"/tmp", (long)"tmpfs"), CALL("umount2", SYS_umount2, (long)"/tmp", 2),
    CALL("remount", SYS_mount, 0, (long)"/usr", 0, 32 | 4096), CALL("pivot_root", SYS_pivot_root, (long)"/", (long)"/"),
    CALL("chroot", SYS_chroot, (long)"/tmp"), CALL("open_tree", SYS_open_tree, -100, (long)"/usr", 1),
    CALL("move_mount", SYS_move_mount, -1, (long)"", -100, (long)"/tmp", 4), CALL("fsopen", SYS_fsopen, (long)"tmpfs"),
    CALL("fsconfig", SYS_fsconfig, -1, 6), CALL("fsmount", SYS_fsmount, -1), CALL("fspick", SYS_fspick, -100, (long)"/tmp"),
    CALL("mount_setattr", SYS_mount_setattr, -100, (long)"/usr", 0, (long)page, 32), CALL("setns", SYS_setns, 0),
    CALL("unshare user", SYS_unshare, 0x10000000), CALL("unshare mounts", SYS_unshare, 0x20000),
    CALL("unshare time", SYS_unshare, 0x80), CALL("clone user", SYS_clone, 0x10000011), CALL("clone net", SYS_clone, 0x40000011),
    CALL("clone high bits", SYS_clone, (1L << 40) | 0x10000011), CALL("add_key", SYS_add_key, (long)"user", (long)"x", (long)"y", 1, -3),
    CALL("keyctl", SYS_keyctl, 0, -3), CALL("request_key", SYS_request_key, (long)"user", (long)"x"), CALL("bpf", SYS_bpf, 5, (long)page, 72),
    CALL("perf_event_open", SYS_perf_event_open, (long)page, 0, -1, -1), CALL("userfaultfd", SYS_userfaultfd, 1),
    CALL("kexec_load", SYS_kexec_load), CALL("kexec_file_load", SYS_kexec_file_load, -1), CALL("init_module", SYS_init_module, (long)page),
    CALL("finit_module", SYS_finit_module, 0), CALL("delete_module", SYS_delete_module, (long)"x"), CALL("swapon", SYS_swapon, (long)"/tmp/x"),
    CALL("swapoff", SYS_swapoff, (long)"/tmp/x"), CALL("reboot", SYS_reboot, 0xfee1dead, 672274793, 0), CALL("quotactl", SYS_quotactl),
    CALL("quotactl_fd", 443, 0), CALL("acct", SYS_acct, (long)"/tmp/x"), CALL("syslog", SYS_syslog, 10), CALL("vhangup", SYS_vhangup),
    CALL("settimeofday", SYS_settimeofday, (long)page), CALL("clock_settime", SYS_clock_settime, 0, (long)page),
    CALL("clock_adjtime", SYS_clock_adjtime, 0, (long)page), CALL("adjtimex", SYS_adjtimex, (long)page),
    CALL("fanotify_init", SYS_fanotify_init, 0x200), CALL("fanotify_mark", SYS_fanotify_mark, -1, 1, 2),
    CALL("name_to_handle_at", SYS_name_to_handle_at, -100, (long)"/tmp", (long)page, (long)page + 2048),
    CALL("open_by_handle_at", SYS_open_by_handle_at, 0, (long)page), CALL("pidfd_getfd", SYS_pidfd_getfd, 0, 0), CALL("kcmp", SYS_kcmp, 1, 1, 0),
    CALL("lookup_dcookie", SYS_lookup_dcookie, 1, (long)page, 100), CALL("personality null", SYS_personality, 0x100000),
    CALL("personality exec", SYS_personality, 0x400000), CALL("personality high", SYS_personality, 0x80100000),
    CALL("lease", SYS_fcntl, 0, 1024, 0), CALL("tiocsti", SYS_ioctl, 0, 0x5412, (long)"x"), CALL("tioclinux", SYS_ioctl, 0, 0x541c, (long)"\3"),
    CALL("tiocsti high", SYS_ioctl, 0, (1L << 32) | 0x5412, (long)"x"), CALL("tiocsetd", SYS_ioctl, 0, 0x5423, (long)page),
    CALL("vsock", SYS_socket, 40, 1, 0), CALL("alg", SYS_socket, 38, 5, 0), CALL("packet", SYS_socket, 17, 3, 0), CALL("bluetooth", SYS_socket, 31, 3, 0),
    CALL("rds", SYS_socket, 21, 5, 0), CALL("tipc", SYS_socket, 30, 1, 0), CALL("can", SYS_socket, 29, 3, 0), CALL("xdp", SYS_socket, 44, 3, 0),
    CALL("vsock high", SYS_socket, (1L << 32) | 40, 1, 0), CALL("netlink audit", SYS_socket, 16, 3, 9), CALL("sctp", SYS_socket, 2, 1, 132),
    CALL("mptcp", SYS_socket, 10, 1, 262), CALL("pair tipc", SYS_socketpair, 30, 1, 0, (long)page), CALL("io_uring_setup", SYS_io_uring_setup, 4, (long)page),
    CALL("io_uring_enter", SYS_io_uring_enter, 0), CALL("io_uring_register", SYS_io_uring_register, 0), CALL("clone3", SYS_clone3, (long)page, 88),
    CALL("process_vm_readv", SYS_process_vm_readv, 1, (long)page, 0, (long)page, 0), CALL("process_vm_writev", SYS_process_vm_writev, 1, (long)page, 0),
    CALL("statmount", 457, (long)page), CALL("open_tree_attr", 467, -100), CALL("tomorrow", 600),
#ifdef __x86_64__
    CALL("iopl", SYS_iopl, 3), CALL("ioperm", SYS_ioperm, 0, 1, 1), CALL("uselib", SYS_uselib, (long)"/usr/lib/x"), CALL("ustat", SYS_ustat, 0, (long)page),
    CALL("sysfs", SYS_sysfs, 3), CALL("modify_ldt", SYS_modify_ldt, 0, (long)page, 16),
#endif
    CALL("ptrace", SYS_ptrace, PTRACE_TRACEME), CALL("process_madvise", SYS_process_madvise, -1, (long)page), CALL("memfd_create", SYS_memfd_create, (long)"x"),
    CALL("memfd_secret", 447, 0), CALL("vmsplice", SYS_vmsplice, 1, (long)page, 0), CALL("remap_file_pages", SYS_remap_file_pages, (long)page, 0),
    CALL("mbind", SYS_mbind, (long)page), CALL("set_mempolicy", SYS_set_mempolicy, 0), CALL("migrate_pages", SYS_migrate_pages, 0), CALL("move_pages", SYS_move_pages, 0),
    CALL("setpriority", SYS_setpriority, 0, 0, 5), CALL("sched_setscheduler", SYS_sched_setscheduler, 0, 3, (long)page), CALL("sched_setparam", SYS_sched_setparam, 0, (long)page),
    CALL("sched_setattr", SYS_sched_setattr, 0, (long)page), CALL("ioprio_set", SYS_ioprio_set, 1, 0, 3 << 13), CALL("netlink", SYS_socket, 16, 3, 0),
    CALL("execveat", SYS_execveat, 0, (long)"", 0, 0, 0x1000), CALL("aslr", SYS_personality, 0x40000),
    CALL("socket", SYS_socket, 2, 1, 0), CALL("unix", SYS_socket, 1, 1, 0), CALL("ping", SYS_socket, 2, 2, 0), CALL("files", SYS_unshare, 0x400),
};

#ifdef __x86_64__
// getpid by the other two doors of a 64-bit kernel.
static long by_i386(void) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "r8", "r9", "r10", "r11", "memory");
    return result;
}
static long by_x32(void) { return plain(0x40000000 | SYS_getpid, 0, 0, 0, 0, 0); }
#endif

static int dies(const char *name) {
    pid_t child = fork();
    if (child == 0) {
        // The thread's end would not do: it is the process that must go.
#ifdef __x86_64__
        if (strcmp(name, "i386") == 0) by_i386();
        if (strcmp(name, "x32") == 0) by_x32();
#endif
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

int main(int count, char **words) {
    int bad = 0;
    const char *wanted = count > 1 ? words[1] : "";
    for (int index = 2; index < count; index++) {
        if (strcmp(wanted, "killed") == 0) {
            if (!dies(words[index])) bad = printf("%s was not killed\n", words[index]);
            continue;
        }
        const struct call *found = NULL;
        for (size_t each = 0; each < sizeof calls / sizeof *calls; each++) {
            if (strcmp(calls[each].name, words[index]) == 0) found = &calls[each];
        }
        if (found == NULL) {
            bad = printf("no call '%s'\n", words[index]);
            continue;
        }
        const long *a = found->arguments;
        long result = plain(found->number, a[0], a[1], a[2], a[3], a[4]);
        if (strcmp(wanted, "works") == 0 ? result < 0 : result != -atol(wanted)) {
            bad = printf("%s: %ld\n", found->name, result);
        }
    }
    return bad != 0;
}
