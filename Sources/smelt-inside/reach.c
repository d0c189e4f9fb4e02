#define _GNU_SOURCE
#include "inside.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* A round is longer than the kernel waits before it sends the first packet of a connection again, a second (TCP_TIMEOUT_INIT):
 * one that was lost is no wall. */
enum { MOST = 8, ROUND = 1500, SILENT = 2 };

static long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* A connection that has begun, or -1 where there is no way out at all. */
static int begin(const char *address, const char *port) {
    struct sockaddr_in short_ = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    struct sockaddr_in6 long_ = {.sin6_family = AF_INET6, .sin6_port = short_.sin_port};
    bool isShort = inet_pton(AF_INET, address, &short_.sin_addr) == 1;
    if (!isShort && inet_pton(AF_INET6, address, &long_.sin6_addr) != 1) return -1;
    int number = socket(isShort ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (number < 0) return -1;
    const struct sockaddr *to = isShort ? (void *)&short_ : (void *)&long_;
    if (connect(number, to, isShort ? sizeof short_ : sizeof long_) == 0 || errno == EINPROGRESS) return number;
    close(number);
    return -1;
}

/* Something came back: a connection, or the word that nobody listens there. That there is no way is no answer. */
static bool is_answered(int number) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(number, SOL_SOCKET, SO_ERROR, &error, &length);
    return error == 0 || error == ECONNREFUSED || error == ECONNRESET;
}

/* Tries all at the same time; whether one of them answers within a round. Prints those that do when it is the last. */
static bool round_of(char **words, int count, bool isLast) {
    struct pollfd waiting[MOST];
    bool answered[MOST] = {false}, any = false;
    for (int i = 0; i < count; i++) waiting[i] = (struct pollfd){begin(words[2 * i], words[2 * i + 1]), POLLOUT, 0};
    long end = now() + ROUND;
    for (long left = ROUND; left > 0; left = end - now()) {
        if (poll(waiting, (nfds_t)count, (int)left) <= 0) break;
        for (int i = 0; i < count; i++) {
            if (waiting[i].fd < 0 || !waiting[i].revents) continue;
            if (is_answered(waiting[i].fd)) answered[i] = any = true;
            close(waiting[i].fd);
            waiting[i].fd = -1;
        }
        if (any && !isLast) break;
    }
    for (int i = 0; i < count; i++) {
        if (waiting[i].fd >= 0) close(waiting[i].fd);
        if (isLast && answered[i]) dprintf(1, "%s %s\n", words[2 * i], words[2 * i + 1]);
    }
    return any;
}

/* "reach MILLISECONDS ADDRESS PORT...": prints the places that answer, in spite of a network that is to be shut, once that
 * has had so long to shut. It is shut when nothing came back twice in a row. */
int reach(char **words) {
    long end = now() + atol(words[0]);
    int count = 0;
    while (words[1 + 2 * count] && words[2 + 2 * count] && count < MOST) count++;
    for (int silent = 0; silent < SILENT;) {
        bool isLast = now() >= end;
        if (!round_of(words + 1, count, isLast)) {
            silent++;
            continue;
        }
        if (isLast) return 0;
        silent = 0;
        struct timespec moment = {0, 200000000};
        nanosleep(&moment, NULL);
    }
    return 0;
}
