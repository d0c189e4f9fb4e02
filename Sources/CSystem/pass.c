#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* SCM_MAX_FD: no message has more. */
#define MOST 253

static void close_all(const struct cmsghdr *head, int count) {
    for (int index = 0; index < count; index++) {
        int one;
        memcpy(&one, CMSG_DATA(head) + (size_t)index * sizeof one, sizeof one);
        close(one);
    }
}

int system_pass_on(int from, int to, int wanted) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(MOST * sizeof(int))];
    } envelope;
    char note;
    struct iovec part = { .iov_base = &note, .iov_len = 1 };
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &envelope, .msg_controllen = sizeof envelope,
    };
    ssize_t count;
    do {
        count = recvmsg(from, &message, MSG_CMSG_CLOEXEC);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return -1;
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    int came = 0;
    if (count > 0 && head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS) {
        came = (int)((head->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    }
    // Before anything is sent on: whoever serves them counts on what was ordered.
    int error = EBADMSG;
    if (came > 0 && came == wanted) {
        do {
            count = sendmsg(to, &message, MSG_NOSIGNAL);
        } while (count < 0 && errno == EINTR);
        error = count == 1 ? 0 : errno;
    }
    close_all(head, came);
    errno = error;
    return error == 0 ? 0 : -1;
}

int system_hand_over(int to, const int *numbers, size_t count) {
    if (count == 0 || count > MOST) {
        errno = EINVAL;
        return -1;
    }
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(MOST * sizeof(int))];
    } envelope;
    size_t size = count * sizeof *numbers;
    char note = 'd';
    struct iovec part = { .iov_base = &note, .iov_len = 1 };
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &envelope, .msg_controllen = CMSG_SPACE(size),
    };
    memset(&envelope, 0, sizeof envelope);
    envelope.header =
        (struct cmsghdr) { .cmsg_len = CMSG_LEN(size), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
    memcpy(CMSG_DATA(&envelope.header), numbers, size);
    ssize_t sent;
    do {
        sent = sendmsg(to, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == 1 ? 0 : -1;
}
