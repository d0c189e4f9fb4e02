// Landlock, the second wall: what may be done with the files below a mount, whatever the mount itself would let
// through. A rule is added as each mount is put into the root, while its descriptor is at hand; the domain is entered
// after the last of them, since nothing can be mounted in one. See landlock(7).

#define _GNU_SOURCE
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

/// `struct landlock_ruleset_attr` as of ABI 6; an older kernel takes it when what it does not know is zero.
struct ruleset {
    uint64_t files;
    uint64_t ports;
    uint64_t scopes;
};

/// `struct landlock_path_beneath_attr`.
struct beneath {
    uint64_t rights;
    int32_t directory;
} __attribute__((packed));

enum { ASK_VERSION = 1, PATH_BENEATH = 1 };

/// Rights that a file can have; the others are of directories, and EINVAL for anything else.
enum { OF_FILES = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15 | 1 << 16 };

int child_landlock_version(void) {
    return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
}

void landlock_begin(struct stage *stage) {
    const struct child_landlock *landlock = &stage->child->landlock;
    stage->ruleset = -1;
    if (landlock->files == 0) return;

    struct ruleset judged = { .files = landlock->files, .scopes = landlock->scopes };
    stage->ruleset = (int)syscall(SYS_landlock_create_ruleset, &judged, sizeof judged, 0);
    if (stage->ruleset < 0) stage_fail(stage, CHILD_STEP_LANDLOCK);
}

void landlock_allow(struct stage *stage, int tree, bool is_directory, uint64_t rights) {
    if (!is_directory) rights &= OF_FILES;
    rights &= stage->child->landlock.files;
    if (stage->ruleset < 0 || rights == 0) return;

    struct beneath rule = { .rights = rights, .directory = tree };
    if (syscall(SYS_landlock_add_rule, stage->ruleset, PATH_BENEATH, &rule, 0) != 0) {
        stage_fail(stage, CHILD_STEP_LANDLOCK);
    }
}

void landlock_enter(struct stage *stage) {
    if (stage->ruleset < 0) return;

    if (syscall(SYS_landlock_restrict_self, stage->ruleset, stage->child->landlock.flags) != 0) {
        stage_fail(stage, CHILD_STEP_LANDLOCK);
    }
    close(stage->ruleset);
}
