// The root that the command will see. One file system in memory (the shed) holds the empty root, all private
// directories, our own files and the places where overlays are put together; the root gets bind mounts of it. When the
// old root is let go, the shed goes with it and only what was mounted stays.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "site.h"

/// Copies every source before anything is mounted, since the shed will cover a directory of the old root.
static void fetch(struct site *site) {
    const struct child *child = site->stage->child;
    // Each takes a descriptor; the command's own limit comes later.
    if (child->source_count > 256) {
        struct rlimit files;
        need(site, getrlimit(RLIMIT_NOFILE, &files) == 0, CHILD_STEP_LIMIT);
        files.rlim_cur = files.rlim_max;
        need(site, setrlimit(RLIMIT_NOFILE, &files) == 0, CHILD_STEP_LIMIT);
    }
    for (size_t index = 0; index < child->source_count; index++) {
        site->stage->where = (int)index;
        const struct child_source *source = &child->sources[index];
        site->trees[index] = source->tree >= 0 ? source->tree : child_clone_tree(source);
        need(site, site->trees[index] >= 0 || (source->fleeting && errno == ENOENT), CHILD_STEP_SOURCE);
    }
    site->stage->where = -1;
}

/// Mounts a directory of the shed once more, in the shed, with other attributes.
static int again(struct site *site, const char *directory, const char *name, uint64_t attributes) {
    int tree = clone_at(site->shed, directory, 0);
    need(site, tree >= 0 && set_attributes(tree, false, attributes, -1) == 0 && attach(tree, site->shed, name) == 0,
         CHILD_STEP_PRIVATE);
    return tree;
}

static void raise_shed(struct site *site) {
    char size[24];
    snprintf(size, sizeof size, "%llu", (unsigned long long)site->stage->child->scratch);
    const char *options[] = { "size", size, "mode", "0755", NULL };
    site->shed = file_system("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    need(site, site->shed >= 0, CHILD_STEP_PRIVATE);
    // Any directory serves that the host has; all sources are at hand by now.
    need(site, attach(site->shed, AT_FDCWD, "/usr") == 0 || attach(site->shed, AT_FDCWD, "/proc") == 0, CHILD_STEP_PRIVATE);
    need(site,
         mkdirat(site->shed, "root", 0755) == 0 && mkdirat(site->shed, "here", 0755) == 0 &&
             mkdirat(site->shed, "still", 0755) == 0 && mkdirat(site->shed, "nothing", 0555) == 0 &&
             mknodat(site->shed, "none", S_IFREG, 0) == 0,
         CHILD_STEP_PRIVATE);
    site->root = again(site, "root", "here", 0);
    site->still = again(site, "", "still", MOUNT_ATTR_RDONLY);
}

/// Turns the finished root into the only one. Nothing of the old one can be reached afterwards.
static void enter(struct site *site) {
    struct stage *stage = site->stage;
    char path[PATH_MAX];
    need(site, set_attributes(site->root, false, MOUNT_ATTR_RDONLY, -1) == 0, CHILD_STEP_ROOT);
    landlock_allow(stage, site->root, true, stage->child->landlock.root);
    need(site, fchdir(site->root) == 0 && syscall(SYS_pivot_root, ".", ".") == 0, CHILD_STEP_ROOT);
    // The old root lies on top of the new one now.
    need(site, umount2(".", MNT_DETACH) == 0 && chdir("/") == 0, CHILD_STEP_ROOT);
    if (getcwd(path, sizeof path) == NULL || strcmp(path, "/") != 0) {
        errno = EXDEV;
        stage_fail(stage, CHILD_STEP_ROOT);
    }
    if (site->parent >= 0) close(site->parent);
    close(site->root);
    close(site->still);
    close(site->shed);
}

void build_root(struct stage *stage) {
    const struct child *child = stage->child;
    int trees[child->source_count + 1];
    struct site site = { .stage = stage, .trees = trees, .parent = -1 };

    // What we make has the mode that we say.
    umask(0);
    // Before anything else: no mount of ours may show on the host.
    need(&site, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, CHILD_STEP_PRIVATE);
    landlock_begin(stage);
    fetch(&site);
    raise_shed(&site);
    for (size_t index = 0; index < child->mount_count; index++) {
        stage->where = (int)index;
        put_mount(&site, &child->mounts[index]);
    }
    stage->where = -1;
    enter(&site);
}
