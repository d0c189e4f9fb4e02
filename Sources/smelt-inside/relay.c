/* What is open to the session's programs where no socket can be handed out of the container: listeners on the loopback,
 * whose connections are carried over the stream to smelt-exec, and by that to smelt-egress. Each direction of a connection
 * has a window: no more is under way than the other side has asked for, so one that does not read holds up itself and
 * nobody else. */
#define _GNU_SOURCE
#include "inside.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* PIECE: how much of a connection is carried at once. ROUND: how much of all, so that outputs have their turn. */
enum { WINDOW = 65536, PIECE = 32768, ROUND = 2 * CHUNK, ACCEPTED_AT_ONCE = 4 };

struct connection {
    uint32_t id;
    int number;           /* -1: it is over, and taken out in this turn */
    uint32_t credit;      /* so much may still be carried out */
    uint32_t owed;        /* so much was given to the program that the other side has not been told of */
    struct buffer unsent; /* for the program */
    bool said, heard;     /* the program, and the other side, say nothing more */
    bool broken;          /* to be reset when all is sent */
};
static struct connection connections[RELAY_CONNECTIONS];
static size_t connection_count;
static int listeners[RELAY_LISTENERS];
static size_t listener_count;
/* Since the listeners were opened; 0 is none. */
static uint32_t last_id;

static void put_numbers(struct buffer *answers, enum frame kind, uint32_t first, uint32_t second) {
    unsigned char bytes[8];
    for (int i = 0; i < 4; i++) {
        bytes[i] = first >> 8 * i & 255;
        bytes[4 + i] = second >> 8 * i & 255;
    }
    put_frame(answers, kind, bytes, sizeof bytes);
}

static void shut(int number, bool reset) {
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (reset) setsockopt(number, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(number);
}

static void end(struct connection *one, bool reset) {
    shut(one->number, reset);
    one->number = -1;
    free(one->unsent.bytes);
    one->unsent = (struct buffer){0};
}

/* Ended in both directions, or broken; the other side has been told, or has told us. */
static void end_if_over(struct connection *one) {
    if (buffer_count(&one->unsent) > 0) return;
    if (one->broken) end(one, true);
    else if (one->said && one->heard) end(one, false);
}

static void fail(struct connection *one, struct buffer *answers) {
    put_numbers(answers, FRAME_OVER, one->id, 1);
    end(one, true);
}

static void take_out(void) {
    for (size_t i = 0; i < connection_count;) {
        if (connections[i].number >= 0) i++;
        else connections[i] = connections[--connection_count];
    }
}

void relay_shut(void) {
    for (size_t i = 0; i < connection_count; i++) end(&connections[i], true);
    for (size_t i = 0; i < listener_count; i++) close(listeners[i]);
    connection_count = listener_count = 0;
    last_id = 0;
}

/* On a port that the kernel chooses: nobody can have taken it before. */
static int opened(uint32_t *port) {
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof place;
    int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0) return -1;
    if (bind(made, (struct sockaddr *)&place, size) != 0 || listen(made, 4096) != 0 ||
        getsockname(made, (struct sockaddr *)&place, &size) != 0) {
        int error = errno;
        close(made);
        return errno = error, -1;
    }
    *port = ntohs(place.sin_port);
    return made;
}

void relay_open(struct reader *reader, struct buffer *answers) {
    relay_shut();
    uint32_t count = take_number(reader);
    unsigned char ports[4 * RELAY_LISTENERS];
    int error = reader->bad || count > RELAY_LISTENERS ? EINVAL : 0;
    for (uint32_t i = 0; i < count && !error; i++) {
        uint32_t port = 0;
        int made = opened(&port);
        if (made < 0) {
            error = errno;
            break;
        }
        listeners[listener_count++] = made;
        for (int part = 0; part < 4; part++) ports[4 * i + part] = port >> 8 * part & 255;
    }
    if (!error) {
        put_frame(answers, FRAME_PORTS, ports, 4 * listener_count);
        return;
    }
    relay_shut();
    refuse(answers, "listen on", "the loopback", error);
}

size_t relay_wait(struct pollfd *waiting, bool isFull) {
    bool hasRoom = !isFull && connection_count < RELAY_CONNECTIONS;
    for (size_t i = 0; i < listener_count; i++) waiting[i] = (struct pollfd){hasRoom ? listeners[i] : -1, POLLIN, 0};
    for (size_t i = 0; i < connection_count; i++) {
        struct connection *one = &connections[i];
        short events = 0;
        if (!one->said && one->credit > 0 && !isFull) events |= POLLIN;
        if (buffer_count(&one->unsent) > 0) events |= POLLOUT;
        /* Of one that nothing is wanted of, its end would be told again and again. */
        waiting[listener_count + i] = (struct pollfd){events ? one->number : -1, events, 0};
    }
    return listener_count + connection_count;
}

