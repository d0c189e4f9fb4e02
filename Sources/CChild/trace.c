// A command that is traced. Its tracer is outside and has no power over the first process, which runs in our caller's
// memory; so the command begins in a copy of that memory, opens the copy to its tracer and waits to be taken. Nobody else is
// inside by then who could make use of that. See ptrace(2), "Ptrace access mode checking".

#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "internal.h"

struct stage *trace_share(struct stage *stage) {
    if (stage->tracer < 0) return stage;

    struct stage *shared = mmap(NULL, sizeof *stage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) stage_fail(stage, CHILD_STEP_TRACE);
    *shared = *stage;
    return shared;
}

void trace_begin(struct stage *stage) {
    if (stage->tracer < 0) return;

    // The kernel tells the tracer which process sent the byte; the answer is an errno, or 0.
    unsigned char answer = 0;
    if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0 || send(stage->tracer, "t", 1, MSG_NOSIGNAL) != 1) {
        stage_fail(stage, CHILD_STEP_TRACE);
    }
    ssize_t count;
    while ((count = recv(stage->tracer, &answer, 1, 0)) < 0 && errno == EINTR) continue;
    if (count != 1) answer = ESRCH;
    close(stage->tracer);
    if (answer != 0) {
        errno = answer;
        stage_fail(stage, CHILD_STEP_TRACE);
    }
    seccomp_trace(stage);
}
