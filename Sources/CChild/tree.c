// Mounts as descriptors: the new mount calls, which glibc 2.36 has only in part, and opening without links.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

/// Opens a path without following a link; an absolute one is taken from `directory`, and cannot leave it.
int open_beneath(int directory, const char *path, uint64_t flags) {
    struct open_how how = {
        .flags = flags | O_CLOEXEC,
        .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    if (directory != AT_FDCWD) how.resolve |= RESOLVE_IN_ROOT;

    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

/// A mounted but detached file system. `options` are key, value, …, NULL; an empty value makes a flag.
int file_system(const char *type, const char *const *options, uint64_t attributes) {
    int context = fsopen(type, FSOPEN_CLOEXEC);
    if (context < 0) return -1;

    int result = -1;
    for (; *options; options += 2) {
        bool flag = options[1][0] == '\0';
        if (fsconfig(context, flag ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING, options[0],
                     flag ? NULL : options[1], 0) != 0) {
            goto done;
        }
    }
    if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0) goto done;
    result = fsmount(context, FSMOUNT_CLOEXEC, (unsigned)attributes);

done:;
    int saved = errno;
    close(context);
    errno = saved;
    return result;
}

/// Attaches a detached tree at `path` in `directory`, or at `directory` itself when the path is empty.
int attach(int tree, int directory, const char *path) {
    unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | (*path ? 0 : MOVE_MOUNT_T_EMPTY_PATH);
    return move_mount(tree, "", directory, path, flags);
}

int clone_at(int directory, const char *path, unsigned flags) {
    return open_tree(directory, path,
                     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (*path ? 0 : AT_EMPTY_PATH) | flags);
}

/// Sets attributes and cuts the tree off from what is mounted on the host later.
int set_attributes(int tree, bool recursive, uint64_t attributes, int owners) {
    struct mount_attr change = { .attr_set = attributes, .propagation = MS_PRIVATE };
    if (owners >= 0) {
        change.attr_set |= MOUNT_ATTR_IDMAP;
        change.userns_fd = (uint64_t)owners;
    }
    return mount_setattr(tree, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &change,
                         sizeof change);
}

int child_clone_tree(const struct child_source *source) {
    // The path is resolved once; what follows works on the descriptor, so it cannot be swapped in between.
    int place = open_beneath(AT_FDCWD, source->path, O_PATH | O_NOFOLLOW);
    if (place < 0) return -1;

    int tree = clone_at(place, "", source->recursive ? AT_RECURSIVE : 0);
    int saved = errno;
    close(place);
    errno = saved;
    if (tree < 0) return -1;

    if (set_attributes(tree, source->recursive, source->attributes, source->owners) != 0) {
        saved = errno;
        close(tree);
        errno = saved;
        return -1;
    }
    return tree;
}
