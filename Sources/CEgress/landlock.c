/* Landlock for smelt-egress: no file is opened, made or removed, whatever way to one there might be; nothing listens anew;
 * no abstract socket and no process of the host is reached. A second wall behind the empty root and the filter, as high as
 * the kernel has it, up to version 6: of what is judged since then, an empty root has no socket with a path, and UDP is how
 * names are asked for. See landlock(7). */

#define _GNU_SOURCE
#include "CEgress.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/* `struct landlock_ruleset_attr` as of ABI 6; an older kernel takes it when what it does not know is zero. */
struct ruleset {
    uint64_t files;
    uint64_t ports;
    uint64_t scopes;
};

enum { ASK_VERSION = 1, BIND_TCP = 1, ABSTRACT_SOCKETS = 1, SIGNALS = 2 };

/* LANDLOCK_ACCESS_FS_*: how many of them each version has. */
static uint64_t files(long version) {
    int known = version >= 5 ? 16 : version >= 3 ? 15 : version >= 2 ? 14 : 13;
    return ((uint64_t)1 << known) - 1;
}

bool egress_landlock(void) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
    if (version < 1) return true;

    struct ruleset judged = {
        .files = files(version),
        .ports = version >= 4 ? BIND_TCP : 0,
        .scopes = version >= 6 ? ABSTRACT_SOCKETS | SIGNALS : 0,
    };
    int number = (int)syscall(SYS_landlock_create_ruleset, &judged, sizeof judged, 0);
    if (number < 0) return false;
    bool done = syscall(SYS_landlock_restrict_self, number, 0) == 0;
    int saved = errno;
    close(number);
    errno = saved;
    return done;
}
