// Each kind of mount, as it is put into the root.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "site.h"

/// A fresh name in the shed.
static void name(struct site *site, char text[16]) {
    snprintf(text, 16, "%d", site->count++);
}

/// Whether nobody inside can get to a path because of the modes above it: then there is nothing to be put over it, and
/// no way to. The privileged caller who names such a path may have got there.
static bool is_out_of_reach(struct site *site, const char *path) {
    int at = open_beneath(site->root, path, O_PATH);
    if (at >= 0) close(at);
    return at < 0 && errno == EACCES;
}

/// Attaches a tree at the mount's place, of the tree's own kind, in the root.
static void put_kind(struct site *site, int tree, const struct child_mount *mount, bool directory) {
    need(site, tree >= 0, CHILD_STEP_MOUNT);
    if (strcmp(mount->target, "/") == 0) {
        errno = EBUSY;
        stage_fail(site->stage, CHILD_STEP_TARGET);
    }
    bool placed;
    bool done = attach_at(site, tree, mount->target, directory, &placed);
    int saved = errno;
    if (!done && !placed && saved == EACCES && mount->kind == CHILD_MOUNT_SCRATCH &&
        is_out_of_reach(site, mount->target)) {
        close(tree);
        return;
    }
    errno = saved;
    need(site, done, placed ? CHILD_STEP_MOUNT : CHILD_STEP_TARGET);
    landlock_allow(site->stage, tree, directory, mount->rights);
    close(tree);
}

static void put(struct site *site, int tree, const struct child_mount *mount) {
    need(site, tree >= 0, CHILD_STEP_MOUNT);
    put_kind(site, tree, mount, is_directory(tree));
}

/// What somebody replaces while it is attached is taken anew, and what he removes stays away.
static void put_bind(struct site *site, const struct child_mount *mount) {
    const struct child_source *source = &site->stage->child->sources[mount->source];
    int tree = site->trees[mount->source];
    for (int tries = 0; source->fleeting && tries < 8; tries++) {
        if (tree < 0) return;
        bool placed, directory = is_directory(tree);
        if (attach_at(site, tree, mount->target, directory, &placed)) {
            landlock_allow(site->stage, tree, directory, mount->rights);
            close(tree);
            return;
        }
        if (!placed || errno != ENOENT) break;
        close(tree);
        tree = child_clone_tree(source);
        need(site, tree >= 0 || errno == ENOENT, CHILD_STEP_MOUNT);
    }
    put(site, tree, mount);
}

static void fill(struct site *site, int file, const char *contents, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t count = write(file, contents + done, size - done);
        need(site, count > 0, CHILD_STEP_MOUNT);
        done += (size_t)count;
    }
}

/// From the start on, whatever was read before: the same descriptor serves every launch.
static void copy(struct site *site, int file, int from) {
    char part[16384];
    off_t at = 0;
    for (ssize_t count; (count = pread(from, part, sizeof part, at)) != 0; at += count) {
        need(site, count > 0, CHILD_STEP_MOUNT);
        fill(site, file, part, (size_t)count);
    }
    // It may be a secret.
    explicit_bzero(part, sizeof part);
}

static void put_file(struct site *site, const struct child_mount *mount) {
    char label[16];
    name(site, label);
    int file = openat(site->shed, label, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mount->mode);
    need(site, file >= 0, CHILD_STEP_MOUNT);
    if (mount->contents != NULL) {
        fill(site, file, mount->contents, mount->size);
    } else {
        copy(site, file, mount->descriptor);
    }
    close(file);
    put_kind(site, clone_at(site->still, label, 0), mount, false);
}

static void put_scratch(struct site *site, const struct child_mount *mount) {
    char label[16];
    name(site, label);
    need(site, mkdirat(site->shed, label, mount->mode) == 0, CHILD_STEP_MOUNT);
    int tree = clone_at(site->shed, label, 0);
    if (mount->linkless) {
        need(site, tree >= 0 && set_attributes(tree, false, MOUNT_ATTR_NOSYMFOLLOW, -1) == 0, CHILD_STEP_MOUNT);
    }
    put_kind(site, tree, mount, true);
}

