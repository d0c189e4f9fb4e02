/* What smelt-egress needs of the kernel, of c-ares and of OpenSSL: calls that Swift's Glibc module leaves out, and the
 * libraries behind a few functions each. Nothing here decides anything. Failures are -1 or NULL with errno, unless a
 * comment says otherwise. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* sockets.c: every socket is close-on-exec and never waits. */

struct egress_place {
    uint8_t bytes[16];
    /* 4 or 16 of them count. */
    uint8_t count;
    uint16_t port;
};

/* A sender of a datagram, as the kernel wrote it. */
struct egress_sender {
    uint8_t bytes[128];
    uint32_t size;
};

/* What it accepts from now on is sent at once, however small. */
void egress_hurry(int listener);
int egress_accept(int listener);
int egress_listen(const struct egress_place *_Nonnull place);
/* Under way when it returns: the socket becomes writable when it has been decided (egress_error). */
int egress_connect(const struct egress_place *_Nonnull place);
/* The pending error of a socket, 0 for none. */
int egress_error(int number);
bool egress_local(int number, struct egress_place *_Nonnull place);
bool egress_remote(int number, struct egress_place *_Nonnull place);
/* Closes it so that the other end sees a reset. */
void egress_reset(int number);
ssize_t egress_receive_from(int number, uint8_t *_Nonnull bytes, size_t most, struct egress_sender *_Nonnull sender);
ssize_t egress_send_to(int number, const uint8_t *_Nonnull bytes, size_t count, const struct egress_sender *_Nonnull sender);
ssize_t egress_send(int number, const uint8_t *_Nonnull bytes, size_t count);
/* Takes descriptors that came with one message, at most `most`; their number, 0 at the end. */
int egress_take(int number, int *_Nonnull found, int most);

/* epoll: `mark` comes back with what is ready. */
int egress_poll_make(void);
#define EGRESS_READ 1
#define EGRESS_WRITE 2
bool egress_poll_add(int poll, int number, int wanted, uint64_t mark);
bool egress_poll_change(int poll, int number, int wanted, uint64_t mark);
struct egress_event {
    uint64_t mark;
    /* Errors and ends count as both. */
    int ready;
};
/* 64 at most; -1 milliseconds is forever. */
int egress_poll_wait(int poll, struct egress_event *_Nonnull events, int milliseconds);

/* confine.c */

enum egress_step {
    EGRESS_STEP_NONE,
    EGRESS_STEP_NAMESPACES,
    EGRESS_STEP_MAP,
    EGRESS_STEP_ROOT,
    EGRESS_STEP_USER,
    EGRESS_STEP_PRIVILEGES,
    EGRESS_STEP_LIMITS,
    EGRESS_STEP_LANDLOCK,
    EGRESS_STEP_FILTER,
};

struct egress_confinement {
    /* For root: whom to become; else ignored. */
    uid_t user;
    gid_t group;
    uint64_t descriptors;
    uint64_t memory;
};

/* Leaves this process without files, without privileges and without a way to get any back, and with the system calls that
 * serving needs. It must have one thread.
 * The step that failed, or EGRESS_STEP_NONE. */
enum egress_step egress_confine(const struct egress_confinement *_Nonnull wanted);

/* landlock.c and filter.c: parts of it, for a thread without new privileges. True also where the kernel has no Landlock. */
bool egress_landlock(void);
bool egress_filter(void);

/* names.c: c-ares, one channel. */

struct egress_names;
struct egress_found {
    struct egress_place *_Nonnull places;
    size_t count;
    /* The shortest time that they hold, seconds. */
    int seconds;
};
typedef void (*egress_answer)(void *_Nonnull owner, uint64_t query, const struct egress_found *_Nullable found, const char *_Nullable reason);
typedef void (*egress_watch)(void *_Nonnull owner, int number, int wanted);

/* `servers` as "address" or "address:port" with commas, NULL for those of resolv.conf, which is read now. */
struct egress_names *_Nullable egress_names_make(
    const char *_Nullable servers, void *_Nonnull owner, egress_answer _Nonnull answer, egress_watch _Nonnull watch);
/* The answer may come before this returns. */
void egress_names_ask(struct egress_names *_Nonnull names, const char *_Nonnull name, uint64_t query);
/* What is ready of a descriptor; -1 for clocks alone. */
void egress_names_work(struct egress_names *_Nonnull names, int number, int ready);
/* Milliseconds until egress_names_work has to be called anyway; -1 when nothing is under way. */
int egress_names_wait(struct egress_names *_Nonnull names);

/* tls.c: OpenSSL as a client. */

struct egress_trust;
struct egress_tls;
/* Certificates from a file, read now; NULL and a sentence when they cannot be used. */
struct egress_trust *_Nullable egress_trust_make(const char *_Nonnull file, char *_Nonnull reason, size_t size);
/* For a connected socket, which stays the caller's; `name` is checked in the certificate, or else `address`. */
struct egress_tls *_Nullable egress_tls_make(
    struct egress_trust *_Nonnull trust, int number, const char *_Nullable name, const char *_Nullable address);
#define EGRESS_TLS_READ (-2)
#define EGRESS_TLS_WRITE (-3)
/* 0 when done, EGRESS_TLS_READ or _WRITE when that has to be waited for, -1 and a sentence when it failed. */
int egress_tls_shake(struct egress_tls *_Nonnull tls, char *_Nonnull reason, size_t size);
/* As read and write, or EGRESS_TLS_*. */
ssize_t egress_tls_read(struct egress_tls *_Nonnull tls, uint8_t *_Nonnull bytes, size_t most);
ssize_t egress_tls_write(struct egress_tls *_Nonnull tls, const uint8_t *_Nonnull bytes, size_t count);
/* Decrypted bytes that wait to be read. */
bool egress_tls_holds(struct egress_tls *_Nonnull tls);
void egress_tls_end(struct egress_tls *_Nonnull tls);
