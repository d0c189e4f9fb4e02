// The first process inside: starts the command, reaps whatever ends, hands on signals from outside, and says how the
// command ended. When it goes, the kernel kills all others inside.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
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

/// Leaves 0-2, the report and the ways of the listener and to the tracer, whatever the caller had open.
static void keep_stdio(struct stage *stage) {
    int *own[] = { &stage->report, &stage->news, &stage->tracer };
    int moved[6], kept = 3;
    for (int number = 0; number < 3; number++) moved[number] = fcntl(stage->stdio[number], F_DUPFD_CLOEXEC, 10);
    for (int index = 0; index < 3; index++) {
        if (*own[index] < 0) continue;
        moved[kept] = fcntl(*own[index], F_DUPFD_CLOEXEC, 10);
        *own[index] = kept++;
    }
    for (int number = 0; number < kept; number++) {
        bool done = moved[number] >= 0 &&
                    (number < 3 ? dup2(moved[number], number) : dup3(moved[number], number, O_CLOEXEC)) >= 0;
        if (!done) stage_fail(stage, CHILD_STEP_DESCRIPTORS);
    }
    if (syscall(SYS_close_range, kept, ~0U, 0) != 0) stage_fail(stage, CHILD_STEP_DESCRIPTORS);
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

/// What our caller ignores would be ignored by the command too: we ignore PIPE ourselves, and a shell starts what it
/// puts in the background with INT and QUIT ignored.
static void default_signals(void) {
    const struct sigaction normal = { .sa_handler = SIG_DFL };
    // KILL, STOP and the two that the C library keeps are refused, and cannot be ignored.
    for (int number = 1; number <= SIGRTMAX; number++) sigaction(number, &normal, NULL);
}

/// Becomes the command. Runs on a stack of its own in the memory of the first process, which waits meanwhile.
static int become(void *given) {
    struct stage *stage = given;
    const struct child *child = stage->child;
    stage->is_command = true;
    sigset_t none;
    sigemptyset(&none);
    if (setsid() < 0) stage_fail(stage, CHILD_STEP_EXEC);
    terminal_take(stage);
    umask(022);
    enter_directory(stage);
    confine_limits(stage);
    sigprocmask(SIG_SETMASK, &none, NULL);
    trace_begin(stage);
    seccomp_enter(stage);

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
    default_signals();
    keep_stdio(stage);

    // As vfork: when it returns here, the command runs or has left word why not. The descriptors are shared until the
    // command is executed, so that a listener that is opened there is here.
    char stack[32768] __attribute__((aligned(16)));
    struct stage *shared = trace_share(stage);
    int memory = shared == stage ? CLONE_VM : 0;
    pid_t command = clone(become, stack + sizeof stack, memory | CLONE_VFORK | CLONE_FILES | SIGCHLD, shared);
    *stage = *shared;
    stage->is_command = false;
    if (command < 0) stage_fail(stage, CHILD_STEP_EXEC);
    if (stage->failure.kind == CHILD_FAILED) {
        while (write(stage->report, &stage->failure, sizeof stage->failure) < 0 && errno == EINTR) continue;
        _exit(125);
    }
    seccomp_hand_over(stage);

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
