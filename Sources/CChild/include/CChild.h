// The C between clone and exec: structs that Swift prepares, system calls that a child makes, and one
// report back on a pipe. Nothing here decides anything; the order of confinement is in start.c.

#ifndef SMELT_CCHILD_H
#define SMELT_CCHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/types.h>

/// What the child was doing when it failed; `where` in the report says with which source or mount.
enum child_step {
    CHILD_STEP_NONE,
    CHILD_STEP_CLONE,
    CHILD_STEP_GROUP,
    CHILD_STEP_MAP,
    CHILD_STEP_IDENTITY,
    CHILD_STEP_SOURCE,
    CHILD_STEP_PRIVATE,
    CHILD_STEP_MOUNT,
    CHILD_STEP_TARGET,
    CHILD_STEP_NESTING,
    CHILD_STEP_ROOT,
    CHILD_STEP_HOSTNAME,
    CHILD_STEP_TERMINAL,
    CHILD_STEP_LOOPBACK,
    CHILD_STEP_LISTEN,
    CHILD_STEP_PRIVILEGES,
    CHILD_STEP_LANDLOCK,
    CHILD_STEP_DESCRIPTORS,
    CHILD_STEP_LIMIT,
    CHILD_STEP_DIRECTORY,
    CHILD_STEP_FILTER,
    CHILD_STEP_TRACE,
    CHILD_STEP_EXEC,
};

/// A piece of the host that the sandbox will see. Either `tree` is a detached mount that the caller made with
/// child_clone_tree, or it is -1 and the child opens `path` itself, with its caller's rights.
struct child_source {
    const char *_Nonnull path;
    int tree;
    bool recursive;
    /// MOUNT_ATTR_* to set, on all mounts below when `recursive`.
    uint64_t attributes;
    /// A user namespace to map owners with, or -1. Only a privileged caller may.
    int owners;
    /// One of what lies in a directory of the host: when it is gone by now, it is left out.
    bool fleeting;
};

enum child_mount_kind {
    /// `source` appears at the target.
    CHILD_MOUNT_BIND,
    /// A read-only file of `contents` with `mode`; without contents, of what `descriptor` holds from its start on.
    CHILD_MOUNT_FILE,
    /// A private writable directory with `mode`, in the memory that all of these share.
    CHILD_MOUNT_SCRATCH,
    /// An empty directory, or an unreadable file, over what is there.
    CHILD_MOUNT_HIDE,
    /// The same where nothing may be yet: an empty file is made there first, and stays. Nothing happens where none can
    /// be made, for then the command cannot either.
    CHILD_MOUNT_MASK,
    /// A directory that cannot be moved away from its name; what is in it is as before.
    CHILD_MOUNT_PIN,
    /// A file system in memory of its own, of at most `size` bytes.
    CHILD_MOUNT_MEMORY,
    /// A directory of files that only the command's user can read, in memory that is never swapped out: `names`, each
    /// with what the descriptor of the same place in `lowers` holds from its start on.
    CHILD_MOUNT_SECRETS,
    /// `lowers` under a writable `upper` and `work`, both names in the directory that is `source`.
    CHILD_MOUNT_OVERLAY,
    /// `lowers` with the empty places of `names` added; nothing in it is writable.
    CHILD_MOUNT_PLACES,
    /// The processes of the sandbox; user namespaces below are turned off through it.
    CHILD_MOUNT_PROC,
    /// Terminals of its own.
    CHILD_MOUNT_TERMINALS,
    /// A symbolic link to `contents`; not a mount at all.
    CHILD_MOUNT_LINK,
};

struct child_mount {
    enum child_mount_kind kind;
    /// Absolute, inside the sandbox. No part of it may be a symbolic link.
    const char *_Nullable target;
    int source;
    const char *_Nullable contents;
    int descriptor;
    size_t size;
    mode_t mode;
    /// Of a private directory: no symbolic link in it is followed.
    bool linkless;
    const int *_Nullable lowers;
    size_t lower_count;
    const char *_Nullable upper;
    const char *_Nullable work;
    /// Relative to the target; one that ends in a slash is a directory.
    const char *_Nullable const *_Nullable names;
    size_t name_count;
    /// What Landlock lets be done below the target, LANDLOCK_ACCESS_FS_*.
    uint64_t rights;
};

struct child_limit {
    int resource;
    struct rlimit value;
};

