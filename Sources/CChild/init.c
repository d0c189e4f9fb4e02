// The first process inside: starts the command, reaps whatever ends, hands on signals from outside, and says how the
// command ended. When it goes, the kernel kills all others inside.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

/// Sends a report whole: it is smaller than PIPE_BUF.
static void say(int report, int kind, int value) {
    struct child_report message = { .kind = kind, .value = value };
    while (write(report, &message, sizeof message) < 0 && errno == EINTR) continue;
}

/// Leaves 0-2 and the report, whatever the caller had open.
static void keep_stdio(struct stage *stage) {
    int moved[4];
    for (int number = 0; number < 4; number++) {
        int from = number < 3 ? stage->stdio[number] : stage->report;
        moved[number] = fcntl(from, F_DUPFD_CLOEXEC, 10);
        if (moved[number] < 0) stage_fail(stage, CHILD_STEP_DESCRIPTORS);
    }
    for (int number = 0; number < 3; number++) {
        if (dup2(moved[number], number) < 0) stage_fail(stage, CHILD_STEP_DESCRIPTORS);
    }
    if (dup3(moved[3], 3, O_CLOEXEC) < 0) stage_fail(stage, CHILD_STEP_DESCRIPTORS);
    stage->report = 3;
    if (syscall(SYS_close_range, 4, ~0U, 0) != 0) stage_fail(stage, CHILD_STEP_DESCRIPTORS);
}

/// Goes where the command is to start, and makes sure that this is inside.
static void enter_directory(struct stage *stage) {
    char path[4096];
    if (chdir(stage->child->directory) != 0) stage_fail(stage, CHILD_STEP_DIRECTORY);
    // By the bare call, which answers "(unreachable)…" for a directory outside of the root.
    if (syscall(SYS_getcwd, path, sizeof path) < 0) stage_fail(stage, CHILD_STEP_DIRECTORY);
    if (path[0] != '/') {
        errno = EXDEV;
        stage_fail(stage, CHILD_STEP_DIRECTORY);
    }
}

/// Becomes the command.
static _Noreturn void become(struct stage *stage) {
    const struct child *child = stage->child;
    sigset_t none;
    sigemptyset(&none);
    if (setsid() < 0) stage_fail(stage, CHILD_STEP_EXEC);
    terminal_take(stage);
    umask(022);
    enter_directory(stage);
    confine_limits(stage);
    sigprocmask(SIG_SETMASK, &none, NULL);

    int reason = ENOENT;
    for (size_t index = 0; index < child->program_count; index++) {
        execve(child->programs[index], child->arguments, child->environment);
        if (errno == EACCES) {
            reason = EACCES;
        } else if (errno != ENOENT && errno != ENOTDIR) {
            reason = errno;
            break;
        }
    }
    errno = reason;
    stage_fail(stage, CHILD_STEP_EXEC);
}

_Noreturn void init_run(struct stage *stage) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    keep_stdio(stage);

    // vfork: when it returns here, the command runs or has reported why not.
    pid_t command = vfork();
    if (command == 0) become(stage);
    if (command < 0) stage_fail(stage, CHILD_STEP_EXEC);

    // The streams are the command's alone, so that their readers see the end of them.
    syscall(SYS_close_range, 0, 2, 0);
    say(stage->report, CHILD_STARTED, 0);
    for (;;) {
        siginfo_t signal;
        if (sigwaitinfo(&all, &signal) < 0) continue;

        if (signal.si_signo != SIGCHLD) {
            // Process 0 is somebody outside; those inside do not speak through us.
            if (signal.si_pid == 0) kill(-command, signal.si_signo);
            continue;
        }
        int status;
        for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
            if (pid != command) continue;
            say(stage->report, CHILD_ENDED, status);
            _exit(0);
        }
    }
}
