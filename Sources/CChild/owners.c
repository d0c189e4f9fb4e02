// The user namespace that a mount is given to map the owners of files with.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

int child_owner_map(uid_t owner, gid_t group, uid_t user, gid_t user_group) {
    // A user namespace lives only in a process or a descriptor, so a child holds it until we have the latter.
    pid_t parent = getpid();
    pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid == 0) {
        // It has copies of our descriptors, locks among them, and must not outlive us.
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(0);
        for (;;) pause();
    }
    if (pid < 0) return -1;

    char text[64];
    int space = -1;
    snprintf(text, sizeof text, "%u %u 1\n", owner, user);
    if (!put_text(pid, "uid_map", text)) goto done;
    snprintf(text, sizeof text, "%u %u 1\n", group, user_group);
    if (!put_text(pid, "gid_map", text)) goto done;
    snprintf(text, sizeof text, "/proc/%d/ns/user", pid);
    space = open(text, O_RDONLY | O_CLOEXEC);

done:;
    int saved = errno;
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
    errno = saved;
    return space;
}
