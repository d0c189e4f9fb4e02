/* smelt-inside: runs commands in a container for smelt-exec, which is at the other end of standard input and output.
 *
 * smelt puts it into the container; it needs nothing there. Frames on standard input say what to run, frames on
 * standard output carry what that prints, apart for its two streams, and exactly how it ended. It goes when its input
 * ends, and takes everything with it that it has started: nobody who is killed outside leaves an agent at work. It runs
 * as the session's user and may do nothing that a session may not.
 *
 * "smelt-inside reach" tells whether the network is shut; see reach.c. "smelt-inside watch" and "look" tell how much is
 * on disk; see watch.c.
 */
#define _GNU_SOURCE
#include "inside.h"
#include "look.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

static struct buffer requests, answers;
static struct run running = {.output = -1, .errors = -1};

static _Noreturn void leave(int status) {
    run_kill_all();
    _exit(status);
}

/* Once a command runs, only what is about it is taken; the rest waits. False: nothing more to be done now. */
static bool take_request(void) {
    if (buffer_count(&requests) < 5) return false;
    unsigned char *head = requests.bytes + requests.start;
    size_t length = head[1] | head[2] << 8 | head[3] << 16 | (uint32_t)head[4] << 24;
    if (length > LONGEST_FRAME) leave(76);
    if (buffer_count(&requests) < 5 + length) return false;
    bool isRelayed = head[0] == FRAME_DATA || head[0] == FRAME_OVER || head[0] == FRAME_WINDOW;
    bool isAboutRunning = head[0] == FRAME_SIGNAL || head[0] == FRAME_KILL || isRelayed;
    if (running.pid && !isAboutRunning) return false;
    struct reader reader = {head + 5, length, false};
    switch (head[0]) {
    case FRAME_FILE: write_file(&reader, &answers); break;
    case FRAME_REMOVE: remove_path(&reader); break;
    case FRAME_LISTEN: send_listeners(&reader, &answers); break;
    case FRAME_RELAY: relay_open(&reader, &answers); break;
    case FRAME_DATA:
    case FRAME_OVER:
    case FRAME_WINDOW:
        if (!relay_take(head[0], &reader, &answers)) leave(76);
        break;
    case FRAME_RUN: run_start(&running, &reader, &answers); break;
    case FRAME_SIGNAL: {
        int number = (int)take_number(&reader);
        if (running.pid && !running.over && number > 0 && number < 65) kill(-running.pid, number);
        break;
    }
    /* Whoever is reaped there has ended by this; `over` comes from its status. */
    case FRAME_KILL:
        if (running.pid && !running.over) kill(running.pid, SIGKILL);
        break;
    default: leave(76);
    }
    buffer_drop(&requests, 5 + length);
    return true;
}

static void read_requests(void) {
    static unsigned char chunk[CHUNK];
    ssize_t count = read(0, chunk, sizeof chunk);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) leave(0);
    buffer_add(&requests, chunk, (size_t)count);
}

static void write_answers(void) {
    ssize_t count = write(1, answers.bytes + answers.start, buffer_count(&answers));
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count < 0) leave(0);
    buffer_drop(&answers, (size_t)count);
}

static void hand_on(int *number, enum frame kind) {
    static unsigned char chunk[CHUNK];
    ssize_t count = read(*number, chunk, sizeof chunk);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count > 0) {
        put_frame(&answers, kind, chunk, (size_t)count);
        return;
    }
    close(*number);
    *number = -1;
}

static void turn(int children) {
    /* A slow reader holds up what is printed, never what we are asked to do. */
    bool isFull = buffer_count(&answers) >= CHUNK;
    struct pollfd waiting[5 + RELAY_MOST] = {
        {0, POLLIN, 0},
        {buffer_count(&answers) > 0 ? 1 : -1, POLLOUT, 0},
        {children, POLLIN, 0},
        {isFull ? -1 : running.output, POLLIN, 0},
        {isFull ? -1 : running.errors, POLLIN, 0},
    };
    size_t relayed = relay_wait(waiting + 5, isFull);
    if (poll(waiting, 5 + relayed, -1) < 0) return;
    if (waiting[1].revents) write_answers();
    if (waiting[3].revents) hand_on(&running.output, FRAME_OUTPUT);
    if (waiting[4].revents) hand_on(&running.errors, FRAME_ERRORS);
    relay_act(waiting + 5, &answers);
    if (waiting[2].revents) {
        struct signalfd_siginfo news;
        while (read(children, &news, sizeof news) > 0) {}
        bool wasOver = running.over;
        run_reap(&running);
        /* What it has started ends with it. */
        if (running.pid && running.over && !wasOver) run_kill_all();
    }
    if (waiting[0].revents) read_requests();
    if (running.pid && running.over && running.output < 0 && running.errors < 0) {
        relay_finish(&answers);
        run_tell_end(&running, &answers);
    }
    while (take_request()) {}
}

int main(int count, char **words) {
    /* Nobody inside, though of the same user, may look into this process, or write where it does. */
    prctl(PR_SET_DUMPABLE, 0);
    if (count > 2 && strcmp(words[1], "reach") == 0) return reach(words + 2);
    if (count > 2 && strcmp(words[1], "watch") == 0) return watch(words + 2);
    if (count > 2 && strcmp(words[1], "look") == 0) return look_once(words + 2);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigset_t waited;
    sigemptyset(&waited);
    sigaddset(&waited, SIGCHLD);
    sigprocmask(SIG_BLOCK, &waited, NULL);
    int children = signalfd(-1, &waited, SFD_CLOEXEC | SFD_NONBLOCK);
    if (children < 0) return 71;
    fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
    fcntl(1, F_SETFL, fcntl(1, F_GETFL) | O_NONBLOCK);
    unsigned char hello[28] = {INSIDE_VERSION};
    uint32_t user = getuid(), walls = own_walls();
    uint64_t limits[2] = {group_memory_limit(), group_processes_limit()};
    for (int i = 0; i < 4; i++) hello[4 + i] = user >> 8 * i & 255;
    for (int i = 0; i < 4; i++) hello[8 + i] = walls >> 8 * i & 255;
    for (int i = 0; i < 16; i++) hello[12 + i] = limits[i / 8] >> 8 * (i % 8) & 255;
    put_frame(&answers, FRAME_HELLO, hello, sizeof hello);
    while (true) turn(children);
}
