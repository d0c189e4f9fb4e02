#define _GNU_SOURCE
#include "CEgress.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static socklen_t written(const struct egress_place *place, struct sockaddr_storage *storage) {
    memset(storage, 0, sizeof *storage);
    if (place->count == 4) {
        struct sockaddr_in *four = (struct sockaddr_in *)storage;
        four->sin_family = AF_INET;
        four->sin_port = htons(place->port);
        memcpy(&four->sin_addr, place->bytes, 4);
        return sizeof *four;
    }
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)storage;
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(place->port);
    memcpy(&six->sin6_addr, place->bytes, 16);
    return sizeof *six;
}

static bool taken(const struct sockaddr_storage *storage, struct egress_place *place) {
    memset(place, 0, sizeof *place);
    if (storage->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)storage;
        place->count = 4;
        place->port = ntohs(four->sin_port);
        memcpy(place->bytes, &four->sin_addr, 4);
        return true;
    }
    if (storage->ss_family != AF_INET6) return false;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)storage;
    place->count = 16;
    place->port = ntohs(six->sin6_port);
    memcpy(place->bytes, &six->sin6_addr, 16);
    return true;
}

/* What is relayed is relayed at once. */
static void hurry(int number) {
    int on = 1;
    setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void egress_hurry(int listener) { hurry(listener); }

int egress_accept(int listener) {
    int number;
    do {
        number = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    } while (number < 0 && (errno == EINTR || errno == ECONNABORTED));
    return number;
}

static int given_up(int number) {
    int saved = errno;
    close(number);
    errno = saved;
    return -1;
}

int egress_listen(const struct egress_place *place) {
    struct sockaddr_storage storage;
    socklen_t size = written(place, &storage);
    int number = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (number < 0) return -1;
    int on = 1;
    setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (place->count == 16) setsockopt(number, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(number, (struct sockaddr *)&storage, size) != 0 || listen(number, 4096) != 0) return given_up(number);
    return number;
}

int egress_connect(const struct egress_place *place) {
    struct sockaddr_storage storage;
    socklen_t size = written(place, &storage);
    int number = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (number < 0) return -1;
    hurry(number);
    if (connect(number, (struct sockaddr *)&storage, size) != 0 && errno != EINPROGRESS) return given_up(number);
    return number;
}

int egress_error(int number) {
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(number, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

bool egress_local(int number, struct egress_place *place) {
    struct sockaddr_storage storage;
    socklen_t size = sizeof storage;
    return getsockname(number, (struct sockaddr *)&storage, &size) == 0 && taken(&storage, place);
}

bool egress_remote(int number, struct egress_place *place) {
    struct sockaddr_storage storage;
    socklen_t size = sizeof storage;
    return getpeername(number, (struct sockaddr *)&storage, &size) == 0 && taken(&storage, place);
}

void egress_reset(int number) {
    struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
    setsockopt(number, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(number);
}

ssize_t egress_receive_from(int number, uint8_t *bytes, size_t most, struct egress_sender *sender) {
    socklen_t size = sizeof sender->bytes;
    ssize_t count;
    do {
        count = recvfrom(number, bytes, most, 0, (struct sockaddr *)sender->bytes, &size);
    } while (count < 0 && errno == EINTR);
    sender->size = size;
    return count;
}

ssize_t egress_send_to(int number, const uint8_t *bytes, size_t count, const struct egress_sender *sender) {
    return sendto(number, bytes, count, MSG_NOSIGNAL, (const struct sockaddr *)sender->bytes, sender->size);
}

ssize_t egress_send(int number, const uint8_t *bytes, size_t count) {
    ssize_t done;
    do {
        done = send(number, bytes, count, MSG_NOSIGNAL);
    } while (done < 0 && errno == EINTR);
    return done;
}

int egress_take(int number, int *found, int most) {
    char note;
    struct iovec part = { .iov_base = &note, .iov_len = 1 };
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(253 * sizeof(int))];
    } control;
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control,
    };
    ssize_t count;
    do {
        count = recvmsg(number, &message, MSG_CMSG_CLOEXEC);
    } while (count < 0 && errno == EINTR);
    if (count <= 0) return (int)count;
    int taken_count = 0;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
        int here = (int)((head->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        for (int index = 0; index < here; index++) {
            int one;
            memcpy(&one, CMSG_DATA(head) + (size_t)index * sizeof one, sizeof one);
            if (taken_count < most) {
                found[taken_count++] = one;
            } else {
                close(one);
            }
        }
    }
    return taken_count;
}

int egress_poll_make(void) { return epoll_create1(EPOLL_CLOEXEC); }

static bool control(int poll, int operation, int number, int wanted, uint64_t mark) {
    struct epoll_event event = { .data.u64 = mark };
    if (wanted & EGRESS_READ) event.events |= EPOLLIN;
    if (wanted & EGRESS_WRITE) event.events |= EPOLLOUT;
    return epoll_ctl(poll, operation, number, &event) == 0;
}

bool egress_poll_add(int poll, int number, int wanted, uint64_t mark) {
    return control(poll, EPOLL_CTL_ADD, number, wanted, mark);
}

bool egress_poll_change(int poll, int number, int wanted, uint64_t mark) {
    return control(poll, EPOLL_CTL_MOD, number, wanted, mark);
}

int egress_poll_wait(int poll, struct egress_event *events, int milliseconds) {
    struct epoll_event found[64];
    int count = epoll_wait(poll, found, 64, milliseconds);
    if (count < 0) return errno == EINTR ? 0 : -1;
    for (int index = 0; index < count; index++) {
        uint32_t bits = found[index].events;
        int ready = 0;
        if (bits & (EPOLLIN | EPOLLHUP | EPOLLERR)) ready |= EGRESS_READ;
        if (bits & (EPOLLOUT | EPOLLHUP | EPOLLERR)) ready |= EGRESS_WRITE;
        events[index] = (struct egress_event){ .mark = found[index].data.u64, .ready = ready };
    }
    return count;
}
