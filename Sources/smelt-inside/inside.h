/* What the files of smelt-inside share. It is C for the same reason as CChild: it must run where there is nothing,
   and it is a first process. */
#ifndef SMELT_INSIDE_H
#define SMELT_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct pollfd;

/* Both directions: one byte kind, four bytes length (little endian), so many bytes. Numbers in them are little endian,
   texts have their length in four bytes before them. */
enum frame {
    FRAME_FILE = 'f',   /* mode, path, contents to the end */
    FRAME_REMOVE = 'u', /* path to the end: a file, or what is in a directory */
    FRAME_RUN = 'r',    /* directory, input's path, count, arguments, count, variables */
    FRAME_SIGNAL = 's', /* number: to the command's group */
    FRAME_KILL = 'k',   /* everything that runs */
    FRAME_LISTEN = 'l', /* path of a socket, count, and of each: IPv4 address, port, 1 for datagrams */
    FRAME_LOOK = 'm',   /* only of who watches, see watch.c: 64 bits, how many bytes are enough to be told */
    FRAME_RELAY = 't',  /* count: so many listeners on the loopback, whose connections come over this stream until the
                           command has ended */

    FRAME_HELLO = 'h',  /* version, user, walls, limits of memory and processes (64 bits each, 0: none) */
    FRAME_OUTPUT = 'o',
    FRAME_ERRORS = 'e',
    FRAME_ENDED = 'x',  /* how, value, user and system microseconds, peak bytes, OOM kills (64 bits each) */
    FRAME_REFUSED = 'n', /* sentence: what was asked for before could not be done */
    FRAME_LOOKED = 'D',  /* bytes, microseconds that it took (64 bits each), flags of look.h */
    FRAME_PORTS = 'p',   /* of each listener that was asked for */
    FRAME_ACCEPTED = 'a', /* connection, listener; connections are counted from 1 since the listeners are there */

    /* Both ways, of a connection. */
    FRAME_DATA = 'd',  /* connection, bytes: no more than the window has room for, which is 65,536 at first */
    FRAME_OVER = 'c',  /* connection, 0: nothing more comes, or 1: it is broken in both directions */
    FRAME_WINDOW = 'w' /* connection, count: there is room for so many more */
};

/* What the kernel says of this process, and so of all that it starts. */
enum walls { WALL_FILTER = 1, WALL_NO_PRIVILEGES = 2, WALL_NO_CAPABILITIES = 4, WALL_READ_ONLY = 8 };

enum ended { ENDED_EXITED, ENDED_KILLED, ENDED_NOT_STARTED, ENDED_NO_DIRECTORY, ENDED_NO_INPUT };

#define INSIDE_VERSION 1
#define LONGEST_FRAME (64u << 20)
#define CHUNK 65536

/* What came in and is not used up; what is to go out. */
struct buffer {
    unsigned char *_Nullable bytes;
    size_t start, end, room;
};

void buffer_add(struct buffer *_Nonnull, const void *_Nonnull, size_t);
void buffer_drop(struct buffer *_Nonnull, size_t);
static inline size_t buffer_count(const struct buffer *_Nonnull buffer) { return buffer->end - buffer->start; }

void put_frame(struct buffer *_Nonnull, enum frame, const void *_Nullable, size_t);
void refuse(struct buffer *_Nonnull, const char *_Nonnull what, const char *_Nonnull object, int error);

/* A frame's contents, taken piece by piece; `bad` once it was too short. */
struct reader {
    const unsigned char *_Nonnull at;
    size_t left;
    bool bad;
};
uint32_t take_number(struct reader *_Nonnull);
char *_Nonnull take_text(struct reader *_Nonnull); /* ends with 0; in newly allocated memory */

void write_file(struct reader *_Nonnull, struct buffer *_Nonnull answers);
void remove_path(struct reader *_Nonnull);

/* The command that runs. */
struct run {
    pid_t pid;         /* 0: none */
    int output, errors; /* our ends, -1 once they have ended */
    bool over;         /* the command has ended, and `status` is set */
    int status;
    uint64_t user, system, oom_kills; /* as they were at the start */
};
/* What could not be started has been answered. */
void run_start(struct run *_Nonnull, struct reader *_Nonnull, struct buffer *_Nonnull answers);
void run_reap(struct run *_Nonnull);
void run_kill_all(void);
void run_tell_end(struct run *_Nonnull, struct buffer *_Nonnull answers);

/* Opens them, those that are not yet, and sends them through the socket to whoever serves them. */
void send_listeners(struct reader *_Nonnull, struct buffer *_Nonnull answers);

/* So many at once; who comes then waits in the kernel. */
#define RELAY_LISTENERS 128
#define RELAY_CONNECTIONS 128
#define RELAY_MOST (RELAY_LISTENERS + RELAY_CONNECTIONS)
void relay_open(struct reader *_Nonnull, struct buffer *_Nonnull answers);
/* Listeners and connections are gone. */
void relay_shut(void);
/* The same once every program has ended: what they wrote last is carried, as far as there is room for it; what is more
 * than that makes its connection a broken one. */
void relay_finish(struct buffer *_Nonnull answers);
/* What is waited for, at most RELAY_MOST; then, with the same, what has come. */
size_t relay_wait(struct pollfd *_Nonnull waiting, bool isFull);
void relay_act(const struct pollfd *_Nonnull waiting, struct buffer *_Nonnull answers);
/* A frame about a connection; false for one that makes no sense. */
bool relay_take(enum frame, struct reader *_Nonnull, struct buffer *_Nonnull answers);
bool is_of_ours(int connection);

uint32_t own_walls(void);
/* UINT64_MAX: not bounded; 0: nobody says. */
uint64_t group_memory_limit(void);
uint64_t group_processes_limit(void);
uint64_t group_oom_kills(void);
uint64_t group_peak_bytes(void);
int reach(char *_Nullable *_Nonnull words);

#endif
