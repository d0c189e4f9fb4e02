// The order of confinement. The parent clones and maps the ids; the child waits for that, then goes down child_main
// step by step, each one weaker than the one before, until it is the first process inside.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

_Noreturn void stage_fail(struct stage *stage, enum child_step step) {
    struct child_report message = { CHILD_FAILED, step, errno, stage->where };
    if (stage->is_command) {
        stage->failure = message;
        _exit(125);
    }
    while (write(stage->report, &message, sizeof message) < 0 && errno == EINTR) continue;
    _exit(125);
}

/// Waits until the parent has mapped our ids; ends with it.
static void wait_for_parent(int gate) {
    char go;
    ssize_t count;
    while ((count = read(gate, &go, 1)) < 0 && errno == EINTR) continue;
    if (count != 1) _exit(125);
}

/// The parent may have died before the death signal was set: then nobody holds the other end of the gate.
static void check_parent(int gate) {
    struct pollfd end = { .fd = gate };
    if (poll(&end, 1, 0) != 0) _exit(125);
    close(gate);
}

static _Noreturn void child_main(const struct child *child, int gate, int report) {
    struct stage stage = {
        .child = child, .report = report, .where = -1, .ruleset = -1, .listener = -1, .news = child->news,
        .tracer = child->tracer,
    };
    memcpy(stage.stdio, child->stdio, sizeof stage.stdio);
    prctl(PR_SET_NAME, "smelt-init", 0, 0, 0);
    // What needs no ids, while the parent maps them.
    confine_network(&stage);
    confine_bounds(&stage);
    wait_for_parent(gate);
    // Only now, not by clone3: there it would begin at the group of our parent.
    if (child->control_group >= 0 && unshare(CLONE_NEWCGROUP) != 0) stage_fail(&stage, CHILD_STEP_GROUP);
    // A session of its own: the caller's terminal cannot be typed into, and its Ctrl-C is the caller's.
    if (setsid() < 0) stage_fail(&stage, CHILD_STEP_IDENTITY);
    confine_identity(&stage);
    check_parent(gate);
    build_root(&stage);
    terminal_make(&stage);
    confine_privileges(&stage);
    landlock_enter(&stage);
    init_run(&stage);
}

bool child_start(const struct child *child, struct child_handle *handle, struct child_report *failure) {
    int report[2] = { -1, -1 }, gate[2] = { -1, -1 };
    *failure = (struct child_report){ .kind = CHILD_FAILED, .step = CHILD_STEP_CLONE, .where = -1 };
    if (pipe2(report, O_CLOEXEC) != 0 || pipe2(gate, O_CLOEXEC) != 0) goto refused;

    int pidfd = -1;
    struct clone_args arguments = {
        .flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
                 (child->control_group < 0 ? CLONE_NEWCGROUP : CLONE_INTO_CGROUP) |
                 (child->network ? 0 : CLONE_NEWNET) | CLONE_PIDFD |
                 // What the caller catches goes back to its default; what it ignores, init.c sees to.
                 CLONE_CLEAR_SIGHAND,
        .pidfd = (uint64_t)(uintptr_t)&pidfd,
        .exit_signal = SIGCHLD,
        .cgroup = child->control_group < 0 ? 0 : (uint64_t)child->control_group,
    };
    pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) {
        close(gate[1]);
        close(report[0]);
        child_main(child, gate[0], report[1]);
    }
    if (pid < 0) {
        // What only a group is refused with: not ours to enter, gone, with processes that it may not have.
        int number = errno;
        bool of_group = number == EACCES || number == ENODEV || number == EBUSY || number == EOPNOTSUPP;
        if (child->control_group >= 0 && of_group) failure->step = CHILD_STEP_GROUP;
        goto refused;
    }

    if (!map_ids(child, pid) || write(gate[1], "g", 1) != 1) {
        failure->step = CHILD_STEP_MAP;
        failure->value = errno;
        kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
        close(pidfd);
        goto close_pipes;
    }
    close(report[1]);
    close(gate[0]);
    // Closing our end at once would look like our death to a child that has not checked yet; it hangs on the handle.
    *handle = (struct child_handle){ .pid = pid, .pidfd = pidfd, .report = report[0], .gate = gate[1] };
    return true;

refused:
    failure->value = errno;
close_pipes:
    for (int end = 0; end < 2; end++) {
        if (report[end] >= 0) close(report[end]);
        if (gate[end] >= 0) close(gate[end]);
    }
    return false;
}
