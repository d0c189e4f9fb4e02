// The root while it is being built: what build.c, mounts.c and place.c share.

#ifndef SMELT_CCHILD_SITE_H
#define SMELT_CCHILD_SITE_H

#include <limits.h>

#include "internal.h"

struct site {
    struct stage *stage;
    /// The file system in memory from which the root gets what is ours.
    int shed;
    /// The same for reading: what is cloned from here cannot be written through.
    int still;
    int root;
    int *trees;
    /// A new name in the shed for each thing made.
    int count;
    /// The directory that `above` found last, or -1, and its path in the root.
    int parent;
    char parent_path[PATH_MAX];
};

static inline void need(struct site *site, bool done, enum child_step step) {
    if (!done) stage_fail(site->stage, step);
}

/// mounts.c: one mount of the plan, at its place in the root.
void put_mount(struct site *site, const struct child_mount *mount);

/// place.c. The directory that holds the last part of a path in the root, which `last` points to; directories that are
/// missing are made, and no link is followed. It stays the site's; -1 and errno otherwise.
int above(struct site *site, const char *path, const char **last);
/// Attaches a tree at a path in the root, where a directory or an empty file is made when nothing is there; false and
/// errno otherwise, `placed` telling whether there was a place.
bool attach_at(struct site *site, int tree, const char *path, bool is_directory, bool *placed);
/// After a mount at a path in the root: what was found below it is somewhere else now.
void forget(struct site *site, const char *path);
/// The place at a path in any tree, made when it is not there: a directory or an empty file.
int place(int directory, const char *path, bool is_directory, mode_t mode);
bool is_directory(int descriptor);

#endif
