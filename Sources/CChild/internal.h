// What the files of this target share with each other.

#ifndef SMELT_CCHILD_INTERNAL_H
#define SMELT_CCHILD_INTERNAL_H

#include "CChild.h"

/// Where the child is and how it reports; on its stack, never shared.
struct stage {
    const struct child *child;
    int report;
    int where;
    /// Landlock's rules so far, or -1.
    int ruleset;
    /// What becomes 0, 1 and 2.
    int stdio[3];
    /// The filter's listener, and the socket on which it leaves; or -1.
    int listener;
    int news;
    /// On which to ask to be traced; or -1.
    int tracer;
    /// Set in the process that becomes the command, which shares this memory: what it cannot do is left here, since
    /// its filter may not let it write.
    bool is_command;
    struct child_report failure;
};

/// Reports errno at a step and ends the process.
_Noreturn void stage_fail(struct stage *stage, enum child_step step);

/// map.c: in the parent.
bool map_ids(const struct child *child, pid_t pid);
/// Writes a file of a process's in /proc.
bool put_text(pid_t pid, const char *file, const char *text);
/// Ranges that are mapped besides one's own id.
#define MOST_RANGES 8
/// build.c: the new root, and the process inside it.
void build_root(struct stage *stage);
/// confine.c
void confine_identity(struct stage *stage);
void confine_network(struct stage *stage);
void confine_bounds(struct stage *stage);
void confine_privileges(struct stage *stage);
void confine_limits(struct stage *stage);
/// landlock.c: in this order.
void landlock_begin(struct stage *stage);
void landlock_allow(struct stage *stage, int tree, bool is_directory, uint64_t rights);
void landlock_enter(struct stage *stage);
/// pass.c
bool hand_over(int socket, const int *descriptors, size_t count);
/// So many in one message (SCM_MAX_FD of the kernel).
#define MOST_PASSED 253
/// terminal.c: in the finished root; and by the command, in a session of its own.
void terminal_make(struct stage *stage);
void terminal_take(struct stage *stage);
/// listen.c
void open_listeners(struct stage *stage);
/// seccomp.c: filters the calls of this process from here on.
void seccomp_enter(struct stage *stage);
/// Sends the listener to our caller, from a process that is not filtered.
void seccomp_hand_over(struct stage *stage);
/// Stops this process at the calls of a filter, for its tracer.
void seccomp_trace(struct stage *stage);
/// trace.c: what the command and the first process share of the stage; and waits until the command is traced.
struct stage *trace_share(struct stage *stage);
void trace_begin(struct stage *stage);
/// init.c: the first process inside, until the command has ended.
_Noreturn void init_run(struct stage *stage);

/// tree.c
int open_beneath(int directory, const char *path, uint64_t flags);
int file_system(const char *type, const char *const *options, uint64_t attributes);
int attach(int tree, int directory, const char *path);
int clone_at(int directory, const char *path, unsigned flags);
int set_attributes(int tree, bool recursive, uint64_t attributes, int owners);

#endif
