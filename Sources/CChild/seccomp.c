// The filter of the command's system calls, the last wall to go up: whatever stands before it still needs calls that
// it refuses. The programs are made by our caller; here one of them is handed to the kernel. See seccomp(2).

#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

// Since Linux 5.19; Debian 12's headers have it, older ones do not.
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

static int install(const void *program, size_t length, unsigned long flags) {
    struct sock_fprog filter = { .len = (unsigned short)length, .filter = (struct sock_filter *)program };
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
}

void seccomp_enter(struct stage *stage) {
    const struct child *child = stage->child;
    if (child->filter_length == 0) return;

    if (stage->news >= 0) {
        // A call that is being told of does not begin again for every signal that comes meanwhile.
        unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
        stage->listener = install(child->telling_filter, child->filter_length, flags);
        if (stage->listener < 0 && errno == EINVAL) {
            stage->listener = install(child->telling_filter, child->filter_length, SECCOMP_FILTER_FLAG_NEW_LISTENER);
        }
        if (stage->listener >= 0) return;
        // Somebody listens to our own caller, and there is one at most: what is refused stays so, untold.
    }
    if (install(child->filter, child->filter_length, 0) != 0) stage_fail(stage, CHILD_STEP_FILTER);
}

void seccomp_trace(struct stage *stage) {
    const struct child *child = stage->child;
    if (install(child->tracing_filter, child->tracing_filter_length, 0) != 0) stage_fail(stage, CHILD_STEP_TRACE);
}

void seccomp_hand_over(struct stage *stage) {
    if (stage->news < 0) return;

    // Should it not arrive, then nobody listens, and the kernel refuses by itself.
    if (stage->listener >= 0) hand_over(stage->news, &stage->listener, 1);
    close(stage->listener);
    close(stage->news);
}
