/* "smelt-inside watch PLACE...": tells smelt-exec, whenever that asks, how much lies in the places, in a container of
 * its own beside the session's. It may read everything there and write nothing, sees the session's processes, and has a
 * user whom those cannot reach. When its input ends, it ends. What it cannot see is its end, too, since a session that
 * nobody watches must not go on.
 *
 * "smelt-inside look PLACE..." prints the same once: what there was before somebody else's programs ran.
 */
#define _GNU_SOURCE
#include "inside.h"
#include "look.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

void give_up(const char *what, int error) {
    dprintf(2, "could not %s: %s\n", what, strerror(error));
    _exit(74);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

static uint64_t begun, said;

static void say(uint64_t bytes, uint32_t flags) {
    unsigned char frame[5 + 20] = {FRAME_LOOKED, 20};
    uint64_t figures[2] = {bytes, now() - begun};
    for (int i = 0; i < 16; i++) frame[5 + i] = figures[i / 8] >> 8 * (i % 8) & 255;
    for (int i = 0; i < 4; i++) frame[21 + i] = flags >> 8 * i & 255;
    /* Shorter than what a pipe takes whole. */
    if (write(1, frame, sizeof frame) != sizeof frame) _exit(0);
    said = now();
}

/* In the middle of a look: who asked may be gone, and else is told that we are not. */
static void breathe(void) {
    struct pollfd input = {0, POLLIN, 0};
    if (poll(&input, 1, 0) == 1 && input.revents & (POLLHUP | POLLERR)) _exit(0);
    if (now() - said > 1000000) say(0, LOOK_GOES_ON);
}

static bool take(unsigned char *bytes, size_t count) {
    while (count > 0) {
        ssize_t got = read(0, bytes, count);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        bytes += got;
        count -= (size_t)got;
    }
    return true;
}

int watch(char **places) {
    signal(SIGPIPE, SIG_IGN);
    struct rlimit most;
    if (getrlimit(RLIMIT_NOFILE, &most) == 0) {
        most.rlim_cur = most.rlim_max;
        setrlimit(RLIMIT_NOFILE, &most);
    }
    unsigned char request[5 + 8];
    while (take(request, sizeof request)) {
        if (request[0] != FRAME_LOOK || request[1] != 8) return 76;
        struct look look = {.breathe = breathe};
        for (int i = 0; i < 8; i++) look.enough |= (uint64_t)request[5 + i] << 8 * i;
        begun = said = now();
        for (char **place = places; *place; place++) look_at(&look, *place);
        look_at_deleted(&look);
        look_forget();
        say(look.bytes, look.flags);
    }
    return 0;
}

static void rest(void) {}

int look_once(char **places) {
    struct look look = {.enough = UINT64_MAX, .breathe = rest};
    for (char **place = places; *place; place++) look_at(&look, *place);
    printf("%llu %u\n", (unsigned long long)look.bytes, look.flags);
    return fflush(stdout) == 0 ? 0 : 74;
}
