// Descriptors over a socket, from the child to whoever holds the other end: in one message with one byte.

#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "internal.h"

bool hand_over(int socket, const int *descriptors, size_t count) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(MOST_PASSED * sizeof(int))];
    } envelope;
    size_t size = count * sizeof *descriptors;
    struct iovec byte = { .iov_base = "d", .iov_len = 1 };
    struct msghdr message = {
        .msg_iov = &byte, .msg_iovlen = 1, .msg_control = &envelope, .msg_controllen = CMSG_SPACE(size),
    };
    if (count > MOST_PASSED) {
        errno = E2BIG;
        return false;
    }
    memset(&envelope, 0, sizeof envelope);
    envelope.header = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(size), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
    };
    memcpy(CMSG_DATA(&envelope.header), descriptors, size);
    return sendmsg(socket, &message, MSG_NOSIGNAL) == 1;
}

int child_receive(int socket) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } envelope = { 0 };
    char byte;
    struct iovec room = { .iov_base = &byte, .iov_len = 1 };
    struct msghdr message = {
        .msg_iov = &room, .msg_iovlen = 1, .msg_control = &envelope, .msg_controllen = sizeof envelope.bytes,
    };
    int descriptor = -1;
    if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1) return -1;

    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header == NULL || header->cmsg_type != SCM_RIGHTS) {
        errno = ENOMSG;
        return -1;
    }
    memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
    return descriptor;
}
