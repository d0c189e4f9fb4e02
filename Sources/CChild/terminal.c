// A terminal of the sandbox's own: made by its own devpts, so that it has a name inside, and looked after from outside
// through a descriptor that is handed out. The caller's terminal is never inside.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "internal.h"

/// One descriptor as a message of one byte.
union envelope {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr header;
};

bool hand_over(int socket, int descriptor) {
    union envelope envelope = { 0 };
    struct iovec byte = { .iov_base = "t", .iov_len = 1 };
    struct msghdr message = {
        .msg_iov = &byte, .msg_iovlen = 1, .msg_control = &envelope, .msg_controllen = sizeof envelope.bytes,
    };
    envelope.header = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof descriptor), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
    };
    memcpy(CMSG_DATA(&envelope.header), &descriptor, sizeof descriptor);
    return sendmsg(socket, &message, MSG_NOSIGNAL) == 1;
}

int child_receive(int socket) {
    union envelope envelope = { 0 };
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

void terminal_make(struct stage *stage) {
    int socket = stage->child->terminal, unlocked = 0;
    if (socket < 0) return;

    int outer = open_beneath(AT_FDCWD, "/dev/pts/ptmx", O_RDWR | O_NOCTTY);
    if (outer < 0 || ioctl(outer, TIOCSPTLCK, &unlocked) != 0) stage_fail(stage, CHILD_STEP_TERMINAL);
    // By its descriptor: a name could be another's.
    int inner = ioctl(outer, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (inner < 0 || ioctl(inner, TIOCSWINSZ, &stage->child->window) != 0 || !hand_over(socket, outer)) {
        stage_fail(stage, CHILD_STEP_TERMINAL);
    }
    close(outer);
    close(socket);
    for (int number = 0; number < 3; number++) stage->stdio[number] = inner;
}

void terminal_take(struct stage *stage) {
    if (stage->child->terminal >= 0 && ioctl(0, TIOCSCTTY, 0) != 0) stage_fail(stage, CHILD_STEP_TERMINAL);
}