static size_t hear(struct connection *one, struct buffer *answers) {
    static unsigned char bytes[4 + PIECE];
    ssize_t count = recv(one->number, bytes + 4, one->credit < PIECE ? one->credit : PIECE, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (count < 0) {
        fail(one, answers);
        return 0;
    }
    if (count == 0) {
        one->said = true;
        put_numbers(answers, FRAME_OVER, one->id, 0);
        end_if_over(one);
        return 0;
    }
    for (int i = 0; i < 4; i++) bytes[i] = one->id >> 8 * i & 255;
    put_frame(answers, FRAME_DATA, bytes, 4 + (size_t)count);
    one->credit -= (uint32_t)count;
    return (size_t)count;
}

void relay_finish(struct buffer *answers) {
    for (size_t i = 0; i < connection_count; i++) {
        struct connection *one = &connections[i];
        if (one->said) continue;
        while (one->number >= 0 && !one->said && one->credit > 0 && hear(one, answers) > 0) {}
        if (one->number >= 0 && !one->said) fail(one, answers);
    }
    take_out();
    relay_shut();
}

static void tell(struct connection *one, struct buffer *answers) {
    ssize_t count = send(one->number, one->unsent.bytes + one->unsent.start, buffer_count(&one->unsent), MSG_NOSIGNAL);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count < 0) {
        fail(one, answers);
        return;
    }
    buffer_drop(&one->unsent, (size_t)count);
    one->owed += (uint32_t)count;
    if (one->owed >= WINDOW / 2 && !one->heard) {
        put_numbers(answers, FRAME_WINDOW, one->id, one->owed);
        one->owed = 0;
    }
    if (buffer_count(&one->unsent) == 0 && one->heard && !one->broken) shutdown(one->number, SHUT_WR);
    end_if_over(one);
}

static uint64_t microseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

/* Where it takes long to see whose one is, that is done once a turn: outputs and signals do not wait for more. */
enum { LONG_LOOK = 1000 };
static size_t accepted_at_once = ACCEPTED_AT_ONCE;

static bool is_ours(int number) {
    uint64_t begun = microseconds();
    bool is_so = is_of_ours(number);
    accepted_at_once = microseconds() - begun > LONG_LOOK ? 1 : ACCEPTED_AT_ONCE;
    return is_so;
}

static void take_up(int listener, uint32_t index, struct buffer *answers) {
    int number = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (number < 0) return;
    /* The loopback may be shared with other containers, whose programs have listeners of their own. */
    if (last_id == UINT32_MAX || !is_ours(number)) {
        shut(number, true);
        return;
    }
    int on = 1;
    setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections[connection_count++] = (struct connection){.id = ++last_id, .number = number, .credit = WINDOW};
    put_numbers(answers, FRAME_ACCEPTED, last_id, index);
}

void relay_act(const struct pollfd *waiting, struct buffer *answers) {
    /* Whose turn is first goes round. */
    static size_t first;
    size_t count = connection_count, carried = 0;
    first++;
    for (size_t i = 0; i < count; i++) {
        size_t at = (first + i) % count;
        struct connection *one = &connections[at];
        if (!waiting[listener_count + at].revents) continue;
        if (buffer_count(&one->unsent) > 0) tell(one, answers);
        bool isAsked = waiting[listener_count + at].events & POLLIN;
        if (one->number >= 0 && isAsked && carried < ROUND) carried += hear(one, answers);
    }
    for (size_t i = 0, accepted = 0; i < listener_count; i++)
        for (; waiting[i].revents && accepted < accepted_at_once && connection_count < RELAY_CONNECTIONS; accepted++) {
            size_t before = connection_count;
            take_up(listeners[i], (uint32_t)i, answers);
            if (connection_count == before) break;
        }
    take_out();
}

/* One that is over here already may still be spoken of; one that never was may not. */
static struct connection *found(uint32_t id, struct reader *reader) {
    for (size_t i = 0; i < connection_count; i++)
        if (connections[i].id == id) return &connections[i];
    if (listener_count > 0 && (id == 0 || id > last_id)) reader->bad = true;
    return NULL;
}

bool relay_take(enum frame kind, struct reader *reader, struct buffer *answers) {
    uint32_t id = take_number(reader);
    uint32_t number = kind == FRAME_DATA ? 0 : take_number(reader);
    struct connection *one = found(id, reader);
    if (reader->bad) return false;
    if (!one) return true;
    switch (kind) {
    case FRAME_DATA:
        if (one->heard || buffer_count(&one->unsent) + one->owed + reader->left > WINDOW) return false;
        buffer_add(&one->unsent, reader->at, reader->left);
        if (reader->left > 0) tell(one, answers);
        break;
    case FRAME_WINDOW:
        if (number > WINDOW - one->credit) return false;
        one->credit += number;
        break;
    default:
        if (one->heard && !number) return false;
        one->heard = true;
        one->broken = number != 0;
        if (one->broken) one->said = true;
        else if (buffer_count(&one->unsent) == 0) shutdown(one->number, SHUT_WR);
        end_if_over(one);
    }
    take_out();
    return true;
}