/// Landlock's masks; all zero where it is not used.
struct child_landlock {
    /// LANDLOCK_ACCESS_FS_* that need a rule from then on.
    uint64_t files;
    /// LANDLOCK_SCOPE_*.
    uint64_t scopes;
    /// What may be done with every directory.
    uint64_t root;
    /// LANDLOCK_RESTRICT_SELF_*.
    unsigned flags;
};

/// A socket that is open inside and served outside.
struct child_listener {
    /// Of IPv4, in network order.
    uint32_t address;
    uint16_t port;
    bool datagrams;
};

/// Ids inside, from `inside` on, that stand for as many of the host's.
struct child_range {
    unsigned inside, outside, count;
};

struct child {
    /// Ids on the host and inside; one of each is mapped.
    uid_t host_user, user;
    gid_t host_group, group;
    /// What is mapped besides: at most 8 ranges of each.
    const struct child_range *_Nullable users;
    size_t user_count;
    const struct child_range *_Nullable groups;
    size_t group_count;
    /// The programs that map them for a caller who may not do it, newuidmap(1) and newgidmap(1); NULL for one who may.
    const char *_Nullable user_mapper;
    const char *_Nullable group_mapper;
    /// The caller may drop supplementary groups (it is privileged); otherwise they stay.
    bool privileged;
    bool network;
    /// Made in the network of the child's own and sent, in this order and with one message, on the socket `door`.
    const struct child_listener *_Nullable listeners;
    size_t listener_count;
    int door;
    /// The directory of the control group to be born in, or -1 for the caller's.
    int control_group;

    const struct child_source *_Nullable sources;
    size_t source_count;
    const struct child_mount *_Nullable mounts;
    size_t mount_count;
    /// Bytes of memory that the private directories share.
    uint64_t scratch;
    struct child_landlock landlock;
    /// Capabilities that stay, a bit each.
    uint64_t capabilities;

    /// Classic BPF, instructions of 8 bytes, that judges the command's system calls; no filter when there are 0.
    const void *_Nullable filter;
    size_t filter_length;
    /// The same judgements, but what is refused is told to a listener, which answers with the error. It is sent over
    /// `news` before the start is reported, or nothing when there can be none; -1 when nobody asks.
    const void *_Nullable telling_filter;
    int news;

    /// A socket on which the command asks to be traced, or -1; and the filter that stops it for its tracer.
    int tracer;
    const void *_Nullable tracing_filter;
    size_t tracing_filter_length;

    const char *_Nullable hostname;
    const struct child_limit *_Nullable limits;
    size_t limit_count;
    const char *_Nullable directory;
    /// Paths tried in order, as execvp would.
    const char *_Nullable const *_Nullable programs;
    size_t program_count;
    char *_Nullable const *_Nullable arguments;
    char *_Nullable const *_Nullable environment;
    /// What becomes 0, 1 and 2, unless there is a terminal.
    int stdio[3];
    /// A socket that gets the outer end of a fresh terminal, or -1; and how large that terminal is.
    int terminal;
    struct winsize window;
};

/// What the child says on the report pipe, whole and at most three times: a failure, or a start and an ending.
struct child_report {
    enum { CHILD_FAILED = 1, CHILD_STARTED, CHILD_ENDED } kind;
    enum child_step step;
    /// errno of a failure, wait status of an ending.
    int value;
    /// Which source, mount, limit or program.
    int where;
};

struct child_handle {
    pid_t pid;
    int pidfd;
    int report;
    /// Held until the child has started: its other end tells the child that we live.
    int gate;
};

/// Starts the child. Fills in `handle`, whose descriptors the caller owns and whose process the caller reaps, and
/// returns true; or fills in `failure` and returns false with nothing left behind. Does not wait for the child.
bool child_start(const struct child *_Nonnull child, struct child_handle *_Nonnull handle,
                 struct child_report *_Nonnull failure);

/// A detached copy of the mounts at a path none of whose parts is a symbolic link; -1 and errno otherwise.
int child_clone_tree(const struct child_source *_Nonnull source);

/// The descriptor that the other end of a socket pair handed over; -1 and errno otherwise. Waits.
int child_receive(int socket);

/// The newest Landlock that the kernel has, from 1; -1 and errno where it has none or it is turned off.
int child_landlock_version(void);

/// A user namespace in which `owner` on disk stands for `user` at work, for an idmapped mount; -1 and errno otherwise.
int child_owner_map(uid_t owner, gid_t group, uid_t user, gid_t user_group);

#endif