static void put_cover(struct site *site, const struct child_mount *mount) {
    int at = open_beneath(site->root, mount->target, O_PATH);
    if (at < 0 && errno == EACCES) return;
    if (at < 0 && errno == ENOENT && mount->kind == CHILD_MOUNT_MASK) {
        at = place(site->root, mount->target, false, 0);
        if (at < 0 && (errno == EACCES || errno == EROFS || errno == EPERM)) return;
    }
    need(site, at >= 0, CHILD_STEP_TARGET);
    int tree = clone_at(site->still, is_directory(at) ? "nothing" : "none", 0);
    need(site, tree >= 0 && attach(tree, at, "") == 0, CHILD_STEP_MOUNT);
    forget(site, mount->target);
    close(at);
    close(tree);
}

/// A mount of the directory on itself: what is mounted on cannot be renamed or removed.
static void put_pin(struct site *site, const struct child_mount *mount) {
    int at = open_beneath(site->root, mount->target, O_PATH | O_DIRECTORY);
    if (at < 0 && errno == ENOENT) return;
    need(site, at >= 0, CHILD_STEP_TARGET);
    int tree = clone_at(at, "", AT_RECURSIVE);
    need(site, tree >= 0 && attach(tree, at, "") == 0, CHILD_STEP_MOUNT);
    forget(site, mount->target);
    close(at);
    close(tree);
}

