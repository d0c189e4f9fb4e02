#define _GNU_SOURCE
#include "look.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Bytes of the smallest thing that is counted; as in Sandbox/DiskLook.swift. */
#define BLOCK 4096

/* Files that may be met again, in a table with room for twice as many. */
struct identity {
    dev_t device;
    ino_t number;
};
static struct identity *known;
static size_t known_count, known_room;

static bool insert(struct identity one) {
    size_t at = (size_t)((one.number * UINT64_C(0x9e3779b97f4a7c15)) >> 20) % known_room;
    while (known[at].number) {
        if (known[at].number == one.number && known[at].device == one.device) return false;
        at = (at + 1) % known_room;
    }
    known[at] = one;
    known_count++;
    return true;
}

/* False: it was there. */
static bool is_new(const struct stat *facts) {
    if (known_count * 2 >= known_room) {
        struct identity *old = known;
        size_t count = known_room;
        known_room = count ? count * 2 : 1024;
        known = calloc(known_room, sizeof *known);
        if (!known) give_up("look at so many files", ENOMEM);
        known_count = 0;
        for (size_t i = 0; i < count; i++)
            if (old[i].number) insert(old[i]);
        free(old);
    }
    return insert((struct identity){facts->st_dev, facts->st_ino});
}

void look_forget(void) {
    free(known);
    known = NULL;
    known_count = known_room = 0;
}

void look_count(struct look *look, const struct stat *facts) {
    if (!S_ISDIR(facts->st_mode) && facts->st_nlink != 1 && !is_new(facts)) return;
    uint64_t bytes = (uint64_t)facts->st_blocks * 512;
    look->bytes += bytes > BLOCK ? bytes : BLOCK;
}

/* Bounds of one look, since a session may have very many of both. */
enum { MOST_PROCESSES = 4096, MOST_DESCRIPTORS = 65536 };

/* Private memory is bounded by itself. */
static bool is_memory(int directory, const char *name) {
    char path[64];
    struct statfs system;
    snprintf(path, sizeof path, "/proc/self/fd/%d/%s", directory, name);
    return statfs(path, &system) == 0 && (system.f_type == TMPFS_MAGIC || system.f_type == HUGETLBFS_MAGIC);
}

static void look_at_process(struct look *look, const char *process, int *left) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%.20s/fd", process);
    DIR *descriptors = opendir(path);
    if (!descriptors) {
        /* It has ended. */
        if (errno == ENOENT || errno == ESRCH) return;
        give_up("look at the open files of a process", errno);
    }
    struct dirent *entry;
    while (*left > 0 && (entry = readdir(descriptors))) {
        struct stat facts;
        if (entry->d_name[0] == '.') continue;
        --*left;
        if (++look->entries % 1024 == 0) look->breathe();
        if (fstatat(dirfd(descriptors), entry->d_name, &facts, 0) != 0) continue;
        if (facts.st_nlink > 0 || !S_ISREG(facts.st_mode) || is_memory(dirfd(descriptors), entry->d_name)) continue;
        look_count(look, &facts);
    }
    closedir(descriptors);
}

void look_at_deleted(struct look *look) {
    DIR *processes = opendir("/proc");
    if (!processes) give_up("look at", errno);
    int processes_left = MOST_PROCESSES, left = MOST_DESCRIPTORS;
    struct dirent *entry;
    while ((entry = readdir(processes)) && processes_left > 0) {
        int process = atoi(entry->d_name);
        if (process <= 0 || process == getpid()) continue;
        processes_left--;
        look_at_process(look, entry->d_name, &left);
    }
    closedir(processes);
}
