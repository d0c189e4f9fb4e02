// What is open to the command in a network of its own: sockets that are made here, where they belong to that network and
// where ports below 1024 still may be had, and are sent to a process outside, which serves them. None stays here.

#define _GNU_SOURCE
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "internal.h"

static int listener(const struct child_listener *wanted) {
    struct sockaddr_in place = {
        .sin_family = AF_INET, .sin_port = wanted->port, .sin_addr.s_addr = wanted->address,
    };
    int kind = wanted->datagrams ? SOCK_DGRAM : SOCK_STREAM;
    int made = socket(AF_INET, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0) return -1;
    // The backlog is as long as the network allows: a burst of connections waits here.
    if (bind(made, (struct sockaddr *)&place, sizeof place) != 0 ||
        (!wanted->datagrams && listen(made, 4096) != 0)) {
        int saved = errno;
        close(made);
        errno = saved;
        return -1;
    }
    return made;
}

/// A second address for the loopback: who asks for names with AI_ADDRCONFIG gets none where 127.0.0.1 is the only
/// address, since glibc takes that for a host without IPv4.
static bool add_address(void) {
    struct ifreq request = { .ifr_name = "lo:names" };
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7F64FFFE) };
    memcpy(&request.ifr_addr, &address, sizeof address);
    int link = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (link < 0) return false;
    bool done = ioctl(link, SIOCSIFADDR, &request) == 0;
    int saved = errno;
    close(link);
    errno = saved;
    return done;
}

void open_listeners(struct stage *stage) {
    const struct child *child = stage->child;
    if (child->listener_count == 0) return;
    if (!add_address()) stage_fail(stage, CHILD_STEP_LISTEN);
    if (child->listener_count > MOST_PASSED) {
        errno = E2BIG;
        stage_fail(stage, CHILD_STEP_LISTEN);
    }
    int made[MOST_PASSED];
    for (size_t index = 0; index < child->listener_count; index++) {
        stage->where = (int)index;
        made[index] = listener(&child->listeners[index]);
        if (made[index] < 0) stage_fail(stage, CHILD_STEP_LISTEN);
    }
    stage->where = -1;

    if (!hand_over(child->door, made, child->listener_count)) stage_fail(stage, CHILD_STEP_LISTEN);
    for (size_t index = 0; index < child->listener_count; index++) close(made[index]);
}