static void put_memory(struct site *site, const struct child_mount *mount) {
    char size[24], mode[16];
    snprintf(size, sizeof size, "%zu", mount->size);
    snprintf(mode, sizeof mode, "%o", mount->mode);
    const char *options[] = { "size", size, "mode", mode, NULL };
    put_kind(site, file_system("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV), mount, true);
}

/// ramfs and not tmpfs, which swaps, and in a user namespace takes no order not to. It knows no bound: what is put in is
/// small, and afterwards nobody can write there.
static void put_secrets(struct site *site, const struct child_mount *mount) {
    const char *options[] = { "mode", "0500", NULL };
    int tree = file_system("ramfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSYMFOLLOW);
    need(site, tree >= 0, CHILD_STEP_MOUNT);
    for (size_t index = 0; index < mount->name_count; index++) {
        int file = openat(tree, mount->names[index], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
        need(site, file >= 0, CHILD_STEP_MOUNT);
        copy(site, file, mount->lowers[index]);
        close(file);
    }
    need(site, set_attributes(tree, false, MOUNT_ATTR_RDONLY, -1) == 0, CHILD_STEP_MOUNT);
    put(site, tree, mount);
}

/// Puts an overlay together in the shed. Its layers are named relative to a directory of ours, because names from
/// outside could hold the ':' that separates layers, and kernels before 6.13 take no descriptors here.
static void put_overlay(struct site *site, const struct child_mount *mount) {
    char label[16], part[16], layers[512], upper[NAME_MAX + 8], work[NAME_MAX + 8];
    size_t length = 0;
    name(site, label);
    need(site, mkdirat(site->shed, label, 0700) == 0, CHILD_STEP_MOUNT);
    int room = open_beneath(site->shed, label, O_RDONLY | O_DIRECTORY);
    need(site, room >= 0, CHILD_STEP_MOUNT);

    if (mount->kind == CHILD_MOUNT_PLACES) {
        int made = place(room, "new", true, 0755);
        need(site, made >= 0, CHILD_STEP_MOUNT);
        close(made);
        made = open_beneath(room, "new", O_RDONLY | O_DIRECTORY);
        for (size_t index = 0; index < mount->name_count; index++) {
            const char *path = mount->names[index];
            int at = place(made, path, path[strlen(path) - 1] == '/', 0644);
            need(site, at >= 0, CHILD_STEP_TARGET);
            close(at);
        }
        close(made);
        length += (size_t)snprintf(layers, sizeof layers, "new:");
    }
    for (size_t index = 0; index < mount->lower_count; index++) {
        snprintf(part, sizeof part, "l%zu", index);
        need(site, mkdirat(room, part, 0700) == 0 &&
                       attach(site->trees[mount->lowers[index]], room, part) == 0,
             CHILD_STEP_MOUNT);
        length += (size_t)snprintf(layers + length, sizeof layers - length, "%s%s", index ? ":" : "", part);
        if (length >= sizeof layers) {
            errno = E2BIG;
            stage_fail(site->stage, CHILD_STEP_MOUNT);
        }
    }

    const char *options[11] = { "source", "smelt", "userxattr", "", "lowerdir", layers, NULL };
    if (mount->kind == CHILD_MOUNT_OVERLAY) {
        need(site, mkdirat(room, "top", 0700) == 0 && attach(site->trees[mount->source], room, "top") == 0,
             CHILD_STEP_MOUNT);
        snprintf(upper, sizeof upper, "top/%s", mount->upper);
        snprintf(work, sizeof work, "top/%s", mount->work);
        options[6] = "upperdir";
        options[7] = upper;
        options[8] = "workdir";
        options[9] = work;
    }
    need(site, fchdir(room) == 0, CHILD_STEP_MOUNT);
    int tree = file_system("overlay", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    need(site, tree >= 0 && fchdir(site->root) == 0, CHILD_STEP_MOUNT);
    close(room);
    put_kind(site, tree, mount, true);
}

/// A fresh procfs; through our own descriptor of it, so that nothing can redirect the write, user namespaces below
/// are forbidden: in one, the command would have every capability again.
static void put_proc(struct site *site, const struct child_mount *mount) {
    const char *options[] = { NULL };
    int tree = file_system("proc", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    need(site, tree >= 0, CHILD_STEP_MOUNT);
    int limit = open_beneath(tree, "sys/user/max_user_namespaces", O_WRONLY);
    need(site, limit >= 0 && write(limit, "0", 1) == 1, CHILD_STEP_NESTING);
    close(limit);
    put_kind(site, tree, mount, true);
}

static void put_terminals(struct site *site, const struct child_mount *mount) {
    const char *options[] = { "ptmxmode", "0666", "mode", "0620", NULL };
    put_kind(site, file_system("devpts", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSYMFOLLOW), mount, true);
}

static void put_link(struct site *site, const struct child_mount *mount) {
    const char *last;
    int directory = above(site, mount->target, &last);
    need(site, directory >= 0, CHILD_STEP_TARGET);
    need(site, symlinkat(mount->contents, directory, last) == 0, CHILD_STEP_MOUNT);
}

void put_mount(struct site *site, const struct child_mount *mount) {
    switch (mount->kind) {
    case CHILD_MOUNT_BIND: put_bind(site, mount); break;
    case CHILD_MOUNT_FILE: put_file(site, mount); break;
    case CHILD_MOUNT_SCRATCH: put_scratch(site, mount); break;
    case CHILD_MOUNT_HIDE:
    case CHILD_MOUNT_MASK: put_cover(site, mount); break;
    case CHILD_MOUNT_PIN: put_pin(site, mount); break;
    case CHILD_MOUNT_MEMORY: put_memory(site, mount); break;
    case CHILD_MOUNT_SECRETS: put_secrets(site, mount); break;
    case CHILD_MOUNT_OVERLAY:
    case CHILD_MOUNT_PLACES: put_overlay(site, mount); break;
    case CHILD_MOUNT_PROC: put_proc(site, mount); break;
    case CHILD_MOUNT_TERMINALS: put_terminals(site, mount); break;
    case CHILD_MOUNT_LINK: put_link(site, mount); break;
    }
}
