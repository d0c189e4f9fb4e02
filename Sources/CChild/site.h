// The root while it is being built: what build.c, mounts.c and place.c share.

#ifndef SMELT_CCHILD_SITE_H
#define SMELT_CCHILD_SITE_H

#include "internal.h"

struct site {
    struct stage *stage;
    /// The file system in memory from which the root gets what is ours.
    int shed;
    int root;
    int *trees;
    /// A new name in the shed for each thing made.
    int count;
};

static inline void need(struct site *site, bool done, enum child_step step) {
    if (!done) stage_fail(site->stage, step);
}

/// mounts.c: one mount of the plan, at its place in the root.
void put_mount(struct site *site, const struct child_mount *mount);

/// place.c. Makes all directories above the last part of a path, each opened without following a link; returns the
/// last of them.
int parents(int directory, const char *path, const char **last);
/// The place at a path inside, made when it is not there: a directory or an empty file.
int place(int directory, const char *path, bool is_directory, mode_t mode);
bool is_directory(int descriptor);

#endif
