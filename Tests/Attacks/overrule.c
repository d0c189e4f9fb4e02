// Tries to get a mount past a filter that refuses it, by filters of its own: overrule WAY. Ends with 0 when /tmp has
// been mounted over, and with 1, saying why not, otherwise; `overrule flood COUNT` tries so many times. See
// seccomp_unotify(2), "Caveats".
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/// A filter that gives mounts that answer.
static int add(unsigned answer, unsigned flags) {
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mount, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, answer),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = { sizeof program / sizeof *program, program };
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
}

static int try_mount(void) {
    long result = syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, 0);
    if (result == 0 && access("/tmp/marker", F_OK) != 0) return 0;
    printf("mount: %s\n", result == 0 ? "nothing done" : strerror(errno));
    return 1;
}

/// Lets every mount go on that a listener of its own hears of.
static int permit(void) {
    int listener = add(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
    if (listener < 0) {
        printf("listener: %s\n", strerror(errno));
        return try_mount();
    }
    pid_t child = fork();
    if (child == 0) _exit(try_mount());
    struct pollfd waiting[] = { { .fd = listener, .events = POLLIN }, { .fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN } };
    while (poll(waiting, 2, -1) > 0 && waiting[1].revents == 0) {
        struct seccomp_notif told = { 0 };
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &told) != 0) continue;
        struct seccomp_notif_resp answer = { .id = told.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
    int status;
    waitpid(child, &status, 0);
    return status != 0;
}

#ifdef __x86_64__
/// A tracer turns a harmless call into a mount at its door.
static int trace(void) {
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        long result = syscall(SYS_getppid, "none", "/tmp", "tmpfs", 0, 0);
        printf("traced: %ld\n", result < 0 ? -errno : result);
        fflush(stdout);
        _exit(result != 0 || access("/tmp/marker", F_OK) == 0);
    }
    int status;
    waitpid(child, &status, 0);
    ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD);
    for (;;) {
        ptrace(PTRACE_SYSCALL, child, 0, 0);
        if (waitpid(child, &status, 0) < 0 || WIFEXITED(status) || WIFSIGNALED(status)) return status != 0;
        struct user_regs_struct registers;
        ptrace(PTRACE_GETREGS, child, 0, &registers);
        if (registers.orig_rax == SYS_getppid) {
            registers.orig_rax = SYS_mount;
            ptrace(PTRACE_SETREGS, child, 0, &registers);
        }
    }
}
#endif

int main(int count, char **words) {
    const char *way = count > 1 ? words[1] : "";
    FILE *marker = fopen("/tmp/marker", "w");
    if (marker != NULL) fclose(marker);
    if (strcmp(way, "blind") == 0) prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (strcmp(way, "allow") == 0) add(SECCOMP_RET_ALLOW, 0);
    if (strcmp(way, "silent") == 0) add(SECCOMP_RET_USER_NOTIF, 0);
    if (strcmp(way, "traced") == 0) add(SECCOMP_RET_TRACE, 0);
    if (strcmp(way, "zero") == 0) add(SECCOMP_RET_ERRNO, 0);
    if (strcmp(way, "permit") == 0) return permit();
#ifdef __x86_64__
    if (strcmp(way, "trace") == 0) return trace();
#endif
    if (strcmp(way, "flood") == 0) {
        for (long round = count > 2 ? strtol(words[2], NULL, 10) : 0; round > 1; round--) {
            if (syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, 0) == 0) return 0;
        }
    }
    return try_mount();
}
