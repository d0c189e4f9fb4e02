/* What is open to the session's programs in a network that has nothing but its loopback: sockets that are made here and
 * sent to a process outside, which serves them, through a socket that the container was given for this. They stay open
 * here for the next program, whose server is another one. */
#define _GNU_SOURCE
#include "inside.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* As many as one message takes (SCM_MAX_FD). */
#define MOST 253

static struct listener {
    uint32_t address, port, datagrams;
    int number;
} listeners[MOST];
static size_t listener_count;

static int opened(const struct listener *wanted) {
    for (size_t i = 0; i < listener_count; i++) {
        const struct listener *one = &listeners[i];
        if (one->address == wanted->address && one->port == wanted->port && one->datagrams == wanted->datagrams)
            return one->number;
    }
    if (listener_count == MOST) return errno = E2BIG, -1;
    struct sockaddr_in place = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)wanted->port), .sin_addr.s_addr = htonl(wanted->address)};
    int kind = wanted->datagrams ? SOCK_DGRAM : SOCK_STREAM;
    int made = socket(AF_INET, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0) return -1;
    if (bind(made, (struct sockaddr *)&place, sizeof place) != 0 || (!wanted->datagrams && listen(made, 4096) != 0)) {
        int error = errno;
        close(made);
        return errno = error, -1;
    }
    listeners[listener_count] = *wanted;
    listeners[listener_count++].number = made;
    return made;
}

static bool hand_over(const char *path, const int *numbers, size_t count) {
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof place.sun_path) return errno = ENAMETOOLONG, false;
    strcpy(place.sun_path, path);
    int door = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (door < 0) return false;
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(MOST * sizeof(int))];
    } envelope;
    size_t size = count * sizeof *numbers;
    struct iovec byte = {.iov_base = "d", .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &byte, .msg_iovlen = 1, .msg_control = &envelope, .msg_controllen = CMSG_SPACE(size)};
    memset(&envelope, 0, sizeof envelope);
    envelope.header =
        (struct cmsghdr){.cmsg_len = CMSG_LEN(size), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&envelope.header), numbers, size);
    bool done = connect(door, (struct sockaddr *)&place, sizeof place) == 0 && sendmsg(door, &message, MSG_NOSIGNAL) == 1;
    int error = errno;
    close(door);
    return errno = error, done;
}

void send_listeners(struct reader *reader, struct buffer *answers) {
    char *path = take_text(reader);
    uint32_t count = take_number(reader);
    int numbers[MOST];
    if (count > MOST) reader->bad = true;
    for (uint32_t i = 0; i < count && !reader->bad; i++) {
        struct listener wanted = {.address = take_number(reader)};
        wanted.port = take_number(reader);
        wanted.datagrams = take_number(reader);
        char text[32];
        snprintf(text, sizeof text, "port %u", wanted.port);
        if (reader->bad) break;
        if ((numbers[i] = opened(&wanted)) < 0) {
            refuse(answers, "listen at", text, errno);
            free(path);
            return;
        }
    }
    if (reader->bad) refuse(answers, "listen for", path, EINVAL);
    else if (!hand_over(path, numbers, count)) refuse(answers, "hand listeners over by", path, errno);
    free(path);
}
