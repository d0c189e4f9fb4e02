// Which ids of the host those of the child's user namespace stand for, written once by its parent.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

extern char **environ;

/// One map: the command's own id and what is mapped besides.
struct map {
    const char *file;
    const char *mapper;
    unsigned inside, outside;
    const struct child_range *ranges;
    size_t count;
};

bool put_text(pid_t pid, const char *file, const char *text) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return false;

    bool done = write(descriptor, text, strlen(text)) == (ssize_t)strlen(text);
    int saved = errno;
    close(descriptor);
    errno = saved;
    return done;
}

/// By a caller who may.
static bool write_map(const struct map *map, pid_t pid) {
    char text[64 * (MOST_RANGES + 1)];
    int length = snprintf(text, sizeof text, "%u %u 1\n", map->inside, map->outside);
    for (size_t index = 0; index < map->count; index++) {
        const struct child_range *range = &map->ranges[index];
        length += snprintf(text + length, sizeof text - (size_t)length, "%u %u %u\n", range->inside, range->outside,
                           range->count);
    }
    return put_text(pid, map->file, text);
}

/// By a program that knows which ids of others the caller may use, and has the right to map them.
static bool have_mapped(const struct map *map, pid_t pid) {
    char words[2 + 3 * (MOST_RANGES + 1)][16];
    char *arguments[3 + 3 * (MOST_RANGES + 1)] = { (char *)map->mapper };
    size_t count = 1;
    const struct child_range own = { map->inside, map->outside, 1 };
    snprintf(words[count], sizeof words[count], "%d", pid);
    arguments[count] = words[count];
    count++;
    for (size_t index = 0; index <= map->count; index++) {
        const struct child_range *range = index == 0 ? &own : &map->ranges[index - 1];
        const unsigned numbers[3] = { range->inside, range->outside, range->count };
        for (int part = 0; part < 3; part++, count++) {
            snprintf(words[count], sizeof words[count], "%u", numbers[part]);
            arguments[count] = words[count];
        }
    }

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    for (int number = 0; number < 3; number++) {
        posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0);
    }
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    pid_t mapper;
    int number = posix_spawn(&mapper, map->mapper, &actions, &attributes, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (number != 0) {
        errno = number;
        return false;
    }
    int status;
    while (waitpid(mapper, &status, 0) < 0) {
        if (errno != EINTR) return false;
    }
    if (status != 0) errno = EPERM;
    return status == 0;
}

static bool map_one(const struct map *map, pid_t pid) {
    return map->mapper == NULL ? write_map(map, pid) : have_mapped(map, pid);
}

bool map_ids(const struct child *child, pid_t pid) {
    const struct map users = {
        "uid_map", child->user_mapper, child->user, child->host_user, child->users, child->user_count,
    };
    const struct map groups = {
        "gid_map", child->group_mapper, child->group, child->host_group, child->groups, child->group_count,
    };
    // Without privilege one's own group may only be mapped once setgroups is forbidden.
    bool may = child->privileged || child->group_mapper != NULL;
    return (may || put_text(pid, "setgroups", "deny")) && map_one(&users, pid) && map_one(&groups, pid);
}
